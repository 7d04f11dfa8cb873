"""Filters of the query for jobs: ACT_RU_JOB."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, and_, or_, select

from process_engine.database import in_values
from process_engine.queries.conditions import (
    after,
    among,
    at_least,
    at_most,
    before,
    equals,
    is_in,
    is_true,
    until,
)
from process_engine.queries.kinds import Bounded, Flag, Id, Ids, Long, Message, Moment, Text, Texts
from process_engine.queries.vocabulary import Asked, Condition, Filter, Vocabulary, nothing
from process_engine.schema.runtime import act_ru_execution
from process_engine.schema.runtime_jobs import act_ru_job, act_ru_jobdef
from process_engine.schema.values import ACTIVE, SUSPENDED, JobType

JOB = act_ru_job.c
DEFINITION = act_ru_jobdef.c
EXECUTION = act_ru_execution.c

_instance_suspended = (
    select(EXECUTION.id_).where(EXECUTION.id_ == JOB.process_instance_id_, EXECUTION.suspension_state_ != ACTIVE)
).exists()


class TimeComparison(BaseModel):
    """A comparison with a time, for example {operator: lt, value: 2026-05-03T14:00:00+02:00}."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    operator: Literal["gt", "lt"] = Field(description="gt for later than the value, lt for earlier.")
    value: Moment = Field(description="Date and time with an offset from UTC.")


TimeComparisons = Annotated[tuple[TimeComparison, ...], Bounded(2)]


def _in_times(greater: Condition, less: Condition) -> Condition:
    def condition(comparisons: Sequence[TimeComparison], asked: Asked) -> Sequence[ColumnElement[bool]]:
        return [
            each
            for comparison in comparisons
            for each in (greater if comparison.operator == "gt" else less)(comparison.value, asked)
        ]

    return condition


def _executable(_value: Any, asked: Asked) -> Sequence[ColumnElement[bool]]:
    return [
        JOB.retries_ > 0,
        or_(JOB.duedate_.is_(None), JOB.duedate_ <= asked.clock.now()),
        or_(JOB.execution_id_.is_(None), ~_instance_suspended),
    ]


def _acquired(_value: Any, asked: Asked) -> Sequence[ColumnElement[bool]]:
    return [and_(JOB.lock_exp_time_.is_not(None), JOB.lock_exp_time_ > asked.clock.now())]


def _tenants(tenants: Sequence[str], asked: Asked) -> Sequence[ColumnElement[bool]]:
    ours = in_values(JOB.tenant_id_, tenants)
    return [or_(ours, JOB.tenant_id_.is_(None)) if asked.values.get("includeJobsWithoutTenantId") else ours]


JOBS = Vocabulary(
    subject="jobs",
    rows=act_ru_job,
    id=JOB.id_,
    exclusive=(
        ("active", "suspended"),
        ("timers", "messages"),
        ("withRetriesLeft", "noRetriesLeft"),
        ("executable", "noRetriesLeft"),
        ("tenantIdIn", "withoutTenantId"),
    ),
    ascending=(("priorityHigherThanOrEquals", "priorityLowerThanOrEquals"),),
    filters=(
        Filter("jobId", Id, "Id of the job.", equals(JOB.id_)),
        Filter("jobIds", Ids, "Ids of the jobs.", among(JOB.id_)),
        Filter("jobDefinitionId", Id, "Id of the job definition.", equals(JOB.job_def_id_)),
        Filter("processInstanceId", Id, "Id of its process instance.", equals(JOB.process_instance_id_)),
        Filter("processInstanceIds", Ids, "Ids of process instances.", among(JOB.process_instance_id_)),
        Filter("executionId", Id, "Id of its execution.", equals(JOB.execution_id_)),
        Filter("processDefinitionId", Id, "Id of the process definition.", equals(JOB.process_def_id_)),
        Filter(
            "processDefinitionKey",
            Text,
            "Key of the process definition, whatever its version.",
            equals(JOB.process_def_key_),
        ),
        Filter(
            "activityId",
            Text,
            "Id of the activity it was made for.",
            is_in(JOB.job_def_id_, select(DEFINITION.id_), equals(DEFINITION.act_id_)),
        ),
        Filter("failedActivityId", Text, "Id of the activity in which it failed.", equals(JOB.failed_act_id_)),
        Filter("withRetriesLeft", Flag, "Has retries left.", is_true(JOB.retries_ > 0)),
        Filter("noRetriesLeft", Flag, "Has no retries left.", is_true(JOB.retries_ == 0)),
        Filter("executable", Flag, "Is due, has retries left, and its instance is not suspended.", _executable),
        Filter("acquired", Flag, "Is locked by a job executor at present.", _acquired),
        Filter("timers", Flag, "Is a timer.", is_true(JOB.type_ == JobType.TIMER)),
        Filter("messages", Flag, "Is an asynchronous continuation or the like.", is_true(JOB.type_ == JobType.MESSAGE)),
        Filter(
            "withException",
            Flag,
            "Failed when it was last tried.",
            is_true(or_(JOB.exception_msg_.is_not(None), JOB.exception_stack_id_.is_not(None))),
        ),
        Filter("exceptionMessage", Message, "Message of its exception.", equals(JOB.exception_msg_)),
        Filter(
            "dueDates",
            TimeComparisons,
            "Comparisons with its due date, all of which hold.",
            _in_times(after(JOB.duedate_), before(JOB.duedate_)),
        ),
        Filter(
            "createTimes",
            TimeComparisons,
            "Comparisons with the time it was made, all of which hold.",
            _in_times(after(JOB.create_time_), until(JOB.create_time_)),
        ),
        Filter("priorityHigherThanOrEquals", Long, "Priority not below this.", at_least(JOB.priority_)),
        Filter("priorityLowerThanOrEquals", Long, "Priority not above this.", at_most(JOB.priority_)),
        Filter("active", Flag, "Not suspended.", is_true(JOB.suspension_state_ == ACTIVE)),
        Filter("suspended", Flag, "Suspended.", is_true(JOB.suspension_state_ == SUSPENDED)),
        Filter("tenantIdIn", Texts, "One of these tenants.", _tenants),
        Filter(
            "includeJobsWithoutTenantId",
            Flag,
            "With tenantIdIn: jobs of no tenant too.",
            nothing,
            modifies="tenantIdIn",
        ),
        Filter("withoutTenantId", Flag, "Belongs to no tenant.", is_true(JOB.tenant_id_.is_(None))),
    ),
)
