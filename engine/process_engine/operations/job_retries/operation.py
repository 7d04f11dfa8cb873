"""Setting the retries of jobs.

Retries going from 0 up resolve the job's incident, going down to 0 make one; both reach up the chain of callers. Lock,
exception message and failure log stay, except for a lock that cannot be right. A job whose values stay the same is not
written at all.

Source: SetJobRetriesCmd, JobEntity#setRetries, IncidentHandling.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import Select, String, bindparam, select, update

from process_engine.database import AnyRow, in_parameter, row_values, values_parameter
from process_engine.errors import NotFoundError, ProcessEngineError
from process_engine.incidents import (
    IncidentState,
    NewIncident,
    create_incidents,
    end_incidents_of,
    with_incident,
)
from process_engine.operation_base.options import UNSET
from process_engine.operation_base.outcome import Outcome, SkipReason
from process_engine.operation_log import LogEntry, PropertyChange, write_log, write_summary
from process_engine.revisions import update_revised
from process_engine.schema.history import act_hi_incident
from process_engine.schema.repository import act_re_procdef
from process_engine.schema.runtime import act_ru_execution
from process_engine.schema.runtime_jobs import act_ru_job, act_ru_jobdef
from process_engine.schema.values import IncidentType
from process_engine.transaction import Transaction

SET_JOB_RETRIES = ("SetJobRetries", "Job")

DueDate = datetime | None | Literal["unset"]


@dataclass(frozen=True, kw_only=True)
class JobValues:
    """What is set: `retries` of at least 0, and a due date in the engine's local time where one is given."""

    retries: int
    due_date: DueDate = UNSET


def check(values: JobValues) -> None:
    """Raise what the engine says of values that no job can have."""
    if values.retries < 0:
        raise ProcessEngineError(
            f"ENGINE-13054 The number of job retries must be a non-negative Integer, but '{values.retries}' "
            "has been provided."
        )


def set_job_retries(transaction: Transaction, job_ids: Sequence[str], values: JobValues) -> Outcome:
    """Set the retries, and the due date where given, of jobs; ids that are not there fail.

    Args:
        transaction: The caller commits.
        job_ids: Ids of ACT_RU_JOB; duplicates are written once and logged each time, as the engine does.
        values: What is set.
    """
    values = _with_due_date_ensured(transaction, values)
    jobs = _lock(transaction, job_ids, values)
    changed = [job for job in jobs.values() if job.changes]
    _write(transaction, changed, values)
    _manage_incidents(transaction, changed, values.retries)
    _log(transaction, [id_ for id_ in job_ids if id_ in jobs], jobs, values)
    return Outcome(
        succeeded=[job.id_ for job in changed],
        skipped={id_: SkipReason.VALUE_UNCHANGED for id_, job in jobs.items() if not job.changes},
        failed={id_: _not_found(id_) for id_ in job_ids if id_ not in jobs},
    )


def _not_found(job_id: str) -> NotFoundError:
    return NotFoundError(f"ENGINE-13053 No job found with id '{job_id}'.'")


def _with_due_date_ensured(transaction: Transaction, values: JobValues) -> JobValues:
    if values.due_date is None and transaction.configuration.ensure_job_due_date_not_null:
        return JobValues(retries=values.retries, due_date=transaction.now)
    return values


def _lock(transaction: Transaction, job_ids: Sequence[str], values: JobValues) -> dict[str, AnyRow]:
    """Lock jobs and read them: what they are, whether `unlocks` their lock cannot be right, whether anything `changes`.

    Source: JobEntity#isInInconsistentLockState.
    """
    given: dict[str, Any] = {"ids": job_ids, "retries": values.retries}
    has_due_date = values.due_date != UNSET
    if has_due_date:
        given["due_date"] = values.due_date
    rows = transaction.connection.execute(_locked(has_due_date=has_due_date), given).all()
    return {row.id_: row for row in rows}


@cache
def _locked(*, has_due_date: bool) -> Select[*tuple[Any, ...]]:
    # SELECT id_, rev_, retries_, duedate_,
    #   lock_owner_ IS NOT NULL AND lock_exp_time_ IS NULL OR retries_ = 0 AND (… either …) AS unlocks,
    #   retries_ IS DISTINCT FROM :retries OR unlocks … OR duedate_ IS DISTINCT FROM :due_date AS changes
    # FROM act_ru_job WHERE id_ = ANY(:ids) ORDER BY id_ FOR UPDATE
    table = act_ru_job.c
    owned, expires = table.lock_owner_.is_not(None), table.lock_exp_time_.is_not(None)
    unlocks = (owned & ~expires) | ((table.retries_ == 0) & (owned | expires))
    changes = table.retries_.is_distinct_from(bindparam("retries", type_=table.retries_.type)) | unlocks
    if has_due_date:
        changes |= table.duedate_.is_distinct_from(bindparam("due_date", type_=table.duedate_.type))
    columns = (
        table.id_,
        table.rev_,
        table.retries_,
        table.duedate_,
        unlocks.label("unlocks"),
        changes.label("changes"),
    )
    return select(*columns).where(in_parameter(table.id_)).order_by(table.id_).with_for_update()


