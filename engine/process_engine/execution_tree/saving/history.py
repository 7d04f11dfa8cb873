"""History of activities that start, go on elsewhere and end, and of process instances that end or lose their caller.

Source: DefaultHistoryEventProducer, HistoricActivityInstance.xml, HistoricProcessInstance.xml.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, Update, bindparam, func, update

from process_engine.database import NOW, in_parameter, in_values, milliseconds_since, row_values, values_parameter
from process_engine.execution_tree.changes import CANCELED, RUNNING, ActivityRecord, StartedActivity
from process_engine.execution_tree.execution import Execution
from process_engine.insertion import insert_rows
from process_engine.removal_time import removal_times
from process_engine.schema.history import act_hi_actinst, act_hi_procinst
from process_engine.schema.values import InstanceState
from process_engine.transaction import Transaction

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
"""The fields of `ActivityRecord`, by the columns that they are for."""
_given = values_parameter(RECORD_TYPES).c
# UPDATE act_hi_actinst SET execution_id_ = given.execution_id_, …, call_proc_inst_id_ =
#   coalesce(given.called_id, call_proc_inst_id_) FROM (VALUES …) given WHERE act_hi_actinst.id_ = given.id_
REPEATING_ACTIVITIES = (
    update(act_hi_actinst)
    .where(act_hi_actinst.c.id_ == _given.id_)
    .values({name: _given[name] for name in ACTIVITY_COLUMNS})
    .values(call_proc_inst_id_=func.coalesce(_given.called_id, act_hi_actinst.c.call_proc_inst_id_))
)
ENDED_ACTIVITIES = REPEATING_ACTIVITIES.values(
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


def end_activities(transaction: Transaction, records: Iterable[ActivityRecord]) -> None:
    """End activity instances as cancelled; their rows repeat what the execution says now."""
    _repeat(transaction, ENDED_ACTIVITIES, records, {"now": transaction.now})


def repeat_activities(transaction: Transaction, records: Iterable[ActivityRecord]) -> None:
    """Let the rows of activity instances that go on repeat what their executions say now."""
    _repeat(transaction, REPEATING_ACTIVITIES, records, {})


def start_activities(
    transaction: Transaction, started: Sequence[StartedActivity], without_removal_time: Collection[str]
) -> None:
    """Insert activity instances.

    Args:
        transaction: The caller commits.
        started: Those that were made.
        without_removal_time: Root process instances whose removal time history has forgotten.
    """
    if not started or not transaction.history_level.keeps_instances:
        return
    roots = {each.execution.root_process_instance_id for each in started}.difference(without_removal_time)
    removal = removal_times(transaction, roots)
    rows = [_started_row(transaction, each, removal) for each in started]
    insert_rows(transaction.connection, act_hi_actinst, rows, transaction.missing_columns)


def _started_row(
    transaction: Transaction, started: StartedActivity, removal: Mapping[str | None, datetime | None]
) -> dict[str, Any]:
    execution, record = started.execution, started.record
    return {
        "id_": record.id,
        "parent_act_inst_id_": record.parent_id,
        "proc_def_key_": record.process_definition_key,
        "proc_def_id_": record.process_definition_id,
        "root_proc_inst_id_": execution.root_process_instance_id,
        "proc_inst_id_": execution.process_instance_id,
        "execution_id_": record.execution_id,
        "act_id_": record.activity_id,
        "act_name_": record.name,
        "act_type_": record.type,
        "start_time_": transaction.now,
        "act_inst_state_": RUNNING,
        "sequence_counter_": started.sequence_counter,
        "tenant_id_": execution.tenant_id,
        "removal_time_": removal.get(execution.root_process_instance_id),
    }


def _repeat(
    transaction: Transaction, statement: Update, records: Iterable[ActivityRecord], more: Mapping[str, Any]
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
        "state": InstanceState.EXTERNALLY_TERMINATED if is_external else InstanceState.INTERNALLY_TERMINATED,
    }
    transaction.connection.execute(ENDED_INSTANCES, values)


def detach_instances(transaction: Transaction, instances: Sequence[Execution]) -> None:
    """Let called instances that go on have no caller any more.

    Source: AbstractDeleteProcessInstanceCmd#triggerHistoryEvent.
    """
    if not transaction.history_level.keeps_instances:
        return
    for state, is_suspended in ((InstanceState.ACTIVE, False), (InstanceState.SUSPENDED, True)):
        ids = [instance.id for instance in instances if instance.is_suspended is is_suspended]
        if not ids:
            continue
        values = {"state_": state, "super_process_instance_id_": None, "end_act_id_": None, "delete_reason_": None}
        condition = in_values(act_hi_procinst.c.id_, ids)
        transaction.connection.execute(update(act_hi_procinst).where(condition).values(values))
