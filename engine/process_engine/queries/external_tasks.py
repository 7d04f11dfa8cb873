"""Filters of the query for external tasks: ACT_RU_EXT_TASK."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from process_engine.queries.conditions import (
    after,
    among,
    at_least,
    at_most,
    before,
    equals,
    is_in,
    is_true,
    like,
)
from process_engine.queries.kinds import Flag, Id, Ids, Long, Moment, Pattern, Text, Texts
from process_engine.queries.variables import VariableConditions, VariableTable
from process_engine.queries.vocabulary import Asked, Filter, Vocabulary, nothing
from process_engine.schema.repository import act_re_procdef
from process_engine.schema.runtime import act_ru_variable
from process_engine.schema.runtime_jobs import act_ru_ext_task
from process_engine.schema.values import ACTIVE, SUSPENDED

TASK = act_ru_ext_task.c
DEFINITION = act_re_procdef.c

_definitions = select(DEFINITION.id_)
_variables = VariableTable(
    act_ru_variable,
    "type_",
    belongs=(act_ru_variable.c.proc_inst_id_ == TASK.proc_inst_id_) & act_ru_variable.c.task_id_.is_(None),
)


def _locked(_value: Any, asked: Asked) -> Sequence[ColumnElement[bool]]:
    return [TASK.lock_exp_time_ > asked.clock.now()]


def _not_locked(_value: Any, asked: Asked) -> Sequence[ColumnElement[bool]]:
    return [or_(TASK.lock_exp_time_.is_(None), TASK.lock_exp_time_ < asked.clock.now())]


EXTERNAL_TASKS = Vocabulary(
    subject="external tasks",
    rows=act_ru_ext_task,
    id=TASK.id_,
    exclusive=(("active", "suspended"), ("locked", "notLocked"), ("withRetriesLeft", "noRetriesLeft")),
    ascending=(
        ("priorityHigherThanOrEquals", "priorityLowerThanOrEquals"),
        ("lockExpirationAfter", "lockExpirationBefore"),
    ),
    filters=(
        Filter("externalTaskId", Id, "Id of the task.", equals(TASK.id_)),
        Filter("externalTaskIdIn", Ids, "Ids of the tasks.", among(TASK.id_)),
        Filter("processInstanceId", Id, "Id of its process instance.", equals(TASK.proc_inst_id_)),
        Filter("processInstanceIdIn", Ids, "Ids of process instances.", among(TASK.proc_inst_id_)),
        Filter("executionId", Id, "Id of its execution.", equals(TASK.execution_id_)),
        Filter("processDefinitionId", Id, "Id of the process definition.", equals(TASK.proc_def_id_)),
        Filter(
            "processDefinitionKey",
            Text,
            "Key of the process definition, whatever its version.",
            is_in(TASK.proc_def_id_, _definitions, equals(DEFINITION.key_)),
        ),
        Filter(
            "processDefinitionKeyIn",
            Texts,
            "One of these keys of the process definition.",
            is_in(TASK.proc_def_id_, _definitions, among(DEFINITION.key_)),
        ),
        Filter(
            "processDefinitionName",
            Text,
            "Name of the process definition.",
            is_in(TASK.proc_def_id_, _definitions, equals(DEFINITION.name_)),
        ),
        Filter(
            "processDefinitionNameLike",
            Pattern,
            "Pattern of the name of the process definition: % any text, _ one character.",
            is_in(TASK.proc_def_id_, _definitions, like(DEFINITION.name_)),
        ),
        Filter("topicName", Text, "Topic that workers fetch it by.", equals(TASK.topic_name_)),
        Filter("workerId", Text, "Id of the worker that fetched it last.", equals(TASK.worker_id_)),
        Filter("activityId", Text, "Id of its activity.", equals(TASK.act_id_)),
        Filter("activityIdIn", Texts, "One of these activities.", among(TASK.act_id_)),
        Filter("locked", Flag, "Is locked by a worker at present.", _locked),
        Filter("notLocked", Flag, "Is not locked at present.", _not_locked),
        Filter("lockExpirationBefore", Moment, "The lock ends before this time.", before(TASK.lock_exp_time_)),
        Filter("lockExpirationAfter", Moment, "The lock ends after this time.", after(TASK.lock_exp_time_)),
        Filter(
            "withRetriesLeft",
            Flag,
            "Has retries left, or was never given a number of them.",
            is_true(or_(TASK.retries_.is_(None), TASK.retries_ > 0)),
        ),
        Filter("noRetriesLeft", Flag, "Has no retries left.", is_true(TASK.retries_ == 0)),
        Filter("priorityHigherThanOrEquals", Long, "Priority not below this.", at_least(TASK.priority_)),
        Filter("priorityLowerThanOrEquals", Long, "Priority not above this.", at_most(TASK.priority_)),
        Filter("active", Flag, "Not suspended.", is_true(TASK.suspension_state_ == ACTIVE)),
        Filter("suspended", Flag, "Suspended.", is_true(TASK.suspension_state_ == SUSPENDED)),
        Filter("tenantIdIn", Texts, "One of these tenants.", among(TASK.tenant_id_)),
        Filter(
            "processVariables",
            VariableConditions,
            "Comparisons with variables of the instance, all of which hold.",
            _variables.condition(),
        ),
        Filter(
            "variableNamesIgnoreCase",
            Flag,
            "Upper and lower case of variable names are the same.",
            nothing,
            modifies="processVariables",
        ),
        Filter(
            "variableValuesIgnoreCase",
            Flag,
            "Upper and lower case of variable values are the same.",
            nothing,
            modifies="processVariables",
        ),
    ),
)
