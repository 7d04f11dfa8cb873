"""How far the Java engine is with its batches, read with one statement for all of them. Nothing is locked."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select, union_all

from process_engine.database import in_values
from process_engine.hand_over.creation import ITEMS
from process_engine.schema.general import act_ge_bytearray
from process_engine.schema.runtime_jobs import act_ru_batch, act_ru_job
from process_engine.transaction import Transaction


@dataclass(frozen=True, kw_only=True)
class BatchProgress:
    """A batch of the Java engine as its rows show it.

    Attributes:
        open_items: Jobs left, and items that have no job yet.
        is_over: No job is left that an executor would take: each is done or has no retries left.
        is_worked_on: An executor has locked a job.
        signature: Changes with everything that an executor does for an item.
    """

    open_items: int
    is_over: bool
    is_worked_on: bool
    signature: str


def read_progress(transaction: Transaction, engine_batch_ids: Iterable[str]) -> dict[str, BatchProgress]:
    """How far batches are, by id; those that have ended are not there any more."""
    query = _query(transaction).where(in_values(act_ru_batch.c.id_, engine_batch_ids))
    found: dict[str, BatchProgress] = {}
    for id_, total, created, jobs, waiting, locked, revisions in transaction.connection.execute(query):
        found[id_] = BatchProgress(
            open_items=max(total - created, 0) + jobs,
            is_over=not waiting,
            is_worked_on=bool(locked),
            signature=f"{created} {jobs} {revisions}",
        )
    return found


def _query(transaction: Transaction) -> Select[*tuple[Any, ...]]:
    # SELECT …, count(*) FILTER (WHERE job.retries_ > 0) FROM act_ru_batch batch LEFT JOIN act_ru_job job
    #   ON job.job_def_id_ IN (batch.seed_job_def_id_, batch.batch_job_def_id_) GROUP BY batch.id_
    # The monitor job is none of them: it comes and goes while nothing is done.
    batch, job = act_ru_batch.c, act_ru_job.c
    is_locked = job.lock_owner_.is_not(None) & (job.lock_exp_time_ > transaction.now)
    return (
        select(
            batch.id_,
            func.coalesce(batch.total_jobs_, 0),
            func.coalesce(batch.jobs_created_, 0),
            func.count(job.id_).filter(job.job_def_id_ == batch.batch_job_def_id_),
            func.count(job.id_).filter(job.retries_ > 0),
            func.count(job.id_).filter(is_locked),
            func.coalesce(func.sum(job.rev_), 0),
        )
        .join_from(
            act_ru_batch,
            act_ru_job,
            job.job_def_id_.in_([batch.seed_job_def_id_, batch.batch_job_def_id_]),
            isouter=True,
        )
        .group_by(batch.id_)
    )


def read_open_items(connection: Connection, engine_batch_ids: Iterable[str]) -> dict[str, set[str]]:
    """The items that batches are still at, failed ones included, by batch; those that have ended are not there."""
    ids = list(engine_batch_ids)
    batch, job, array = act_ru_batch.c, act_ru_job.c, act_ge_bytearray.c
    without_job = select(batch.id_, array.bytes_).join_from(
        act_ru_batch, act_ge_bytearray, array.id_ == batch.configuration_
    )
    with_job = (
        select(batch.id_, array.bytes_)
        .join_from(act_ru_batch, act_ru_job, job.job_def_id_ == batch.batch_job_def_id_)
        .join(act_ge_bytearray, array.id_ == job.handler_cfg_)
    )
    found: dict[str, set[str]] = {}
    wanted = in_values(batch.id_, ids)
    for id_, data in connection.execute(union_all(without_job.where(wanted), with_job.where(wanted))):
        found.setdefault(id_, set()).update(json.loads(data or b"{}").get(ITEMS, ()))
    return found
