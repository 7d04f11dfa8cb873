"""Tasks that go with their executions, with all that belongs to them.

Source: TaskEntity#delete, TaskManager#deleteTask, HistoricTaskInstanceManager#markTaskInstanceEnded.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, Update, bindparam, delete, select, update

from process_engine.authorizations import TASK, delete_authorizations
from process_engine.byte_arrays import delete_with_byte_arrays
from process_engine.database import NOW, in_parameter, milliseconds_since
from process_engine.schema.history import act_hi_taskinst
from process_engine.schema.runtime import act_ru_identitylink, act_ru_task, act_ru_variable
from process_engine.transaction import Transaction

DELETED = "deleted"
"""The reason of a task that goes for no reason of its own."""
STATE_DELETED = "Deleted"
REPEATED = (
    "execution_id_",
    "proc_def_id_",
    "name_",
    "parent_task_id_",
    "description_",
    "owner_",
    "assignee_",
    "task_def_key_",
    "priority_",
    "due_date_",
    "follow_up_date_",
)
"""Columns in which the history's row of a task repeats the task's when it ends."""


def _with_subtasks() -> Select[*tuple[Any, ...]]:
    """Tasks of executions, with their subtasks at any depth.

    Subtasks are made by the API, without an execution, by which an index finds them.
    """
    # WITH RECURSIVE found AS (SELECT id_, execution_id_ FROM act_ru_task WHERE execution_id_ = ANY (:ids) UNION ALL
    #   SELECT child.id_, child.execution_id_ FROM act_ru_task child, found
    #   WHERE child.execution_id_ IS NULL AND child.parent_task_id_ = found.id_) SELECT id_, execution_id_ FROM found
    table, child = act_ru_task.c, act_ru_task.alias("child").c
    first = select(table.id_, table.execution_id_).where(in_parameter(table.execution_id_))
    found = first.cte("found", recursive=True)
    below = select(child.id_, child.execution_id_).where(
        child.execution_id_.is_(None), child.parent_task_id_ == found.c.id_
    )
    every = found.union_all(below)
    return select(every.c.id_, every.c.execution_id_)


@cache
def _ended(*, has_state: bool) -> Update:
    # UPDATE act_hi_taskinst SET name_ = act_ru_task.name_, …, end_time_ = :now, delete_reason_ = :reason
    #   FROM act_ru_task WHERE act_hi_taskinst.id_ = act_ru_task.id_ AND act_ru_task.id_ = ANY (:ids)
    task, history = act_ru_task.c, act_hi_taskinst.c
    values: dict[str, Any] = {name: task[name] for name in REPEATED} | {
        "end_time_": NOW,
        "duration_": milliseconds_since(history.start_time_),
        "delete_reason_": bindparam("reason"),
    }
    if has_state:
        values["task_state_"] = STATE_DELETED
    return update(act_hi_taskinst).where(history.id_ == task.id_, in_parameter(task.id_)).values(values)


WITH_SUBTASKS = _with_subtasks()
DELETED_LINKS = delete(act_ru_identitylink).where(in_parameter(act_ru_identitylink.c.task_id_))
DELETED_TASKS = delete(act_ru_task).where(in_parameter(act_ru_task.c.id_))


def delete_tasks(transaction: Transaction, execution_ids: Sequence[str], reason: str | None) -> None:
    """Delete the tasks of executions, and their subtasks, which have none.

    Args:
        transaction: The caller commits.
        execution_ids: Whose tasks.
        reason: For the history; null or empty becomes `deleted`.
    """
    if not execution_ids:
        return
    tasks = transaction.connection.execute(WITH_SUBTASKS, {"ids": execution_ids}).all()
    if not tasks:
        return
    ids = [task.id_ for task in tasks]
    _end_history(transaction, ids, reason or DELETED)
    delete_authorizations(transaction, TASK, ids)
    _delete_variables(transaction, [task.id_ for task in tasks if task.execution_id_ is None])
    _delete(transaction, ids)


def _delete_variables(transaction: Transaction, subtask_ids: Sequence[str]) -> None:
    """Those of subtasks; those of other tasks go with the executions'."""
    if subtask_ids:
        table = act_ru_variable.c
        delete_with_byte_arrays(transaction, table.task_id_, subtask_ids, table.bytearray_id_)


def _end_history(transaction: Transaction, ids: Sequence[str], reason: str) -> None:
    if transaction.history_level.keeps_instances:
        statement = _ended(has_state=transaction.has(act_hi_taskinst.c.task_state_))
        transaction.connection.execute(statement, {"ids": ids, "now": transaction.now, "reason": reason})


def _delete(transaction: Transaction, ids: Sequence[str]) -> None:
    transaction.connection.execute(DELETED_LINKS, {"ids": ids})
    transaction.connection.execute(DELETED_TASKS, {"ids": ids})
