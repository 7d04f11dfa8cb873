"""Variables: those that were set or moved, with their history, and those that go with their executions.

Source: VariableInstanceEntity, VariableInstanceHistoryListener, DbHistoryEventHandler.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Double, String, select, update
from sqlalchemy.types import TypeEngine

from process_engine.byte_arrays import (
    HISTORY,
    RUNTIME,
    ByteArray,
    delete_byte_arrays,
    delete_with_byte_arrays,
    insert_byte_arrays,
)
from process_engine.database import in_parameter, in_values, values_table
from process_engine.execution_tree.values.stored import StoredValue
from process_engine.execution_tree.variables import Variable, Variables, VariableUpdate
from process_engine.history_level import HistoryLevel
from process_engine.insertion import insert_rows
from process_engine.removal_time import removal_times
from process_engine.schema.history import act_hi_detail, act_hi_varinst
from process_engine.schema.runtime import act_ru_variable
from process_engine.transaction import Transaction

CREATED, DELETED = "CREATED", "DELETED"
VARIABLE_UPDATE = "VariableUpdate"
NO_VALUE: dict[str, Any] = dict.fromkeys(("double_", "long_", "text_", "text2_"))


def delete_variables(transaction: Transaction, execution_ids: Sequence[str]) -> None:
    """Delete the variables of executions and of their tasks; history keeps their last values."""
    if execution_ids:
        table = act_ru_variable.c
        delete_with_byte_arrays(transaction, table.execution_id_, execution_ids, table.bytearray_id_)


def save_variables(transaction: Transaction, variables: Variables, *, is_history_written: bool = False) -> None:
    """Save what was set and moved; call it before the executions that are gone are deleted.

    Args:
        transaction: The caller commits.
        variables: With what happened to them.
        is_history_written: The variables' history was written in this transaction before, and its revisions bumped.
    """
    _save_history(transaction, variables.updates, 0 if is_history_written else 1)
    _drop(transaction, variables.dropped)
    staying = [v for each in variables.by_execution.values() for v in each.values() if not v.execution.is_removed]
    _update(transaction, [v for v in staying if not v.is_new and (v.is_changed or v.is_moved)])
    _insert(transaction, [v for v in staying if v.is_new])


# ---------------------------------------------------------------- runtime


VALUE_TYPES: dict[str, TypeEngine[Any]] = {
    "type_": String(),
    "bytearray_id_": String(),
    "double_": Double(),
    "long_": BigInteger(),
    "text_": String(),
    "text2_": String(),
    "execution_id_": String(),
    "sequence_counter_": BigInteger(),
}


def _drop(transaction: Transaction, dropped: Sequence[Variable]) -> None:
    if dropped:
        table = act_ru_variable.c
        delete_with_byte_arrays(transaction, table.id_, [variable.id for variable in dropped], table.bytearray_id_)


def _update(transaction: Transaction, variables: Sequence[Variable]) -> None:
    if not variables:
        return
    held = _hold(transaction, [v for v in variables if v.is_changed])
    rows = [(v.id, *_columns(v, held.get(v.id) if v.is_changed else v.bytes_id).values()) for v in variables]
    # UPDATE act_ru_variable SET type_ = given.type_, …, rev_ = rev_ + 1 FROM (VALUES …) given
    #   WHERE act_ru_variable.id_ = given.id_
    given = values_table(transaction.connection, "given", {"id_": String(), **VALUE_TYPES}, rows)
    table = act_ru_variable.c
    values = {name: given.c[name] for name in VALUE_TYPES}
    values |= {"var_scope_": given.c.execution_id_, "rev_": table.rev_ + 1}
    transaction.connection.execute(update(act_ru_variable).where(table.id_ == given.c.id_).values(values))
    delete_byte_arrays(transaction, [v.bytes_id for v in variables if v.is_changed])


def _insert(transaction: Transaction, variables: Sequence[Variable]) -> None:
    held = _hold(transaction, variables)
    rows = [
        {
            "id_": v.id,
            "rev_": 1,
            "name_": v.name,
            **_columns(v, held.get(v.id)),
            "proc_inst_id_": v.execution.process_instance_id,
            "proc_def_id_": v.process_definition_id,
            "var_scope_": v.execution.id,
            "is_concurrent_local_": v.is_concurrent_local,
            "tenant_id_": v.execution.tenant_id,
        }
        for v in variables
    ]
    insert_rows(transaction.connection, act_ru_variable, rows)


def _columns(variable: Variable, bytes_id: str | None) -> dict[str, Any]:
    value = variable.value
    return {
        "type_": value.type,
        "bytearray_id_": bytes_id,
        "double_": value.double,
        "long_": value.long,
        "text_": value.text,
        "text2_": value.text2,
        "execution_id_": variable.execution.id,
        "sequence_counter_": variable.sequence_counter,
    }


def _hold(transaction: Transaction, variables: Iterable[Variable]) -> dict[str, str]:
    """Insert the byte arrays of values; returns their ids by variable."""
    arrays = {
        v.id: ByteArray(transaction.new_id(), v.name, v.value.data, RUNTIME)
        for v in variables
        if v.value.data is not None
    }
    insert_byte_arrays(transaction, arrays.values())
    return {id_: array.id for id_, array in arrays.items()}


# ---------------------------------------------------------------- history


def _save_history(transaction: Transaction, updates: Sequence[VariableUpdate], bump: int) -> None:
    if not updates or transaction.history_level < HistoryLevel.AUDIT:
        return
    removal = removal_times(transaction, {u.execution.root_process_instance_id for u in updates})
    _save_instances(transaction, updates, removal, bump)
    if transaction.history_level is HistoryLevel.FULL:
        held = _hold_history(transaction, [u for u in updates if not u.is_removal], removal)
        ids = iter(held)
        rows = [_detail(transaction, u, None if u.is_removal else next(ids), removal) for u in updates]
        insert_rows(transaction.connection, act_hi_detail, rows)


def _save_instances(
    transaction: Transaction,
    updates: Sequence[VariableUpdate],
    removal: dict[str | None, datetime | None],
    bump: int,
) -> None:
    """One row a variable, with the last of its values; a value that is what it was is not written."""
    removed = [update.variable_id for update in updates if update.is_removal]
    last = {update.variable_id: update for update in updates if update.variable_id not in removed}
    before = {update.variable_id: update.before for update in reversed(updates)}
    made = [u for id_, u in last.items() if before[id_] is None]
    changed = [u for id_, u in last.items() if before[id_] is not None and differs(u.value, before[id_])]
    held = _hold_history(transaction, made, removal)
    rows = [_instance(transaction, u, bytes_id, removal) for u, bytes_id in zip(made, held, strict=True)]
    insert_rows(transaction.connection, act_hi_varinst, rows)
    if changed:
        _change_instances(transaction, changed, removal, bump)
    if removed:
        table = act_hi_varinst.c
        statement = update(act_hi_varinst).where(in_values(table.id_, removed))
        transaction.connection.execute(statement.values(state_=DELETED, rev_=table.rev_ + bump))


def differs(value: StoredValue, before: StoredValue | None) -> bool:
    """A byte array is always another one."""
    return value.data is not None or value != before


def _change_instances(
    transaction: Transaction,
    updates: Sequence[VariableUpdate],
    removal: dict[str | None, datetime | None],
    bump: int,
) -> None:
    table = act_hi_varinst.c
    ids = [update.variable_id for update in updates]
    old = [row.bytearray_id_ for row in transaction.connection.execute(HELD, {"ids": ids})]
    held = _hold_history(transaction, updates, removal)
    types: dict[str, TypeEngine[Any]] = {"id_": String(), "var_type_": String(), "bytearray_id_": String()}
    types |= {"double_": Double(), "long_": BigInteger(), "text_": String(), "text2_": String()}
    rows = [
        (u.variable_id, u.value.type, bytes_id, u.value.double, u.value.long, u.value.text, u.value.text2)
        for u, bytes_id in zip(updates, held, strict=True)
    ]
    # UPDATE act_hi_varinst SET var_type_ = given.var_type_, …, state_ = 'CREATED' FROM (VALUES …) given
    #   WHERE act_hi_varinst.id_ = given.id_
    given = values_table(transaction.connection, "given", types, rows)
    values = {name: given.c[name] for name in types if name != "id_"} | {"rev_": table.rev_ + bump, "state_": CREATED}
    transaction.connection.execute(update(act_hi_varinst).where(table.id_ == given.c.id_).values(values))
    delete_byte_arrays(transaction, old)


HELD = select(act_hi_varinst.c.id_, act_hi_varinst.c.bytearray_id_).where(
    in_parameter(act_hi_varinst.c.id_), act_hi_varinst.c.bytearray_id_.is_not(None)
)


def _hold_history(
    transaction: Transaction, updates: Sequence[VariableUpdate], removal: dict[str | None, datetime | None]
) -> list[str | None]:
    """Insert a copy of each value's byte array; returns their ids, null where there is none."""
    arrays = [
        None
        if u.value.data is None
        else ByteArray(
            transaction.new_id(),
            u.name,
            u.value.data,
            HISTORY,
            u.execution.root_process_instance_id,
            _removal_time(u, removal),
        )
        for u in updates
    ]
    insert_byte_arrays(transaction, [array for array in arrays if array is not None])
    return [None if array is None else array.id for array in arrays]


