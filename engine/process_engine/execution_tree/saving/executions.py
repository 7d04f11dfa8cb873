"""Rows of executions: those that changed, those that were made, and those that are gone. Source: Execution.xml."""

from collections.abc import Mapping, Sequence

from sqlalchemy import BigInteger, Boolean, Integer, String, delete, update

from process_engine.database import in_parameter, row_values, values_parameter
from process_engine.errors import OptimisticLockingError
from process_engine.execution_tree.execution import Execution
from process_engine.insertion import insert_rows
from process_engine.revisions import update_each
from process_engine.schema.runtime import act_ru_execution
from process_engine.schema.values import SUSPENDED
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
DEFINITION = {"proc_def_id_": String(), "proc_def_key_": String()}
_table, _given = act_ru_execution.c, values_parameter(TYPES).c
# UPDATE act_ru_execution SET parent_id_ = given.parent_id_, …, rev_ = act_ru_execution.rev_ + 1
#   FROM (VALUES …) given WHERE act_ru_execution.id_ = given.id_ AND act_ru_execution.rev_ = given.rev_
UPDATED = (
    update(act_ru_execution)
    .where(_table.id_ == _given.id_, _table.rev_ == _given.rev_)
    .values({name: _given[name] for name in TYPES if name not in ("id_", "rev_")} | {"rev_": _table.rev_ + 1})
)
DELETED = delete(act_ru_execution).where(in_parameter(act_ru_execution.c.id_))


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
    values = row_values(transaction.connection, TYPES, rows)
    _expect(len(rows), transaction.connection.execute(UPDATED, values).rowcount)


def update_loaded_executions(transaction: Transaction, executions: Sequence[tuple[Execution, int]]) -> None:
    """Update executions with their process definition, which may be another one now, and bump their revisions.

    Args:
        transaction: The caller commits.
        executions: They were read, and locked, at their revisions; each with its CACHED_ENT_STATE_.
    """
    types = {name: kind for name, kind in (TYPES | DEFINITION).items() if transaction.has(act_ru_execution.c[name])}
    width = len(types)  # what a database may not have, the key, comes last
    rows = [
        (*_row(execution, 0)[:-1], bits, execution.process_definition_id, execution.definition.key)[:width]
        for execution, bits in executions
    ]
    del types["id_"], types["rev_"]
    update_each(transaction.connection, act_ru_execution, types, rows)


def insert_executions(transaction: Transaction, executions: Sequence[tuple[Execution, int]]) -> None:
    """Insert executions, each with its CACHED_ENT_STATE_."""
    rows = [
        {
            "id_": each.id,
            "rev_": 1,
            "proc_inst_id_": each.process_instance_id,
            "parent_id_": None if each.parent is None else each.parent.id,
            "proc_def_id_": each.process_definition_id,
            "proc_def_key_": each.definition.key,
            "act_id_": each.activity_id,
            "act_inst_id_": each.activity_instance_id,
            "is_active_": each.is_active,
            "is_concurrent_": each.is_concurrent,
            "is_scope_": each.is_scope,
            "is_event_scope_": each.is_event_scope,
            "suspension_state_": SUSPENDED if each.is_suspended else 1,
            "cached_ent_state_": bits,
            "sequence_counter_": each.sequence_counter,
            "tenant_id_": each.tenant_id,
        }
        for each, bits in executions
    ]
    insert_rows(transaction.connection, act_ru_execution, rows, transaction.missing_columns)


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
    _expect(len(ids), transaction.connection.execute(DELETED, {"ids": ids}).rowcount)


def _expect(expected: int, actual: int) -> None:
    if actual != expected:
        raise OptimisticLockingError(act_ru_execution.name.upper(), expected, actual)