def _write(transaction: Transaction, jobs: Sequence[AnyRow], values: JobValues) -> None:
    new: dict[str, Any] = {"retries_": values.retries}
    if values.due_date != UNSET:
        new["duedate_"] = values.due_date
    unlocked = new | {"lock_owner_": None, "lock_exp_time_": None}
    consistent = [(job.id_, job.rev_) for job in jobs if not job.unlocks]
    update_revised(transaction.connection, act_ru_job, consistent, new)
    if len(consistent) < len(jobs):
        inconsistent = [(job.id_, job.rev_) for job in jobs if job.unlocks]
        update_revised(transaction.connection, act_ru_job, inconsistent, unlocked)


def _manage_incidents(transaction: Transaction, changed: Sequence[AnyRow], retries: int) -> None:
    if retries > 0:
        resumed = [job.id_ for job in changed if job.retries_ == 0]
        end_incidents_of(transaction, resumed, IncidentState.RESOLVED)
    elif transaction.configuration.create_incident_on_failed_job:
        _create_missing_incidents(transaction, [job.id_ for job in changed if (job.retries_ or 0) > 0])


def _create_missing_incidents(transaction: Transaction, job_ids: Sequence[str]) -> None:
    if not job_ids:
        return
    there = with_incident(transaction, IncidentType.FAILED_JOB, job_ids)
    jobs = transaction.connection.execute(INCIDENT_SOURCES, {"ids": job_ids}).all()
    create_incidents(transaction, IncidentType.FAILED_JOB, [_incident(job) for job in jobs if job.id_ not in there])
    logs = [(id_, job.last_failure_log_id_) for job in jobs for id_ in there.get(job.id_, ())]
    _point_to_last_failure(transaction, logs)


def _incident_sources() -> Select[*tuple[Any, ...]]:
    # SELECT job.…, definition.id_, definition.act_id_, execution.act_id_ FROM act_ru_job job
    # LEFT JOIN act_ru_jobdef definition ON definition.id_ = job.job_def_id_
    # LEFT JOIN act_ru_execution execution ON execution.id_ = job.execution_id_
    # WHERE job.id_ = ANY(:ids) ORDER BY job.id_
    job, definition, execution = act_ru_job.c, act_ru_jobdef.c, act_ru_execution.c
    return (
        select(
            job.id_,
            job.execution_id_,
            job.process_def_id_,
            job.tenant_id_,
            job.job_def_id_,
            job.exception_msg_,
            job.failed_act_id_,
            job.last_failure_log_id_,
            definition.id_.label("definition_id"),
            definition.act_id_.label("definition_act_id"),
            execution.act_id_.label("execution_act_id"),
        )
        .join_from(act_ru_job, act_ru_jobdef, definition.id_ == job.job_def_id_, isouter=True)
        .outerjoin(act_ru_execution, execution.id_ == job.execution_id_)
        .where(in_parameter(job.id_))
        .order_by(job.id_)
    )


INCIDENT_SOURCES = _incident_sources()


def _incident(job: AnyRow) -> NewIncident:
    return NewIncident(
        configuration=job.id_,
        execution_id=job.execution_id_,
        activity_id=job.definition_act_id if job.definition_id is not None else job.execution_act_id,
        failed_activity_id=job.failed_act_id_,
        process_definition_id=job.process_def_id_,
        tenant_id=job.tenant_id_,
        job_definition_id=job.job_def_id_,
        message=job.exception_msg_,
        history_configuration=job.last_failure_log_id_,
    )


LOGS = {"id": String(), "log": String()}
_given = values_parameter(LOGS).c
POINTED = update(act_hi_incident).where(act_hi_incident.c.id_ == _given.id).values(history_configuration_=_given.log)


def _point_to_last_failure(transaction: Transaction, logs: Sequence[tuple[str, str | None]]) -> None:
    """An incident that was there already (retries set by job definition leave it) is kept; its history is renewed."""
    if not logs or not transaction.history_level.keeps_logs:
        return
    transaction.connection.execute(POINTED, row_values(transaction.connection, LOGS, logs))


