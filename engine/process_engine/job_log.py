"""The log of jobs (ACT_HI_JOB_LOG): what history is told when jobs come and go.

Source: DefaultHistoryEventProducer#createHistoricJobLogCreateEvt, #createHistoricJobLogDeleteEvt.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import DateTime, Insert, String, bindparam, func, insert, literal, select

from process_engine.database import NOW, row_values, values_parameter
from process_engine.host import host_name
from process_engine.removal_time import removal_times
from process_engine.schema.history_logs import act_hi_batch, act_hi_job_log
from process_engine.schema.runtime_jobs import act_ru_job, act_ru_jobdef
from process_engine.transaction import Transaction

CREATED, DELETED = 0, 3
"""JOB_STATE_ of ACT_HI_JOB_LOG."""

COLUMNS = {
    "id_": String(),
    "root_id_": String(),
    "act_id_": String(),
    "removal_time_": DateTime(),
    "batch_id_": String(),
    "log_id_": String(),
}


class DeletedJob(NamedTuple):
    """A job that goes, and what its row does not say.

    Attributes:
        root_process_instance_id: Of the execution that it belongs to.
        activity_id: Where that execution is, for a job that has no definition.
        removal_time: Under the strategy `Start`; a batch's job has that of its batch.
        batch_id: The engine's batch that it belongs to.
    """

    id: str
    root_process_instance_id: str | None = None
    activity_id: str | None = None
    removal_time: datetime | None = None
    batch_id: str | None = None


def log_created_jobs(
    transaction: Transaction, roots: Mapping[str, str | None], without_removal_time: Collection[str]
) -> None:
    """Log jobs that were inserted.

    Args:
        transaction: The caller commits.
        roots: Root process instances, by job.
        without_removal_time: Root process instances whose removal time history has forgotten.
    """
    removal = removal_times(transaction, {root for root in roots.values() if root not in without_removal_time})
    _log(transaction, [DeletedJob(id_, root, None, removal.get(root)) for id_, root in roots.items()], CREATED)


def log_deleted_jobs(transaction: Transaction, jobs: Sequence[DeletedJob]) -> None:
    """Log jobs that are about to be deleted."""
    _log(transaction, jobs, DELETED)


def _log(transaction: Transaction, jobs: Sequence[DeletedJob], state: int) -> None:
    if not jobs or not transaction.history_level.keeps_logs:
        return
    rows = [(*job, transaction.new_id()) for job in jobs]
    present = frozenset(column.name for column in act_hi_job_log.c if transaction.has(column))
    values = row_values(transaction.connection, COLUMNS, rows)
    transaction.connection.execute(_logged(state, present), values | {"now": transaction.now, "host": host_name()})


@cache
def _logged(state: int, present: frozenset[str]) -> Insert:
    # INSERT INTO act_hi_job_log SELECT … FROM given JOIN act_ru_job … LEFT JOIN act_ru_jobdef … LEFT JOIN …
    job, definition, given = act_ru_job.c, act_ru_jobdef.c, values_parameter(COLUMNS)
    values: dict[str, Any] = {
        "id_": given.c.log_id_,
        "timestamp_": NOW,
        "job_id_": job.id_,
        "job_duedate_": job.duedate_,
        "job_retries_": job.retries_,
        "job_priority_": job.priority_,
        "job_state_": literal(state),
        "job_def_id_": definition.id_,
        "job_def_type_": func.coalesce(definition.job_type_, job.handler_type_),
        "job_def_configuration_": definition.job_configuration_,
        "act_id_": func.coalesce(definition.act_id_, given.c.act_id_),
        "failed_act_id_": job.failed_act_id_,
        "execution_id_": job.execution_id_,
        "root_proc_inst_id_": given.c.root_id_,
        "process_instance_id_": job.process_instance_id_,
        "process_def_id_": job.process_def_id_,
        "process_def_key_": job.process_def_key_,
        "deployment_id_": job.deployment_id_,
        "sequence_counter_": job.sequence_counter_ + (1 if state == DELETED else 0),
        "tenant_id_": job.tenant_id_,
        "hostname_": bindparam("host", type_=String()),
        "removal_time_": func.coalesce(given.c.removal_time_, act_hi_batch.c.removal_time_),
        "batch_id_": given.c.batch_id_,
    }
    columns = {name: value for name, value in values.items() if name in present}
    query = (
        select(*(value.label(name) for name, value in columns.items()))
        .join_from(given, act_ru_job, job.id_ == given.c.id_)
        .join(act_ru_jobdef, definition.id_ == job.job_def_id_, isouter=True)
        .join(act_hi_batch, act_hi_batch.c.id_ == given.c.batch_id_, isouter=True)
    )
    return insert(act_hi_job_log).from_select(list(columns), query)
