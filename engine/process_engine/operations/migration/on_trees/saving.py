"""Saves what migration did to execution trees: one statement a table and kind of change, for a whole chunk.

Source: ExecutionEntity, DefaultHistoryEventProducer#createProcessInstanceMigrateEvt and its like.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import String, Table, Update, bindparam, update
from sqlalchemy.types import TypeEngine

from process_engine.database import row_values, values_parameter
from process_engine.execution_tree.changes import Changes
from process_engine.execution_tree.contents import Contents
from process_engine.execution_tree.execution import SUSPENDED, Execution
from process_engine.execution_tree.saving.contents import insert_contents, update_contents
from process_engine.execution_tree.saving.event_subscriptions import delete_event_subscriptions
from process_engine.execution_tree.saving.executions import delete_executions, update_migrated_executions
from process_engine.execution_tree.saving.external_tasks import delete_external_tasks
from process_engine.execution_tree.saving.history import end_activities, migrate_activities, start_activities
from process_engine.execution_tree.saving.jobs import delete_jobs, delete_jobs_alone
from process_engine.execution_tree.saving.tasks import REPEATED, delete_tasks
from process_engine.execution_tree.saving.variables import (
    delete_variables,
    differs,
    migrate_variables,
    save_variables,
)
from process_engine.executions import (
    EVENT_SUBSCRIPTIONS_BIT,
    EXTERNAL_TASKS_BIT,
    INCIDENT_BIT,
    JOBS_BIT,
    TASKS_BIT,
    VARIABLES_BIT,
)
from process_engine.incidents import delete_incidents
from process_engine.insertion import insert_rows
from process_engine.operations.migration.on_trees.tree import StartedActivity, Tree
from process_engine.removal_time import removal_times
from process_engine.schema.history import act_hi_incident, act_hi_procinst, act_hi_taskinst
from process_engine.schema.runtime import act_ru_event_subscr, act_ru_execution, act_ru_task
from process_engine.transaction import Transaction

REASON = "migration"


@dataclass(frozen=True, slots=True)
class Migrated:
    """The trees of a chunk, and which roots have no removal time any more for what is written."""

    trees: Sequence[Tree]
    forgotten: frozenset[str]

    @property
    def contents(self) -> list[Contents]:
        """What belongs to their executions."""
        return [tree.contents for tree in self.trees]

    def changes(self) -> Changes:
        """What was cancelled in all of them."""
        found = Changes()
        for tree in self.trees:
            found.add(tree.structure.changes)
        return found


def save_migration(transaction: Transaction, migrated: Migrated) -> None:
    """Save migrated instances; the caller commits."""
    if not migrated.trees:
        return
    changes = migrated.changes()
    made = [each for tree in migrated.trees for each in tree.structure.made]
    _insert_executions(transaction, [each for each in made if not each.is_removed], migrated)
    update_contents(transaction, migrated.contents)
    end_activities(transaction, changes.activity_ends.values())
    _save_history(transaction, migrated)
    for contents in migrated.contents:
        contents.mark_moved_variables()
    save_variables(transaction, changes.variables)
    _save_variable_history(transaction, migrated, changes)
    insert_contents(transaction, migrated.contents, migrated.forgotten)
    known = {each.id for each in made}
    removed = [each for each in changes.removed if each.id not in known]
    _delete_events(transaction, migrated)
    _delete_what_belongs_to(transaction, removed)
    update_migrated_executions(transaction, _changed(migrated))
    delete_incidents(transaction, [each.id for each in removed if each.content & INCIDENT_BIT])
    delete_executions(transaction, removed)


def _bits(tree: Tree, execution: Execution) -> int:
    forgetful = VARIABLES_BIT if execution.id in tree.structure.forgetful else 0
    return tree.contents.bits(execution) | forgetful


def _changed(migrated: Migrated) -> list[tuple[Execution, int]]:
    """Executions whose rows change, with their new CACHED_ENT_STATE_."""
    found: list[tuple[Execution, int]] = []
    for tree in migrated.trees:
        for execution in tree.loaded:
            bits = _bits(tree, execution)
            now = execution.process_definition_id, bits
            is_changed = execution.state != execution.before or now != tree.before[execution.id]
            if not execution.is_removed and (execution.is_touched or is_changed):
                found.append((execution, bits))
    migrated_instances = {tree.instance.id for tree in migrated.trees}
    called = [each for tree in migrated.trees for each in tree.called if each.id not in migrated_instances]
    return found + [(each, each.cached_state) for each in called if each.state != each.before]


def _insert_executions(transaction: Transaction, executions: Sequence[Execution], migrated: Migrated) -> None:
    trees = {tree.instance.id: tree for tree in migrated.trees}
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
            "cached_ent_state_": _bits(trees[each.process_instance_id], each),
            "sequence_counter_": each.sequence_counter,
            "tenant_id_": each.tenant_id,
        }
        for each in executions
    ]
    insert_rows(transaction.connection, act_ru_execution, rows, transaction.missing_columns)


def _delete_events(transaction: Transaction, migrated: Migrated) -> None:
    """Delete the timers and subscriptions of executions that stay."""
    jobs = [job.id for one in migrated.contents for job in one.jobs.removed()]
    delete_jobs_alone(transaction, jobs, [each for tree in migrated.trees for each in tree.loaded])
    gone = [each.id for one in migrated.contents for each in one.event_subscriptions.removed()]
    delete_event_subscriptions(transaction, gone, of=act_ru_event_subscr.c.id_)


def _delete_what_belongs_to(transaction: Transaction, removed: Sequence[Execution]) -> None:
    def having(bits: int) -> list[Execution]:
        return [execution for execution in removed if execution.content & bits]

    delete_tasks(transaction, [execution.id for execution in having(TASKS_BIT)], REASON)
    delete_external_tasks(transaction, having(EXTERNAL_TASKS_BIT))
    delete_variables(transaction, [execution.id for execution in having(VARIABLES_BIT | TASKS_BIT)])
    delete_jobs(transaction, having(JOBS_BIT))
    delete_event_subscriptions(transaction, [execution.id for execution in having(EVENT_SUBSCRIPTIONS_BIT)])


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
    task, history, given = act_ru_task.c, act_hi_taskinst.c, values_parameter(OF_TASK).c
    values: dict[str, Any] = {name: task[name] for name in REPEATED}
    values |= {"execution_id_": given.execution_id_, "proc_def_key_": bindparam("target_key", type_=String())}
    if has_state:
        values["task_state_"] = task.task_state_
    return update(act_hi_taskinst).where(history.id_ == task.id_, task.id_ == given.id_).values(values)


def _save_history(transaction: Transaction, migrated: Migrated) -> None:
    if not transaction.history_level.keeps_instances:
        return
    _save_instances(transaction, [each for tree in migrated.trees for each in tree.recorded.instances])
    migrate_activities(transaction, [each for tree in migrated.trees for each in tree.recorded.activities.values()])
    started = [each for tree in migrated.trees for each in tree.recorded.started]
    start_activities(transaction, _started_rows(transaction, started, migrated.forgotten))
    _save_tasks(transaction, migrated)
    if transaction.history_level.keeps_logs:
        _save_incidents(transaction, migrated)


def _save_instances(transaction: Transaction, instances: Iterable[Execution]) -> None:
    rows = [
        (each.id, each.process_definition_id, each.definition.key, "SUSPENDED" if each.is_suspended else "ACTIVE")
        for each in instances
    ]
    transaction.connection.execute(INSTANCES, row_values(transaction.connection, OF_INSTANCE, rows))


def _started_rows(
    transaction: Transaction, started: Sequence[StartedActivity], forgotten: frozenset[str]
) -> list[dict[str, Any]]:
    roots = {each.execution.root_process_instance_id for each in started} - forgotten
    removal = removal_times(transaction, roots)
    rows: list[dict[str, Any]] = []
    for each in started:
        execution, record = each.execution, each.record
        row: dict[str, Any] = {
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
            "act_inst_state_": 0,
            "sequence_counter_": each.sequence_counter,
            "tenant_id_": execution.tenant_id,
            "removal_time_": removal.get(execution.root_process_instance_id),
        }
        rows.append(row)
    return rows


def _save_tasks(transaction: Transaction, migrated: Migrated) -> None:
    rows = [each for tree in migrated.trees for each in tree.recorded.tasks.items()]
    if not rows:
        return
    has_state = transaction.has(act_hi_taskinst.c.task_state_) and transaction.has(act_ru_task.c.task_state_)
    given = row_values(transaction.connection, OF_TASK, rows) | {"target_key": migrated.trees[0].target.key}
    transaction.connection.execute(_tasks(has_state=has_state), given)


def _save_incidents(transaction: Transaction, migrated: Migrated) -> None:
    rows = [
        (id_, *columns, tree.target.key) for tree in migrated.trees for id_, columns in tree.recorded.incidents.items()
    ]
    if not rows:
        return
    transaction.connection.execute(INCIDENTS, row_values(transaction.connection, OF_INCIDENT, rows))


def _save_variable_history(transaction: Transaction, migrated: Migrated, changes: Changes) -> None:
    """Once a variable, whatever happened to it: its revision grows by one."""
    dropped = {each.id for each in changes.variables.dropped}
    written = {
        each.variable_id
        for each in changes.variables.updates
        if each.before is not None and differs(each.value, each.before)
    }
    found = [
        each
        for tree in migrated.trees
        for id_, each in tree.recorded.variables.items()
        if id_ not in dropped and not each.is_new
    ]
    target = migrated.trees[0].target
    migrate_variables(transaction, found, (target.id, target.key), written, migrated.forgotten)