# ---------------------------------------------------------------- by job definition


def set_job_retries_of_definition(transaction: Transaction, job_definition_id: str, values: JobValues) -> None:
    """Set the retries of all failed jobs of a definition. Their incidents stay, as the engine leaves them.

    Source: JobManager#updateFailedJobRetriesByJobDefinitionId.
    """
    values = _with_due_date_ensured(transaction, values)
    table = act_ru_job.c
    new: dict[str, Any] = {"retries_": values.retries, "lock_owner_": None, "lock_exp_time_": None}
    if values.due_date != UNSET:
        new["duedate_"] = values.due_date
    failed = (table.job_def_id_ == job_definition_id) & (table.retries_ == 0)
    transaction.connection.execute(update(act_ru_job).where(failed).values(rev_=table.rev_ + 1, **new))
    if transaction.writes_operation_log:
        entry = LogEntry(
            changes=_changes_logged(None, None, values), context=_definition(transaction, job_definition_id)
        )
        write_log(transaction, SET_JOB_RETRIES, [entry])


def _definition(transaction: Transaction, job_definition_id: str) -> dict[str, str | None]:
    table, process = act_ru_jobdef.c, act_re_procdef.c
    # The deployment is the process definition's: that of the job definition is not always set.
    query = (
        select(table.proc_def_id_, table.proc_def_key_, process.deployment_id_, table.tenant_id_)
        .join_from(act_ru_jobdef, act_re_procdef, process.id_ == table.proc_def_id_, isouter=True)
        .where(table.id_ == job_definition_id)
    )
    row = transaction.connection.execute(query).mappings().first()
    return {"job_def_id_": job_definition_id, **(row or {})}


# ---------------------------------------------------------------- operation log


def _log(transaction: Transaction, job_ids: Sequence[str], jobs: dict[str, AnyRow], values: JobValues) -> None:
    if not transaction.writes_operation_log or not job_ids:
        return
    rows = transaction.connection.execute(CONTEXTS, {"ids": job_ids}).mappings()
    contexts = {row["job_id_"]: dict(row) for row in rows}
    before = {id_: (job.retries_, job.duedate_) for id_, job in jobs.items()}
    entries: list[LogEntry] = []
    for id_ in job_ids:
        entries.append(LogEntry(changes=_changes_logged(*before[id_], values), context=contexts[id_]))
        before[id_] = (values.retries, before[id_][1] if values.due_date == UNSET else values.due_date)
    write_log(transaction, SET_JOB_RETRIES, entries)


def _changes_logged(retries: int | None, due_date: datetime | None, values: JobValues) -> list[PropertyChange]:
    changes = [PropertyChange("retries", retries, values.retries)]
    if values.due_date != UNSET:
        changes.append(PropertyChange("dueDate", due_date, values.due_date))
    return changes


def _contexts() -> Select[*tuple[Any, ...]]:
    # SELECT job.…, instance.root_proc_inst_id_ FROM act_ru_job job
    # LEFT JOIN act_ru_execution own ON own.id_ = job.execution_id_
    # LEFT JOIN act_ru_execution instance ON instance.id_ = own.proc_inst_id_ WHERE job.id_ = ANY(:ids)
    job, own = act_ru_job.c, act_ru_execution.c
    instance = act_ru_execution.alias("instance")
    return (
        select(
            job.id_.label("job_id_"),
            job.job_def_id_,
            job.process_instance_id_.label("proc_inst_id_"),
            job.process_def_id_.label("proc_def_id_"),
            job.process_def_key_.label("proc_def_key_"),
            job.deployment_id_,
            job.tenant_id_,
            instance.c.root_proc_inst_id_,
        )
        .join_from(act_ru_job, act_ru_execution, own.id_ == job.execution_id_, isouter=True)
        .outerjoin(instance, instance.c.id_ == own.proc_inst_id_)
        .where(in_parameter(job.id_))
    )


CONTEXTS = _contexts()


def log_batch(transaction: Transaction, count: int, retries: int) -> None:
    """Log the creation of a batch of `count` jobs. Source: AbstractSetJobsRetriesBatchCmd."""
    write_summary(transaction, SET_JOB_RETRIES, count, in_batch=True, retries=retries)


def check_ids(job_ids: Sequence[str | None] | None) -> None:
    """Raise what the engine says of a list that names no job. Source: SetJobRetriesBuilderImpl."""
    if job_ids is None:
        raise ProcessEngineError("job ids is null")
    if not job_ids:
        raise ProcessEngineError("job ids is empty")
    if None in job_ids:
        raise NotFoundError("ENGINE-13053 No job found with id 'null'.'")
