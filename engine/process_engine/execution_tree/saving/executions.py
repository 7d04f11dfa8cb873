"""Rows of executions: those that changed, and those that are gone. Source: Execution.xml."""

from collections.abc import Mapping, Sequence

from sqlalchemy import BigInteger, Boolean, Integer, String, delete, update

from process_engine.database import any_of, rows_of
from process_engine.errors import OptimisticLockingError
from process_engine.execution_tree.execution import Execution
from process_engine.schema.runtime import act_ru_execution
from process_engine.transaction import Transaction

TYPES = {
    "id_": String(),
    "rev_": Integer(),
    "parent_id_": String(),
    "super_exec_": String(),
    "act_id_": String(),
    "act_inst_id_": String(),
    "is_active_": Boolean(),
    "is_concurrent_": Boolean(),
    "is_scope_": Boolean(),
    "sequence_counter_": BigInteger(),
    "cached_ent_state_": Integer(),
}


def update_executions(transaction: Transaction, executions: Sequence[Execution], gained: Mapping[str, int]) -> None:
    """Update executions and bump their revisions.

    Args:
        transaction: The caller commits.
        executions: They were read, and locked, at their revisions.
        gained: Bits of CACHED_ENT_STATE_ for what moved to them, by execution.
    """
    if not executions:
        return
    rows = [_row(execution, gained.get(execution.id, 0)) for execution in executions]
    given = rows_of(transaction.connection, "given", TYPES, rows)
    table = act_ru_execution.c
    values = {name: given.c[name] for name in TYPES if name not in ("id_", "rev_")} | {"rev_": table.rev_ + 1}
    statement = update(act_ru_execution).where(table.id_ == given.c.id_, table.rev_ == given.c.rev_).values(values)
    _expect(len(rows), transaction.connection.execute(statement).rowcount)


def _row(execution: Execution, gained: int) -> tuple[object, ...]:
    state = execution.state
    return (
        execution.id,
        execution.revision,
        state.parent_id,
        state.super_execution_id,
        state.activity_id,
        state.activity_instance_id,
        state.is_active,
        state.is_concurrent,
        state.is_scope,
        state.sequence_counter,
        execution.cached_state | gained,
    )


def delete_executions(transaction: Transaction, executions: Sequence[Execution]) -> None:
    """Delete executions; whole trees at once, so that their order among each other does not matter."""
    if not executions:
        return
    ids = [execution.id for execution in executions]
    statement = delete(act_ru_execution).where(any_of(act_ru_execution.c.id_, ids))
    _expect(len(ids), transaction.connection.execute(statement).rowcount)


def _expect(expected: int, actual: int) -> None:
    if actual != expected:
        raise OptimisticLockingError(act_ru_execution.name.upper(), expected, actual)
