"""The user operation log (ACT_HI_OP_LOG): one row a property changed, all rows of a command under one operation id.

Source: UserOperationLogManager, UserOperationLogContextEntryBuilder, PropertyChange.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from process_engine.insertion import insert_rows
from process_engine.removal_time import removal_times
from process_engine.schema.history_logs import act_hi_op_log
from process_engine.transaction import Transaction

CATEGORY_OPERATOR = "Operator"

LoggedOperation = tuple[str, str]
"""Operation and entity type as the family names them."""


@dataclass(frozen=True)
class PropertyChange:
    """A property, what it was and what it is; dates are epoch milliseconds there."""

    name: str | None
    old: Any
    new: Any


NO_CHANGE = PropertyChange(None, None, None)
"""Of operations that set nothing."""


@dataclass(frozen=True, kw_only=True)
class LogEntry:
    """What was changed, and on what.

    Attributes:
        context: Further columns of ACT_HI_OP_LOG.
        is_after_root: The root instance ended before in the same command: its removal time is forgotten.
    """

    changes: Sequence[PropertyChange]
    context: dict[str, str | None] = field(default_factory=dict[str, str | None])
    is_after_root: bool = False


CONTEXT_COLUMNS = (
    "deployment_id_",
    "proc_def_id_",
    "proc_def_key_",
    "root_proc_inst_id_",
    "proc_inst_id_",
    "job_id_",
    "job_def_id_",
    "external_task_id_",
    "tenant_id_",
)


def write_log(transaction: Transaction, operation: LoggedOperation, entries: Sequence[LogEntry]) -> None:
    """Write the entries of one command, where the engine would."""
    if not transaction.writes_operation_log:
        return
    removal = removal_times(transaction, {entry.context.get("root_proc_inst_id_") for entry in entries})
    command = {
        "operation_id_": transaction.operation_id,
        "operation_type_": operation[0],
        "entity_type_": operation[1],
        "user_id_": transaction.user_id,
        "timestamp_": transaction.now,
        "category_": CATEGORY_OPERATOR,
    }
    rows = [command | _row(transaction, entry, change, removal) for entry in entries for change in entry.changes]
    insert_rows(transaction.connection, act_hi_op_log, rows)


def _row(
    transaction: Transaction,
    entry: LogEntry,
    change: PropertyChange,
    removal: dict[str | None, datetime | None],
) -> dict[str, Any]:
    return {
        "id_": transaction.new_id(),
        "property_": change.name,
        "org_value_": _text(transaction, change.old),
        "new_value_": _text(transaction, change.new),
        "removal_time_": None if entry.is_after_root else removal.get(entry.context.get("root_proc_inst_id_")),
        **{name: entry.context.get(name) for name in CONTEXT_COLUMNS},
    }


def _text(transaction: Transaction, value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return str(transaction.clock.epoch_milliseconds(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def write_summary(
    transaction: Transaction, operation: LoggedOperation, count: int, *, in_batch: bool, **properties: Any
) -> None:
    """Write the one entry that stands for many items: their number, whether as a batch, and what was set."""
    changes = [PropertyChange("nrOfInstances", None, count), PropertyChange("async", None, in_batch)]
    changes += [PropertyChange(name, None, value) for name, value in properties.items()]
    write_log(transaction, operation, [LogEntry(changes=changes)])
