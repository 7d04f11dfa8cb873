"""History of activities and process instances that end, and of instances that lose their caller.

Source: DefaultHistoryEventProducer, HistoricActivityInstance.xml, HistoricProcessInstance.xml.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import String, func, update

from process_engine.database import any_of, milliseconds_between, rows_of
from process_engine.execution_tree.changes import CANCELED, ActivityEnd
from process_engine.execution_tree.execution import Execution
from process_engine.insertion import insert_rows
from process_engine.schema.history import act_hi_actinst, act_hi_procinst
from process_engine.transaction import Transaction

EXTERNALLY_TERMINATED, INTERNALLY_TERMINATED = "EXTERNALLY_TERMINATED", "INTERNALLY_TERMINATED"
ACTIVE, SUSPENDED = "ACTIVE", "SUSPENDED"

ACTIVITY_COLUMNS = (
    "parent_act_inst_id_",
    "execution_id_",
    "proc_def_id_",
    "proc_def_key_",
    "act_id_",
    "act_name_",
    "act_type_",
)


def end_activities(transaction: Transaction, ends: Iterable[ActivityEnd]) -> None:
    """End activity instances as cancelled; their rows repeat what the execution says now."""
    values = {
        "end_time_": transaction.now,
        "duration_": milliseconds_between(act_hi_actinst.c.start_time_, transaction.now),
        "act_inst_state_": CANCELED,
    }
    _repeat(transaction, ends, values)


def migrate_activities(transaction: Transaction, records: Iterable[ActivityEnd]) -> None:
    """Let the rows of activity instances repeat what their executions say now."""
    _repeat(transaction, records, {})


def start_activities(transaction: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert activity instances."""
    if transaction.history_level.keeps_instances:
        insert_rows(transaction.connection, act_hi_actinst, rows)


def _repeat(transaction: Transaction, ends: Iterable[ActivityEnd], more: Mapping[str, Any]) -> None:
    rows = [
        (
            end.id,
            end.parent_id,
            end.execution_id,
            end.process_definition_id,
            end.process_definition_key,
            end.activity_id,
            end.name,
            end.type,
            end.called_id,
        )
        for end in ends
    ]
    if not rows or not transaction.history_level.keeps_instances:
        return
    types = {name: String() for name in ("id_", *ACTIVITY_COLUMNS, "called_id")}
    given = rows_of(transaction.connection, "given", types, rows)
    table = act_hi_actinst.c
    values: dict[str, Any] = {name: given.c[name] for name in ACTIVITY_COLUMNS} | dict(more)
    values["call_proc_inst_id_"] = func.coalesce(given.c.called_id, table.call_proc_inst_id_)
    transaction.connection.execute(update(act_hi_actinst).where(table.id_ == given.c.id_).values(values))


def end_instances(
    transaction: Transaction, instances: Sequence[Execution], reason: str | None, *, is_external: bool
) -> None:
    """End process instances as terminated."""
    if not instances or not transaction.history_level.keeps_instances:
        return
    table = act_hi_procinst.c
    values = {
        "end_time_": transaction.now,
        "duration_": milliseconds_between(table.start_time_, transaction.now),
        "end_act_id_": None,
        "delete_reason_": reason,
        "state_": EXTERNALLY_TERMINATED if is_external else INTERNALLY_TERMINATED,
    }
    ids = [instance.id for instance in instances]
    transaction.connection.execute(update(act_hi_procinst).where(any_of(table.id_, ids)).values(values))


def detach_instances(transaction: Transaction, instances: Sequence[Execution]) -> None:
    """Let called instances that go on have no caller any more.

    Source: AbstractDeleteProcessInstanceCmd#triggerHistoryEvent.
    """
    if not transaction.history_level.keeps_instances:
        return
    for state, is_suspended in ((ACTIVE, False), (SUSPENDED, True)):
        ids = [instance.id for instance in instances if instance.is_suspended is is_suspended]
        if not ids:
            continue
        values = {"state_": state, "super_process_instance_id_": None, "end_act_id_": None, "delete_reason_": None}
        condition = any_of(act_hi_procinst.c.id_, ids)
        transaction.connection.execute(update(act_hi_procinst).where(condition).values(values))
