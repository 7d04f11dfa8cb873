"""Saves trees that were loaded with all that belongs to their executions: a statement a table and kind of change.

In two parts, between which an operation writes what it alone knows of the history: what stays, and what goes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from process_engine.execution_tree.changes import Changes
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.owned_rows import ExecutionRows
from process_engine.execution_tree.saving.event_subscriptions import delete_event_subscriptions
from process_engine.execution_tree.saving.executions import (
    delete_executions,
    insert_executions,
    update_loaded_executions,
)
from process_engine.execution_tree.saving.history import end_activities, start_activities
from process_engine.execution_tree.saving.jobs import delete_jobs_alone
from process_engine.execution_tree.saving.owned_rows import insert_owned_rows, update_owned_rows
from process_engine.execution_tree.saving.removed import delete_owned_rows, having
from process_engine.execution_tree.saving.tasks import delete_tasks
from process_engine.execution_tree.saving.variables import save_variables
from process_engine.execution_tree.tree import Tree
from process_engine.executions import INCIDENT_BIT, TASKS_BIT, VARIABLES_BIT
from process_engine.incidents import delete_incidents
from process_engine.schema.runtime import act_ru_event_subscr
from process_engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class ChangedTrees:
    """The trees of a chunk, and what happened to all of them.

    Attributes:
        without_removal_time: Root process instances whose removal time history has forgotten.
    """

    trees: Sequence[Tree]
    changes: Changes
    without_removal_time: frozenset[str]

    @classmethod
    def of(cls, trees: Sequence[Tree], without_removal_time: frozenset[str] = frozenset()) -> "ChangedTrees":
        """Trees as an operation left them."""
        return cls(trees, Changes.of_all(tree.editor.changes for tree in trees), without_removal_time)

    @property
    def rows(self) -> list[ExecutionRows]:
        """What belongs to their executions."""
        return [tree.rows for tree in self.trees]

    def made(self) -> list[tuple[Execution, int]]:
        """Executions that are new, with their CACHED_ENT_STATE_."""
        return [(each, _bits(tree, each)) for tree in self.trees for each in tree.editor.made if not each.is_removed]

    def changed(self) -> list[tuple[Execution, int]]:
        """Executions whose rows change, with their new CACHED_ENT_STATE_; also those that they call elsewhere."""
        instances = {tree.instance.id for tree in self.trees}
        called = [each for tree in self.trees for each in tree.called if each.id not in instances]
        return [found for tree in self.trees for found in _changed(tree)] + [
            (each, each.cached_state) for each in called if each.state != each.before
        ]

    def removed(self) -> list[Execution]:
        """Executions whose rows go."""
        made = {each.id for tree in self.trees for each in tree.editor.made}
        return [each for each in self.changes.removed if each.id not in made]


def _bits(tree: Tree, execution: Execution) -> int:
    return tree.rows.bits(execution) | (VARIABLES_BIT if execution.id in tree.editor.stale_variable_bits else 0)


def _changed(tree: Tree) -> list[tuple[Execution, int]]:
    found: list[tuple[Execution, int]] = []
    for execution in tree.loaded:
        bits = _bits(tree, execution)
        now = execution.process_definition_id, bits
        is_changed = execution.state != execution.before or now != tree.before[execution.id]
        if not execution.is_removed and (execution.bumps_revision or is_changed):
            found.append((execution, bits))
    return found


def save_what_stays(transaction: Transaction, changed: ChangedTrees) -> None:
    """Save what was made and what moved, and the end of activities.

    Args:
        transaction: The caller commits.
        changed: Their executions are not saved yet, but for those that are new.
    """
    insert_executions(transaction, changed.made())
    update_owned_rows(transaction, changed.rows)
    end_activities(transaction, changed.changes.activity_ends.values())
    started = [each for tree in changed.trees for each in tree.started]
    start_activities(transaction, started, changed.without_removal_time)
    for rows in changed.rows:
        rows.mark_moved_variables()
    save_variables(transaction, changed.changes.variables)
    insert_owned_rows(transaction, changed.rows, changed.without_removal_time)


def save_what_goes(transaction: Transaction, changed: ChangedTrees, reason: str | None) -> None:
    """Delete what was removed, and save the executions.

    Args:
        transaction: The caller commits.
        changed: What stays was saved before.
        reason: History's reason for tasks that go.
    """
    removed = changed.removed()
    _delete_events(transaction, changed)
    delete_tasks(transaction, [each.id for each in having(removed, TASKS_BIT)], reason)
    delete_owned_rows(transaction, removed)
    update_loaded_executions(transaction, changed.changed())
    delete_incidents(transaction, [each.id for each in having(removed, INCIDENT_BIT)])
    delete_executions(transaction, removed)


def _delete_events(transaction: Transaction, changed: ChangedTrees) -> None:
    """Delete the timers and subscriptions of executions that stay."""
    jobs = [job.id for rows in changed.rows for job in rows.jobs.removed()]
    delete_jobs_alone(transaction, jobs, [each for tree in changed.trees for each in tree.loaded])
    gone = [each.id for rows in changed.rows for each in rows.event_subscriptions.removed()]
    delete_event_subscriptions(transaction, gone, of=act_ru_event_subscr.c.id_)
