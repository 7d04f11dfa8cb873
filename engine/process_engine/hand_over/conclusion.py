"""The end of the Java engine's batches that it will not end by itself, or only when it looks again.

Jobs that have no retries left stay for ever, and with them their batch. Once nothing else is left of a batch, its
failed items are read off those jobs, and what is left of it is removed as the engine's own command does that leaves the
history.

A job executor may be at work on the same rows. Jobs are locked, in the order of their ids, and then read anew: a batch
of which an executor has a job, or has made another one meanwhile, is left for the next look.

Source: DeleteBatchCmd, BatchEntity#delete, JobEntity#delete, DefaultHistoryEventProducer#createBatchEndEvent.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, delete, select, update

from process_engine.byte_arrays import delete_byte_arrays, delete_with_byte_arrays
from process_engine.database import AnyRow, in_values
from process_engine.hand_over.creation import ITEMS
from process_engine.incidents import IncidentState, end_incidents_of
from process_engine.job_log import DeletedJob, log_deleted_jobs
from process_engine.schema.general import act_ge_bytearray
from process_engine.schema.history_logs import act_hi_batch
from process_engine.schema.runtime import act_ru_variable
from process_engine.schema.runtime_jobs import act_ru_batch, act_ru_job, act_ru_jobdef
from process_engine.schema.values import JobHandler
from process_engine.transaction import Transaction

NO_MESSAGE = "the Java engine gave no message"

Failures = Mapping[str, str]
"""Messages by item."""


def conclude(transaction: Transaction, engine_batch_ids: Iterable[str]) -> dict[str, Failures]:
    """Remove batches of which nothing is left but failed jobs; the caller commits.

    Returns:
        For each batch that could be removed now, what failed of it.
    """
    ids = list(engine_batch_ids)
    if not ids:
        return {}
    locked = _lock_jobs(transaction, ids)
    jobs = _jobs_by_batch(transaction, ids)
    free = {id_: rows for id_, rows in jobs.items() if all(_is_left(transaction, row, locked) for row in rows)}
    failures = _failures(transaction, free)
    _remove(transaction, [row for rows in free.values() for row in rows])
    return failures


def _jobs(*columns: Any) -> Select[*tuple[Any, ...]]:
    batch, job = act_ru_batch.c, act_ru_job.c
    definitions = [batch.seed_job_def_id_, batch.batch_job_def_id_, batch.monitor_job_def_id_]
    return select(*columns).join_from(act_ru_batch, act_ru_job, job.job_def_id_.in_(definitions), isouter=True)


def _lock_jobs(transaction: Transaction, engine_batch_ids: Sequence[str]) -> set[str]:
    job = act_ru_job.c
    of_batches = _jobs(job.id_).where(in_values(act_ru_batch.c.id_, engine_batch_ids), job.id_.is_not(None))
    query = select(job.id_).where(job.id_.in_(of_batches)).order_by(job.id_).with_for_update()
    return set(transaction.connection.scalars(query))


def _jobs_by_batch(transaction: Transaction, engine_batch_ids: Sequence[str]) -> dict[str, list[AnyRow]]:
    """A row for each job, or one without a job for a batch that has none."""
    batch, job = act_ru_batch.c, act_ru_job.c
    query = _jobs(
        batch.id_.label("batch_id"),
        batch.configuration_.label("configuration"),
        batch.seed_job_def_id_,
        batch.batch_job_def_id_,
        batch.monitor_job_def_id_,
        job.id_.label("job_id"),
        job.handler_type_,
        job.handler_cfg_,
        job.retries_,
        job.exception_msg_,
        job.exception_stack_id_,
        job.lock_owner_,
        job.lock_exp_time_,
        job.job_def_id_,
    ).where(in_values(batch.id_, engine_batch_ids))
    found: dict[str, list[AnyRow]] = {}
    for row in transaction.connection.execute(query.order_by(batch.id_, job.id_)):
        found.setdefault(row.batch_id, []).append(row)
    return found


def _is_left(transaction: Transaction, row: AnyRow, locked: set[str]) -> bool:
    """No executor has the job, and unless it is the monitor none will take it."""
    if row.job_id is None:
        return True
    is_taken = row.lock_owner_ is not None and row.lock_exp_time_ is not None and row.lock_exp_time_ > transaction.now
    may_be_taken = row.job_def_id_ != row.monitor_job_def_id_ and (row.retries_ or 0) > 0
    return row.job_id in locked and not is_taken and not may_be_taken


# ---------------------------------------------------------------- what failed


def _failures(transaction: Transaction, jobs: Mapping[str, Sequence[AnyRow]]) -> dict[str, Failures]:
    """By the items of each failed job; a failed seed job has those that got no job."""
    failed = [
        row for rows in jobs.values() for row in rows if row.job_id and row.job_def_id_ != row.monitor_job_def_id_
    ]
    items = _items(transaction, {_configuration(row) for row in failed})
    found: dict[str, dict[str, str]] = {id_: {} for id_ in jobs}
    for row in failed:
        message = row.exception_msg_ or NO_MESSAGE
        found[row.batch_id].update(dict.fromkeys(items.get(_configuration(row), ()), message))
    return dict(found)


def _configuration(row: AnyRow) -> str:
    return row.configuration if row.handler_type_ == JobHandler.BATCH_SEED else row.handler_cfg_


def _items(transaction: Transaction, configuration_ids: Iterable[str]) -> dict[str, Sequence[str]]:
    query = select(act_ge_bytearray.c.id_, act_ge_bytearray.c.bytes_).where(
        in_values(act_ge_bytearray.c.id_, configuration_ids)
    )
    return {id_: json.loads(data or b"{}").get(ITEMS, ()) for id_, data in transaction.connection.execute(query)}


# ---------------------------------------------------------------- removal


def _remove(transaction: Transaction, rows: Sequence[AnyRow]) -> None:
    if not rows:
        return
    jobs = [row for row in rows if row.job_id is not None]
    batches = {row.batch_id: row for row in rows}
    _remove_jobs(transaction, jobs)
    execute = transaction.connection.execute
    variable = act_ru_variable.c
    delete_with_byte_arrays(transaction, variable.batch_id_, list(batches), variable.bytearray_id_)
    execute(delete(act_ru_batch).where(in_values(act_ru_batch.c.id_, batches)))
    definitions = [
        id_
        for row in batches.values()
        for id_ in (row.seed_job_def_id_, row.monitor_job_def_id_, row.batch_job_def_id_)
    ]
    execute(delete(act_ru_jobdef).where(in_values(act_ru_jobdef.c.id_, definitions)))
    configurations = [row.handler_cfg_ for row in jobs if row.job_def_id_ == row.batch_job_def_id_]
    held = [row.configuration for row in batches.values()] + [row.exception_stack_id_ for row in jobs]
    delete_byte_arrays(transaction, configurations + held)
    if transaction.history_level.keeps_logs:
        ended = update(act_hi_batch).where(in_values(act_hi_batch.c.id_, batches))
        execute(ended.values(end_time_=transaction.now))


def _remove_jobs(transaction: Transaction, jobs: Sequence[AnyRow]) -> None:
    if not jobs:
        return
    log_deleted_jobs(transaction, [DeletedJob(row.job_id, batch_id=row.batch_id) for row in jobs])
    ids = [row.job_id for row in jobs]
    transaction.connection.execute(delete(act_ru_job).where(in_values(act_ru_job.c.id_, ids)))
    end_incidents_of(transaction, ids, IncidentState.DELETED)
