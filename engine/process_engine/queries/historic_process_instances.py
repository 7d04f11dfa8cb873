"""Filters of the query for process instances that are or were: ACT_HI_PROCINST."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from process_engine.queries.conditions import among, equals, is_in, is_true, like, matches, not_among, since, until
from process_engine.queries.kinds import (
    Flag,
    Id,
    Ids,
    IncidentStatus,
    Message,
    MessagePattern,
    Moment,
    Pattern,
    Patterns,
    Text,
    Texts,
)
from process_engine.queries.variables import VariableConditions, VariableTable
from process_engine.queries.vocabulary import Asked, Filter, Related, Vocabulary, nothing
from process_engine.schema.cases import act_hi_caseinst
from process_engine.schema.history import act_hi_actinst, act_hi_incident, act_hi_procinst, act_hi_varinst
from process_engine.schema.history_logs import act_hi_job_log
from process_engine.schema.repository import act_re_procdef
from process_engine.schema.runtime import act_ru_execution
from process_engine.schema.runtime_jobs import act_ru_job
from process_engine.schema.values import InstanceState

INSTANCE = act_hi_procinst.c
DEFINITION = act_re_procdef.c
INCIDENT = act_hi_incident.c
ACTIVITY = act_hi_actinst.c
JOB = act_ru_job.c
EXECUTION = act_ru_execution.c

_called = act_hi_procinst.alias("called")
_executed = act_hi_actinst.alias("executed")
_running = act_hi_actinst.alias("running")
_definitions = select(DEFINITION.id_)

_incident = Related(act_hi_incident, INCIDENT.proc_inst_id_ == INSTANCE.proc_inst_id_)
_ended_activity = Related(_executed, (_executed.c.proc_inst_id_ == INSTANCE.id_) & _executed.c.end_time_.is_not(None))
_open_activity = Related(_running, (_running.c.proc_inst_id_ == INSTANCE.id_) & _running.c.end_time_.is_(None))
_execution = Related(
    act_ru_execution, (EXECUTION.proc_inst_id_ == INSTANCE.proc_inst_id_) & EXECUTION.is_event_scope_.is_(False)
)
_retrying = (
    select(JOB.id_)
    .where(
        JOB.process_instance_id_ == INSTANCE.id_,
        JOB.retries_ > 0,
        or_(JOB.exception_msg_.is_not(None), JOB.exception_stack_id_.is_not(None)),
    )
    .exists()
)
_variables = VariableTable(
    act_hi_varinst, "var_type_", belongs=act_hi_varinst.c.proc_inst_id_ == INSTANCE.proc_inst_id_, by_name=True
)


def _key_unlike(patterns: Sequence[str], _asked: Asked) -> Sequence[ColumnElement[bool]]:
    # Unlike the query for running instances, the family takes these keys as patterns here.
    return [INSTANCE.proc_def_id_.in_(_definitions.where(*(~matches(DEFINITION.key_, each) for each in patterns)))]


def _activity_executed(_value: Any, asked: Asked) -> Sequence[ColumnElement[bool]]:
    """One activity instance within both bounds, of which either may be missing."""
    conditions = [ACTIVITY.proc_inst_id_ == INSTANCE.id_]
    if (after := asked.values.get("executedActivityAfter")) is not None:
        moment = asked.clock.local(after)
        conditions.append(or_(ACTIVITY.start_time_ >= moment, ACTIVITY.end_time_ >= moment))
    if (before := asked.values.get("executedActivityBefore")) is not None:
        moment = asked.clock.local(before)
        conditions.append(or_(ACTIVITY.start_time_ <= moment, ACTIVITY.end_time_ <= moment))
    return [select(ACTIVITY.id_).where(*conditions).exists()]


def _job_executed(_value: Any, asked: Asked) -> Sequence[ColumnElement[bool]]:
    """One entry of the job log within both bounds, of which either may be missing."""
    log = act_hi_job_log.c
    conditions = [log.process_instance_id_ == INSTANCE.id_]
    if (after := asked.values.get("executedJobAfter")) is not None:
        conditions.append(log.timestamp_ >= asked.clock.local(after))
    if (before := asked.values.get("executedJobBefore")) is not None:
        conditions.append(log.timestamp_ <= asked.clock.local(before))
    return [select(log.id_).where(*conditions).exists()]


def _incident_status(status: str, _asked: Asked) -> Sequence[ColumnElement[bool]]:
    ended = INCIDENT.end_time_.is_(None) if status == "open" else INCIDENT.end_time_.is_not(None)
    return [and_(INCIDENT.id_.is_not(None), ended)]


HISTORIC_PROCESS_INSTANCES = Vocabulary(
    subject="process instances in the history",
    rows=act_hi_procinst,
    id=INSTANCE.id_,
    has_or_queries=True,
    exclusive=(
        ("finished", "unfinished"),
        ("tenantIdIn", "withoutTenantId"),
        ("rootProcessInstances", "superProcessInstanceId"),
        ("rootProcessInstances", "superCaseInstanceId"),
    ),
    ascending=(("startedAfter", "startedBefore"), ("finishedAfter", "finishedBefore")),
    single=("active", "suspended", "completed", "externallyTerminated", "internallyTerminated"),
    filters=(
        Filter("processInstanceId", Id, "Id of the instance.", equals(INSTANCE.proc_inst_id_)),
        Filter("processInstanceIds", Ids, "Ids of the instances.", among(INSTANCE.proc_inst_id_)),
        Filter("processInstanceIdNotIn", Ids, "None of these ids.", not_among(INSTANCE.proc_inst_id_)),
        Filter(
            "rootProcessInstanceId",
            Id,
            "Id of the instance at the top of the chain of callers.",
            equals(INSTANCE.root_proc_inst_id_),
        ),
        Filter("processDefinitionId", Id, "Id of the definition.", equals(INSTANCE.proc_def_id_)),
        Filter(
            "processDefinitionName",
            Text,
            "Name of the definition.",
            is_in(INSTANCE.proc_def_id_, _definitions, equals(DEFINITION.name_)),
        ),
        Filter(
            "processDefinitionNameLike",
            Pattern,
            "Pattern of the name of the definition: % any text, _ one character.",
            is_in(INSTANCE.proc_def_id_, _definitions, like(DEFINITION.name_)),
        ),
        Filter(
            "processDefinitionKey",
            Text,
            "Key of the definition, whatever its version.",
            is_in(INSTANCE.proc_def_id_, _definitions, equals(DEFINITION.key_)),
        ),
        Filter(
            "processDefinitionKeyIn",
            Texts,
            "One of these keys of the definition.",
            is_in(INSTANCE.proc_def_id_, _definitions, among(DEFINITION.key_)),
        ),
        Filter(
            "processDefinitionKeyNotIn",
            Patterns,
            "None of these patterns of the key of the definition: % any text, _ one character.",
            _key_unlike,
        ),
        Filter("processInstanceBusinessKey", Text, "Business key.", equals(INSTANCE.business_key_)),
        Filter("processInstanceBusinessKeyIn", Texts, "One of these business keys.", among(INSTANCE.business_key_)),
        Filter(
            "processInstanceBusinessKeyLike",
            Pattern,
            "Pattern of the business key: % any text, _ one character.",
            like(INSTANCE.business_key_),
        ),
        Filter(
            "rootProcessInstances",
            Flag,
            "Not called by another instance.",
            is_true(INSTANCE.super_process_instance_id_.is_(None)),
        ),
        Filter(
            "superProcessInstanceId",
            Id,
            "Called by the instance with this id.",
            equals(INSTANCE.super_process_instance_id_),
        ),
        Filter(
            "subProcessInstanceId",
            Id,
            "Called the instance with this id.",
            is_in(
                INSTANCE.proc_inst_id_, select(_called.c.super_process_instance_id_), equals(_called.c.proc_inst_id_)
            ),
        ),
        Filter(
            "superCaseInstanceId",
            Id,
            "Called by the case instance with this id.",
            equals(INSTANCE.super_case_instance_id_),
        ),
        Filter(
            "subCaseInstanceId",
            Id,
            "Called the case instance with this id.",
            is_in(
                INSTANCE.proc_inst_id_,
                select(act_hi_caseinst.c.super_process_instance_id_),
                equals(act_hi_caseinst.c.case_inst_id_),
            ),
        ),
        Filter("caseInstanceId", Id, "Id of the case instance it belongs to.", equals(INSTANCE.case_inst_id_)),
        Filter("finished", Flag, "Has ended.", is_true(INSTANCE.end_time_.is_not(None))),
        Filter("unfinished", Flag, "Has not ended.", is_true(INSTANCE.end_time_.is_(None))),
        Filter("startedBefore", Moment, "Started at or before this time.", until(INSTANCE.start_time_)),
        Filter("startedAfter", Moment, "Started at or after this time.", since(INSTANCE.start_time_)),
        Filter("finishedBefore", Moment, "Ended at or before this time.", until(INSTANCE.end_time_)),
        Filter("finishedAfter", Moment, "Ended at or after this time.", since(INSTANCE.end_time_)),
        Filter("startedBy", Text, "Id of the user who started it.", equals(INSTANCE.start_user_id_)),
        Filter("active", Flag, "Is running and not suspended.", is_true(INSTANCE.state_ == InstanceState.ACTIVE)),
        Filter("suspended", Flag, "Is suspended.", is_true(INSTANCE.state_ == InstanceState.SUSPENDED)),
        Filter("completed", Flag, "Reached its end.", is_true(INSTANCE.state_ == InstanceState.COMPLETED)),
        Filter(
            "externallyTerminated",
            Flag,
            "Was ended from outside, by a user for example.",
            is_true(INSTANCE.state_ == InstanceState.EXTERNALLY_TERMINATED),
        ),
        Filter(
            "internallyTerminated",
            Flag,
            "Was ended from inside, by a terminating event for example.",
            is_true(INSTANCE.state_ == InstanceState.INTERNALLY_TERMINATED),
        ),
        Filter("withJobsRetrying", Flag, "Has a job that failed and will be tried again.", is_true(_retrying)),
        Filter("withIncidents", Flag, "Has or had an incident.", is_true(INCIDENT.id_.is_not(None)), _incident),
        Filter(
            "withRootIncidents",
            Flag,
            "Has or had an incident of its own, not one of an instance it called.",
            is_true(INCIDENT.id_ == INCIDENT.root_cause_incident_id_),
            _incident,
        ),
        Filter("incidentIdIn", Ids, "Ids of incidents.", among(INCIDENT.id_), _incident),
        Filter("incidentStatus", IncidentStatus, "Has an open or a resolved incident.", _incident_status, _incident),
        Filter(
            "incidentType", Text, "Type of an incident, such as failedJob.", equals(INCIDENT.incident_type_), _incident
        ),
        Filter("incidentMessage", Message, "Message of an incident.", equals(INCIDENT.incident_msg_), _incident),
        Filter(
            "incidentMessageLike",
            MessagePattern,
            "Pattern of the message of an incident: % any text, _ one character.",
            like(INCIDENT.incident_msg_),
            _incident,
        ),
        Filter(
            "executedActivityAfter", Moment, "An activity began or ended at or after this time.", _activity_executed
        ),
        Filter(
            "executedActivityBefore", Moment, "An activity began or ended at or before this time.", _activity_executed
        ),
        Filter(
            "executedActivityIdIn",
            Texts,
            "One of these activities has ended in it.",
            among(_executed.c.act_id_),
            _ended_activity,
        ),
        Filter(
            "activeActivityIdIn",
            Texts,
            "One of these activities has begun and not ended in it.",
            among(_running.c.act_id_),
            _open_activity,
        ),
        Filter(
            "activityIdIn",
            Texts,
            "Is at one of these activities, waiting before or after them included.",
            among(EXECUTION.act_id_),
            _execution,
        ),
        Filter("executedJobAfter", Moment, "The log of jobs has an entry at or after this time.", _job_executed),
        Filter("executedJobBefore", Moment, "The log of jobs has an entry at or before this time.", _job_executed),
        Filter(
            "variables", VariableConditions, "Comparisons with variables, all of which hold.", _variables.condition()
        ),
        Filter(
            "variableNamesIgnoreCase",
            Flag,
            "Upper and lower case of variable names are the same.",
            nothing,
            modifies="variables",
        ),
        Filter(
            "variableValuesIgnoreCase",
            Flag,
            "Upper and lower case of variable values are the same.",
            nothing,
            modifies="variables",
        ),
        Filter("tenantIdIn", Texts, "One of these tenants.", among(INSTANCE.tenant_id_)),
        Filter("withoutTenantId", Flag, "Belongs to no tenant.", is_true(INSTANCE.tenant_id_.is_(None))),
    ),
)
