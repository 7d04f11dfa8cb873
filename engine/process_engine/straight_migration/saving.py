"""Writes what straight migration changes: one statement a table for a whole chunk.

All rows were locked before they were read, so that no revision needs to be compared.

Source: MigratingActivityInstance, MigratingJobInstance, MigratingUserTaskInstance, MigratingVariableInstance and their
like; DefaultHistoryEventProducer#createActivityInstanceMigrateEvt and its like.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, Table, case, func, select, update
from sqlalchemy.types import TypeEngine

from process_engine.database import any_of, rows_of
from process_engine.history_level import HistoryLevel
from process_engine.schema.general import act_ge_bytearray
from process_engine.schema.history import (
    act_hi_actinst,
    act_hi_incident,
    act_hi_procinst,
    act_hi_taskinst,
    act_hi_varinst,
)
from process_engine.schema.runtime import (
    act_ru_event_subscr,
    act_ru_execution,
    act_ru_incident,
    act_ru_task,
    act_ru_variable,
)
from process_engine.schema.runtime_jobs import act_ru_ext_task, act_ru_job
from process_engine.straight_migration.mapping import StraightMapping
from process_engine.straight_migration.rows import Changes
from process_engine.transaction import Transaction

TEXT = String()
CREATED = "CREATED"
"""STATE_ of ACT_HI_VARINST."""
SUSPENDED = 2
"""SUSPENSION_STATE_ of what is suspended."""


@dataclass(frozen=True)
class Target:
    """The process definition that instances get, as rows name it."""

    id: str
    key: str
    deployment_id: str | None


def save(transaction: Transaction, changes: Changes, mapping: StraightMapping, target: Target) -> None:
    """Save the changes of a chunk; the caller commits."""
    if not changes.instances:
        return
    definition = {"proc_def_id_": target.id, "proc_def_key_": target.key}
    _save_runtime(transaction, changes, mapping, target)
    if transaction.history_level >= HistoryLevel.ACTIVITY:
        _save_instances(transaction, changes, definition)
    if transaction.history_level >= HistoryLevel.AUDIT:
        _save_variables(transaction, changes.instances, definition)
    if transaction.history_level >= HistoryLevel.FULL:
        _update_each(
            transaction,
            act_hi_incident,
            ("execution_id_", "activity_id_", "job_def_id_"),
            changes.incidents,
            definition,
        )


def _save_runtime(transaction: Transaction, changes: Changes, mapping: StraightMapping, target: Target) -> None:
    definition = {"proc_def_id_": target.id, "proc_def_key_": target.key}
    of_job = {"process_def_id_": target.id, "process_def_key_": target.key, "deployment_id_": target.deployment_id}
    of_task = {"proc_def_id_": target.id}
    tasks = [(id_, activity_id) for id_, _, activity_id in changes.tasks]
    external_tasks = [(id_, activity_id) for id_, _, activity_id in changes.external_tasks]
    subscriptions = [(id_, activity_id) for id_, _, activity_id in changes.subscriptions]
    incidents = [(id_, activity_id, definition_id) for id_, _, activity_id, definition_id in changes.incidents]
    _update_each(transaction, act_ru_ext_task, ("act_id_",), external_tasks, definition)
    _update_each(transaction, act_ru_incident, ("activity_id_", "job_def_id_"), incidents, of_task)
    _update_each(transaction, act_ru_job, ("job_def_id_", "handler_cfg_"), changes.jobs, of_job)
    _update_each(transaction, act_ru_event_subscr, ("activity_id_",), subscriptions, {})
    _update_each(transaction, act_ru_task, ("task_def_key_",), tasks, of_task)
    _update_executions(transaction, changes.instances, mapping, definition)


def _update_executions(
    transaction: Transaction, instance_ids: Sequence[str], mapping: StraightMapping, definition: Mapping[str, Any]
) -> None:
    table = act_ru_execution.c
    values: dict[str, Any] = {"rev_": table.rev_ + 1}
    values |= {name: value for name, value in definition.items() if transaction.has(act_ru_execution.c[name])}
    if renamed := _renamed(mapping):
        values["act_id_"] = case(renamed, value=table.act_id_, else_=table.act_id_)
    statement = update(act_ru_execution).where(any_of(table.proc_inst_id_, instance_ids)).values(values)
    transaction.connection.execute(statement)


def _renamed(mapping: StraightMapping) -> dict[str, str]:
    return {
        source: target.id
        for source, target in {**mapping.transitions, **mapping.activities}.items()
        if source != target.id
    }


def _update_each(
    transaction: Transaction,
    table: Table,
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    common: Mapping[str, Any],
) -> None:
    """Set columns of rows by their ids, each row its own values, and those that all have in common."""
    if not rows:
        return
    types: dict[str, TypeEngine[Any]] = {"id_": TEXT, **dict.fromkeys(names, TEXT)}
    given = rows_of(transaction.connection, "given", types, rows)
    values: dict[str, Any] = {name: given.c[name] for name in names} | dict(common)
    if "rev_" in table.c:
        values["rev_"] = table.c.rev_ + 1
    transaction.connection.execute(update(table).where(table.c.id_ == given.c.id_).values(values))


# ---------------------------------------------------------------- history


def _save_instances(transaction: Transaction, changes: Changes, definition: Mapping[str, Any]) -> None:
    """What is open: whatever has ended stays with the definition in which it did."""
    _update_each(transaction, act_hi_taskinst, ("execution_id_", "task_def_key_"), changes.tasks, definition)
    columns = ("execution_id_", "act_id_", "act_name_", "act_type_")
    _update_each(transaction, act_hi_actinst, columns, changes.activity_instances, definition)
    instance, execution = act_hi_procinst.c, act_ru_execution.c
    state = case((execution.suspension_state_ == SUSPENDED, "SUSPENDED"), else_="ACTIVE")
    statement = update(act_hi_procinst).where(any_of(instance.id_, changes.instances), execution.id_ == instance.id_)
    transaction.connection.execute(statement.values(state_=state, **definition))


def _save_variables(transaction: Transaction, instance_ids: Sequence[str], definition: Mapping[str, Any]) -> None:
    """Variables of executions; those of tasks keep their definition. Their bytes get new ids, as if written anew."""
    variable, historic = act_ru_variable.c, act_hi_varinst.c
    of_executions = (any_of(variable.proc_inst_id_, instance_ids), variable.task_id_.is_(None))
    held = select(variable.id_, historic.bytearray_id_).where(
        *of_executions,
        variable.bytearray_id_.is_not(None),
        historic.id_ == variable.id_,
        historic.bytearray_id_.is_not(None),
    )
    renewed = [(row[0], str(row[1]), transaction.new_id()) for row in transaction.connection.execute(held).all()]
    values: dict[str, Any] = {"rev_": historic.rev_ + 1, "state_": CREATED, **definition}
    if not renewed:
        statement = update(act_hi_varinst).where(*of_executions, historic.id_ == variable.id_)
        transaction.connection.execute(statement.values(values))
        return
    _renew_bytes(transaction, instance_ids, renewed)
    given = rows_of(
        transaction.connection, "given", {"id_": TEXT, "new": TEXT}, [(id_, new) for id_, _, new in renewed]
    )
    owned = (
        select(variable.id_, given.c.new)
        .join_from(act_ru_variable, given, given.c.id_ == variable.id_, isouter=True)
        .where(*of_executions)
        .subquery("owned")
    )
    statement = update(act_hi_varinst).where(historic.id_ == owned.c.id_)
    transaction.connection.execute(
        statement.values(bytearray_id_=func.coalesce(owned.c.new, historic.bytearray_id_), **values)
    )


def _renew_bytes(
    transaction: Transaction, instance_ids: Sequence[str], renewed: Sequence[tuple[str, str, str]]
) -> None:
    """Give byte arrays of the history new ids; all that a new one would have, they have.

    Where history rows have their root's removal time from the start, the engine forgets it if the root itself is
    migrated: it then finds the event of the migration instead of the root's row.
    """
    given = rows_of(
        transaction.connection, "given", {"old": TEXT, "new": TEXT}, [(old, new) for _, old, new in renewed]
    )
    table, root = act_ge_bytearray.c, act_hi_procinst.c
    of_root = select(root.removal_time_).where(root.id_ == table.root_proc_inst_id_, ~any_of(root.id_, instance_ids))
    values: dict[str, Any] = {
        "id_": given.c.new,
        "rev_": 1,
        "create_time_": transaction.now,
        "removal_time_": of_root.scalar_subquery() if transaction.removal_time_at_start else None,
    }
    transaction.connection.execute(update(act_ge_bytearray).where(table.id_ == given.c.old).values(values))
