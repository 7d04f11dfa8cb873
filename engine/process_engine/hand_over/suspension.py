"""Batches of the Java engine that are suspended and activated: its job executor takes no job of a suspended one.

Source: AbstractSetBatchStateCmd, AbstractSetJobDefinitionStateCmd.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, Table, bindparam, select, update

from process_engine.database import in_parameter, in_subquery
from process_engine.schema.runtime_jobs import act_ru_batch, act_ru_job, act_ru_jobdef
from process_engine.schema.values import ACTIVE, SUSPENDED
from process_engine.transaction import Transaction

_batch = act_ru_batch.c
_definitions = [
    select(column).where(in_parameter(_batch.id_))
    for column in (_batch.seed_job_def_id_, _batch.monitor_job_def_id_, _batch.batch_job_def_id_)
]


def set_suspended(transaction: Transaction, engine_batch_ids: Sequence[str], *, is_suspended: bool) -> None:
    """Suspend or activate batches with their job definitions and jobs; those that are so already stay as they are.

    A job that an executor runs at that moment ends as it would have, or is run again.

    Args:
        transaction: The caller commits.
        engine_batch_ids: Those that have ended are passed over.
        is_suspended: What they are to be.
    """
    values = {"ids": engine_batch_ids, "state": SUSPENDED if is_suspended else ACTIVE}
    for statement in STATEMENTS if engine_batch_ids else ():
        transaction.connection.execute(statement, values)


def _set(table: Table, condition: Any) -> Any:
    column: Any = table.c.suspension_state_
    state = bindparam("state", type_=Integer())
    return (
        update(table)
        .where(condition, column.is_distinct_from(state))
        .values(suspension_state_=state, rev_=table.c.rev_ + 1)
    )


# The batch comes first, as where the Java engine's seed job writes: who waits for whom has one order.
STATEMENTS = (
    _set(act_ru_batch, in_parameter(_batch.id_)),
    *(_set(act_ru_jobdef, in_subquery(act_ru_jobdef.c.id_, ids)) for ids in _definitions),
    *(_set(act_ru_job, in_subquery(act_ru_job.c.job_def_id_, ids)) for ids in _definitions),
)
