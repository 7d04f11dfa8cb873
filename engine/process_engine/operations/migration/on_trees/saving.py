"""Saves migrated trees, and what history says of them anew: one statement a table, for a whole chunk.

Source: ExecutionEntity, DefaultHistoryEventProducer#createProcessInstanceMigrateEvt and its like.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Integer, String, Table, Update, bindparam, func, select, update
from sqlalchemy.types import TypeEngine

from process_engine.byte_arrays import renew_byte_arrays
from process_engine.database import in_parameter, row_values, values_parameter
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.saving.history import repeat_activities
from process_engine.execution_tree.saving.tasks import REPEATED
from process_engine.execution_tree.saving.trees import ChangedTrees, save_what_goes, save_what_stays
from process_engine.execution_tree.saving.variables import CREATED, differs
from process_engine.history_level import HistoryLevel
from process_engine.operations.migration.on_trees.tree import MigratingTree
from process_engine.schema.history import act_hi_incident, act_hi_procinst, act_hi_taskinst, act_hi_varinst
from process_engine.schema.runtime import act_ru_task
from process_engine.schema.values import InstanceState
from process_engine.transaction import Transaction

REASON = "migration"
Trees = Sequence[MigratingTree]


def save_migration(transaction: Transaction, trees: Trees, without_removal_time: frozenset[str]) -> None:
    """Save migrated instances.

    Args:
        transaction: The caller commits.
        trees: Of one plan.
        without_removal_time: Roots among them: history has forgotten their removal time for what is written.
    """
    if not trees:
        return
    changed = ChangedTrees.of(trees, without_removal_time)
    save_what_stays(transaction, changed)
    _save_history(transaction, trees)
    _save_variable_history(transaction, trees, changed)
    save_what_goes(transaction, changed, REASON)


# ---------------------------------------------------------------- history


OF_INSTANCE = {name: String() for name in ("id_", "proc_def_id_", "proc_def_key_", "state_")}
OF_TASK = {name: String() for name in ("id_", "execution_id_")}
OF_INCIDENT = {
    name: String() for name in ("id_", "execution_id_", "proc_def_id_", "activity_id_", "job_def_id_", "proc_def_key_")
}


def _updating(table: Table, types: Mapping[str, TypeEngine[Any]]) -> Update:
    given = values_parameter(types).c
    return update(table).where(table.c.id_ == given.id_).values({name: given[name] for name in types if name != "id_"})


INSTANCES, INCIDENTS = _updating(act_hi_procinst, OF_INSTANCE), _updating(act_hi_incident, OF_INCIDENT)


@cache
def _tasks(*, has_state: bool) -> Update:
    # UPDATE act_hi_taskinst SET name_ = act_ru_task.name_, …, execution_id_ = given.execution_id_
    #   FROM act_ru_task, (VALUES …) given WHERE act_hi_taskinst.id_ = act_ru_task.id_ AND act_ru_task.id_ = given.id_
    task, history, given = act_ru_task.c, act_hi_taskinst.c, values_parameter(OF_TASK).c
    values: dict[str, Any] = {name: task[name] for name in REPEATED}
    values |= {"execution_id_": given.execution_id_, "proc_def_key_": bindparam("target_key", type_=String())}
    if has_state:
        values["task_state_"] = task.task_state_
    return update(act_hi_taskinst).where(history.id_ == task.id_, task.id_ == given.id_).values(values)


OF_VARIABLE = {"id_": String(), "new_bytes_id": String(), "bump": Integer()}


def _variables() -> Update:
    # UPDATE act_hi_varinst SET proc_def_id_ = :target_id, rev_ = rev_ + given.bump, … FROM (VALUES …) given
    #   WHERE act_hi_varinst.id_ = given.id_ AND (proc_def_id_ IS DISTINCT FROM :target_id OR bytearray_id_ IS NOT NULL)
    given, table = values_parameter(OF_VARIABLE).c, act_hi_varinst.c
    target_id, target_key = (bindparam(name, type_=String()) for name in ("target_id", "target_key"))
    is_other = table.proc_def_id_.is_distinct_from(target_id) | table.bytearray_id_.is_not(None)
    return (
        update(act_hi_varinst)
        .where(table.id_ == given.id_, is_other)
        .values(
            state_=CREATED,
            rev_=table.rev_ + given.bump,
            bytearray_id_=func.coalesce(given.new_bytes_id, table.bytearray_id_),
            proc_def_id_=target_id,
            proc_def_key_=target_key,
        )
    )


VARIABLES = _variables()
HELD = select(act_hi_varinst.c.id_, act_hi_varinst.c.bytearray_id_).where(
    in_parameter(act_hi_varinst.c.id_), act_hi_varinst.c.bytearray_id_.is_not(None)
)


def _save_history(transaction: Transaction, trees: Trees) -> None:
    if not transaction.history_level.keeps_instances:
        return
    _save_instances(transaction, [each for tree in trees for each in tree.recorded.instances])
    repeat_activities(transaction, [each for tree in trees for each in tree.recorded.activities.values()])
    _save_tasks(transaction, trees)
    if transaction.history_level.keeps_logs:
        _save_incidents(transaction, trees)


def _save_instances(transaction: Transaction, instances: Iterable[Execution]) -> None:
    rows = [
        (
            each.id,
            each.process_definition_id,
            each.definition.key,
            InstanceState.SUSPENDED if each.is_suspended else InstanceState.ACTIVE,
        )
        for each in instances
    ]
    transaction.connection.execute(INSTANCES, row_values(transaction.connection, OF_INSTANCE, rows))


def _save_tasks(transaction: Transaction, trees: Trees) -> None:
    rows = [each for tree in trees for each in tree.recorded.tasks.items()]
    if not rows:
        return
    has_state = transaction.has(act_hi_taskinst.c.task_state_) and transaction.has(act_ru_task.c.task_state_)
    given = row_values(transaction.connection, OF_TASK, rows) | {"target_key": trees[0].target.key}
    transaction.connection.execute(_tasks(has_state=has_state), given)


def _save_incidents(transaction: Transaction, trees: Trees) -> None:
    rows = [(id_, *columns, tree.target.key) for tree in trees for id_, columns in tree.recorded.incidents.items()]
    if not rows:
        return
    transaction.connection.execute(INCIDENTS, row_values(transaction.connection, OF_INCIDENT, rows))


def _save_variable_history(transaction: Transaction, trees: Trees, changed: ChangedTrees) -> None:
    """Once a variable, whatever happened to it: its revision grows by one."""
    dropped = {each.id for each in changed.changes.variables.dropped}
    written = {
        each.variable_id
        for each in changed.changes.variables.updates
        if each.before is not None and differs(each.value, each.before)
    }
    found = [
        each
        for tree in trees
        for id_, each in tree.recorded.variables.items()
        if id_ not in dropped and not each.is_new
    ]
    if not found or transaction.history_level < HistoryLevel.AUDIT:
        return
    new = _renew_bytes(transaction, [each.id for each in found if each.id not in written], changed.without_removal_time)
    rows = [(each.id, new.get(each.id), 0 if each.id in written else 1) for each in found]
    given = row_values(transaction.connection, OF_VARIABLE, rows)
    target = trees[0].target
    transaction.connection.execute(VARIABLES, given | {"target_id": target.id, "target_key": target.key})


def _renew_bytes(transaction: Transaction, ids: Sequence[str], without_removal_time: Collection[str]) -> dict[str, str]:
    """Let the byte arrays in the history of variables be new ones of the same bytes; returns their ids by variable."""
    held = transaction.connection.execute(HELD, {"ids": ids}).all() if ids else ()
    new = {row.id_: transaction.new_id() for row in held}
    renew_byte_arrays(transaction, [(str(row.bytearray_id_), new[row.id_]) for row in held], without_removal_time)
    return new
