"""History of activities and process instances that end, and of instances that lose their caller.

Source: DefaultHistoryEventProducer, HistoricActivityInstance.xml, HistoricProcessInstance.xml.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import String, Update, bindparam, func, update

from process_engine.database import NOW, in_parameter, in_values, milliseconds_since, row_values, values_parameter
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
RECORD_TYPES = {name: String() for name in ("id_", *ACTIVITY_COLUMNS, "called_id")}
"""The fields of `ActivityEnd`, by the columns that they are for."""
_given = values_parameter(RECORD_TYPES).c
MIGRATED_ACTIVITIES = (
    update(act_hi_actinst)
    .where(act_hi_actinst.c.id_ == _given.id_)
    .values({name: _given[name] for name in ACTIVITY_COLUMNS})
    .values(call_proc_inst_id_=func.coalesce(_given.called_id, act_hi_actinst.c.call_proc_inst_id_))
)
ENDED_ACTIVITIES = MIGRATED_ACTIVITIES.values(
    end_time_=NOW,
    duration_=milliseconds_since(act_hi_actinst.c.start_time_),
    act_inst_state_=CANCELED,
)
ENDED_INSTANCES = (
    update(act_hi_procinst)
    .where(in_parameter(act_hi_procinst.c.id_))
    .values(
        end_time_=NOW,
        duration_=milliseconds_since(act_hi_procinst.c.start_time_),
        end_act_id_=None,
        delete_reason_=bindparam("reason"),
        state_=bindparam("state"),
    )
)


def end_activities(transaction: Transaction, ends: Iterable[ActivityEnd]) -> None:
    """End activity instances as cancelled; their rows repeat what the execution says now."""
    _repeat(transaction, ENDED_ACTIVITIES, ends, {"now": transaction.now})


def migrate_activities(transaction: Transaction, records: Iterable[ActivityEnd]) -> None:
    """Let the rows of activity instances repeat what their executions say now."""
    _repeat(transaction, MIGRATED_ACTIVITIES, records, {})


def start_activities(transaction: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert activity instances."""
    if transaction.history_level.keeps_instances:
        insert_rows(transaction.connection, act_hi_actinst, rows, transaction.missing_columns)


def _repeat(
    transaction: Transaction, statement: Update, records: Iterable[ActivityEnd], more: Mapping[str, Any]
) -> None:
    rows = list(records)
    if rows and transaction.history_level.keeps_instances:
        values = row_values(transaction.connection, RECORD_TYPES, rows)
        transaction.connection.execute(statement, values | dict(more))


def end_instances(
    transaction: Transaction, instances: Sequence[Execution], reason: str | None, *, is_external: bool
) -> None:
    """End process instances as terminated."""
    if not instances or not transaction.history_level.keeps_instances:
        return
    values = {
        "ids": [instance.id for instance in instances],
        "now": transaction.now,
        "reason": reason,
        "state": EXTERNALLY_TERMINATED if is_external else INTERNALLY_TERMINATED,
    }
    transaction.connection.execute(ENDED_INSTANCES, values)


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
        condition = in_values(act_hi_procinst.c.id_, ids)
        transaction.connection.execute(update(act_hi_procinst).where(condition).values(values))
