"""The operations: one row each, from which manifests, rules, selectors, services and batches follow.

Loading this loads the models of their options and nothing else; what an operation does is loaded when it is asked for.
"""

from functools import cache

from process_engine.operation_base.kind import OperationKind, Selectors
from process_engine.operation_base.service import Service
from process_engine.operations.cancellation.manifest import CancellationOptions
from process_engine.operations.external_task_retries.manifest import ExternalTaskRetriesOptions
from process_engine.operations.historic_deletion.manifest import HistoricDeletionOptions
from process_engine.operations.job_retries.manifest import JobRetriesOptions
from process_engine.operations.migration.manifest import MigrationOptions

KINDS = (
    OperationKind(
        name="Cancellation",
        effect="ends running process instances",
        options=CancellationOptions,
        selectors=Selectors(ids=("processInstances",), queries=("processInstances", "historicProcessInstances")),
        service="runtime",
    ),
    OperationKind(
        name="HistoricDeletion",
        effect="removes ended process instances",
        options=HistoricDeletionOptions,
        selectors=Selectors(ids=("processInstances",), queries=("historicProcessInstances",)),
        service="history",
    ),
    OperationKind(
        name="JobRetries",
        effect="sets the retries of jobs",
        options=JobRetriesOptions,
        selectors=Selectors(
            ids=("jobs", "processInstances"), queries=("jobs", "processInstances", "historicProcessInstances")
        ),
        service="management",
    ),
    OperationKind(
        name="ExternalTaskRetries",
        effect="sets the retries of external tasks",
        options=ExternalTaskRetriesOptions,
        selectors=Selectors(
            ids=("externalTasks", "processInstances"),
            queries=("externalTasks", "processInstances", "historicProcessInstances"),
        ),
        service="external_tasks",
    ),
    OperationKind(
        name="Migration",
        effect="takes running process instances to another process definition",
        options=MigrationOptions,
        selectors=Selectors(ids=("processInstances",), queries=("processInstances",)),
        service="runtime",
    ),
)

_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_of(operation_type: str) -> OperationKind:
    """The operation of a type.

    Raises:
        KeyError: There is none.
    """
    return _BY_NAME[operation_type]


SERVICES = {
    "runtime": "RuntimeService",
    "management": "ManagementService",
    "external_tasks": "ExternalTaskService",
    "history": "HistoryService",
}
"""The family's names of the engine's services."""


@cache
def service_class(service: str) -> type[Service]:
    """One of the family's services: the synchronous methods of all operations that have theirs there."""
    parts = tuple(kind.synchronous for kind in KINDS if kind.service == service)
    name = SERVICES[service]
    return type(name, parts, {"__doc__": f"Synchronous methods, each on a list. Source: {name}."})