def _shared(update: VariableUpdate, bytes_id: str | None, removal: dict[str | None, datetime | None]) -> dict[str, Any]:
    execution = update.execution
    return {
        "proc_def_key_": update.process_definition_key,
        "proc_def_id_": update.process_definition_id,
        "root_proc_inst_id_": execution.root_process_instance_id,
        "proc_inst_id_": execution.process_instance_id,
        "execution_id_": execution.id,
        "name_": update.name,
        "var_type_": update.value.type,
        "bytearray_id_": bytes_id,
        "double_": update.value.double,
        "long_": update.value.long,
        "text_": update.value.text,
        "text2_": update.value.text2,
        "tenant_id_": execution.tenant_id,
        "removal_time_": _removal_time(update, removal),
    }


def _removal_time(update: VariableUpdate, removal: dict[str | None, datetime | None]) -> datetime | None:
    return None if update.is_without_removal_time else removal.get(update.execution.root_process_instance_id)


def _instance(
    transaction: Transaction,
    update: VariableUpdate,
    bytes_id: str | None,
    removal: dict[str | None, datetime | None],
) -> dict[str, Any]:
    return _shared(update, bytes_id, removal) | {
        "id_": update.variable_id,
        "rev_": 0,
        "act_inst_id_": update.scope_activity_instance_id,
        "create_time_": transaction.now,
        "state_": CREATED,
    }


def _detail(
    transaction: Transaction,
    update: VariableUpdate,
    bytes_id: str | None,
    removal: dict[str | None, datetime | None],
) -> dict[str, Any]:
    value = NO_VALUE if update.is_removal else {}
    return (
        _shared(update, bytes_id, removal)
        | value
        | {
            "id_": transaction.new_id(),
            "type_": VARIABLE_UPDATE,
            "act_inst_id_": update.source_activity_instance_id,
            "var_inst_id_": update.variable_id,
            "rev_": update.revision,
            "time_": transaction.now,
            "sequence_counter_": update.sequence_counter,
            "operation_id_": transaction.operation_id if transaction.writes_operation_log else None,
            "initial_": False,
        }
    )
