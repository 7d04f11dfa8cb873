"""The queries as a manifest has them, each made from its vocabulary."""

from process_engine.queries.external_tasks import EXTERNAL_TASKS
from process_engine.queries.historic_process_instances import HISTORIC_PROCESS_INSTANCES
from process_engine.queries.jobs import JOBS
from process_engine.queries.model import query_model
from process_engine.queries.process_instances import PROCESS_INSTANCES


class ProcessInstanceQuery(query_model("ProcessInstanceQuery", PROCESS_INSTANCES)):
    """Running process instances for which every given filter holds."""


class HistoricProcessInstanceQuery(query_model("HistoricProcessInstanceQuery", HISTORIC_PROCESS_INSTANCES)):
    """Process instances, running and ended, for which every given filter holds."""


class JobQuery(query_model("JobQuery", JOBS)):
    """Jobs for which every given filter holds."""


class ExternalTaskQuery(query_model("ExternalTaskQuery", EXTERNAL_TASKS)):
    """External tasks for which every given filter holds."""
