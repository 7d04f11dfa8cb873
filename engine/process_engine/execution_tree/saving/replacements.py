"""What belongs to an execution that another one replaces moves to that one.

Source: ExecutionEntity#replace, #remove.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, String, Table, update

from process_engine.database import values_table
from process_engine.execution_tree.execution import Execution
from process_engine.executions import EVENT_SUBSCRIPTIONS_BIT, EXTERNAL_TASKS_BIT, INCIDENT_BIT, JOBS_BIT, TASKS_BIT
from process_engine.schema.runtime import (
    act_ru_event_subscr,
    act_ru_incident,
    act_ru_task,
    act_ru_variable,
)
from process_engine.schema.runtime_jobs import act_ru_ext_task, act_ru_job
from process_engine.transaction import Transaction

MOVED: Sequence[tuple[Table, int]] = (
    (act_ru_event_subscr, EVENT_SUBSCRIPTIONS_BIT),
    (act_ru_task, TASKS_BIT),
    (act_ru_job, JOBS_BIT),
    (act_ru_incident, INCIDENT_BIT),
    (act_ru_ext_task, EXTERNAL_TASKS_BIT),
)
"""Tables, and the bits of CACHED_ENT_STATE_ that say there are any. Variables are moved in memory."""

PAIR = {"source": String(), "target": String()}


def replace_executions(transaction: Transaction, replacements: Sequence[tuple[Execution, Execution]]) -> dict[str, int]:
    """Move what belongs to executions; returns the bits of what each execution got.

    Replacements that follow each other are followed to the last that stays.
    """
    targets = {source.id: target for source, target in replacements}
    gained: dict[str, int] = {}
    for table, bit in MOVED:
        pairs = [(s.id, _last(targets, s).id) for s, _ in replacements if s.cached_state & bit]
        for id_ in _move(transaction, table, pairs):
            gained[id_] = gained.get(id_, 0) | bit
    _move_task_variables(
        transaction, [(s.id, _last(targets, s).id) for s, _ in replacements if s.cached_state & TASKS_BIT]
    )
    return gained


def _last(targets: dict[str, Execution], execution: Execution) -> Execution:
    while execution.id in targets:
        execution = targets[execution.id]
    return execution


def _move(transaction: Transaction, table: Table, pairs: Sequence[tuple[str, str]]) -> set[str]:
    if not pairs:
        return set()
    # UPDATE act_ru_task SET execution_id_ = given.target, rev_ = rev_ + 1 FROM (VALUES …) given (source, target)
    #   WHERE act_ru_task.execution_id_ = given.source RETURNING execution_id_
    given = values_table(transaction.connection, "given", PAIR, pairs)
    values: dict[str, ColumnElement[object]] = {"execution_id_": given.c.target, "rev_": table.c.rev_ + 1}
    statement = update(table).where(table.c.execution_id_ == given.c.source).values(values)
    return set(transaction.connection.scalars(statement.returning(table.c.execution_id_)))


def _move_task_variables(transaction: Transaction, pairs: Sequence[tuple[str, str]]) -> None:
    if not pairs:
        return
    table = act_ru_variable.c
    given = values_table(transaction.connection, "given", PAIR, pairs)
    condition = (table.execution_id_ == given.c.source) & table.task_id_.is_not(None)
    values = {"execution_id_": given.c.target, "rev_": table.rev_ + 1}
    transaction.connection.execute(update(act_ru_variable).where(condition).values(values))
