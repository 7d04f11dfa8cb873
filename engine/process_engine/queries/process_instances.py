"""Filters of the query for running process instances: executions without a parent in ACT_RU_EXECUTION."""

from sqlalchemy import select

from process_engine.queries.conditions import among, equals, is_in, is_true, like, not_among
from process_engine.queries.kinds import Flag, Id, Ids, Message, MessagePattern, Pattern, Text, Texts
from process_engine.queries.variables import VariableConditions, VariableTable
from process_engine.queries.vocabulary import Filter, Related, Vocabulary, nothing
from process_engine.schema.cases import act_ru_case_execution
from process_engine.schema.repository import act_re_procdef
from process_engine.schema.runtime import act_ru_execution, act_ru_incident, act_ru_variable
from process_engine.schema.values import ACTIVE, SUSPENDED

INSTANCE = act_ru_execution.c
DEFINITION = act_re_procdef.c
INCIDENT = act_ru_incident.c

_any_execution = act_ru_execution.alias("any_execution")
_waiting = act_ru_execution.alias("waiting")
_called = act_ru_execution.alias("called")
_calling = act_ru_execution.alias("calling")
_case = act_ru_case_execution.alias("case_execution")

_definitions = select(DEFINITION.id_)
_executions = select(_any_execution.c.id_)
_incident = Related(act_ru_incident, INCIDENT.proc_inst_id_ == INSTANCE.id_)
_execution = Related(_waiting, (_waiting.c.proc_inst_id_ == INSTANCE.id_) & _waiting.c.is_event_scope_.is_(False))
_calls_another = (
    select(_calling.c.id_)
    .join(_called, _called.c.super_exec_ == _calling.c.id_)
    .where(_calling.c.proc_inst_id_ == INSTANCE.id_, _called.c.id_ == _called.c.proc_inst_id_)
    .exists()
)
_variables = VariableTable(act_ru_variable, "type_", belongs=act_ru_variable.c.execution_id_ == INSTANCE.id_)

PROCESS_INSTANCES = Vocabulary(
    subject="running process instances",
    rows=act_ru_execution,
    id=INSTANCE.id_,
    base=(INSTANCE.parent_id_.is_(None),),
    has_or_queries=True,
    exclusive=(
        ("active", "suspended"),
        ("tenantIdIn", "withoutTenantId"),
        ("rootProcessInstances", "superProcessInstance"),
        ("leafProcessInstances", "subProcessInstance"),
    ),
    filters=(
        Filter("processInstanceIds", Ids, "Ids of the instances.", among(INSTANCE.proc_inst_id_)),
        Filter(
            "deploymentId",
            Id,
            "Id of the deployment of the definition.",
            is_in(INSTANCE.proc_def_id_, _definitions, equals(DEFINITION.deployment_id_)),
        ),
        Filter("processDefinitionId", Id, "Id of the definition.", equals(INSTANCE.proc_def_id_)),
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
            Texts,
            "None of these keys of the definition.",
            is_in(INSTANCE.proc_def_id_, _definitions, not_among(DEFINITION.key_)),
        ),
        Filter("businessKey", Text, "Business key.", equals(INSTANCE.business_key_)),
        Filter(
            "businessKeyLike",
            Pattern,
            "Pattern of the business key: % any text, _ one character.",
            like(INSTANCE.business_key_),
        ),
        Filter("caseInstanceId", Id, "Id of the case instance it belongs to.", equals(INSTANCE.case_inst_id_)),
        Filter(
            "rootProcessInstanceId",
            Id,
            "Id of the instance at the top of the chain of callers.",
            equals(INSTANCE.root_proc_inst_id_),
        ),
        Filter(
            "superProcessInstance",
            Id,
            "Called by the instance with this id.",
            is_in(INSTANCE.super_exec_, _executions, equals(_any_execution.c.proc_inst_id_)),
        ),
        Filter(
            "subProcessInstance",
            Id,
            "Calls the instance with this id.",
            is_in(
                INSTANCE.id_,
                select(_calling.c.proc_inst_id_).join(_called, _called.c.super_exec_ == _calling.c.id_),
                equals(_called.c.id_),
            ),
        ),
        Filter(
            "superCaseInstance",
            Id,
            "Called by the case instance with this id.",
            is_in(INSTANCE.super_case_exec_, select(_case.c.id_), equals(_case.c.case_inst_id_)),
        ),
        Filter(
            "subCaseInstance",
            Id,
            "Calls the case instance with this id.",
            is_in(
                INSTANCE.id_,
                select(_any_execution.c.proc_inst_id_).join(_case, _case.c.super_exec_ == _any_execution.c.id_),
                equals(_case.c.id_),
            ),
        ),
        Filter(
            "rootProcessInstances", Flag, "Not called by another instance.", is_true(INSTANCE.super_exec_.is_(None))
        ),
        Filter("leafProcessInstances", Flag, "Calls no other instance.", is_true(~_calls_another)),
        Filter("active", Flag, "Not suspended.", is_true(INSTANCE.suspension_state_ == ACTIVE)),
        Filter("suspended", Flag, "Suspended.", is_true(INSTANCE.suspension_state_ == SUSPENDED)),
        Filter("withIncident", Flag, "Has an incident.", is_true(INCIDENT.id_.is_not(None)), _incident),
        Filter("incidentId", Id, "Id of an incident it has.", equals(INCIDENT.id_), _incident),
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
            "activityIdIn",
            Texts,
            "Is at one of these activities, waiting before or after them included.",
            among(_waiting.c.act_id_),
            _execution,
        ),
        Filter(
            "variables",
            VariableConditions,
            "Comparisons with variables of the instance itself, all of which hold.",
            _variables.condition(),
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
        Filter(
            "processDefinitionWithoutTenantId",
            Flag,
            "The definition belongs to no tenant.",
            is_in(INSTANCE.proc_def_id_, _definitions, is_true(DEFINITION.tenant_id_.is_(None))),
        ),
    ),
)
