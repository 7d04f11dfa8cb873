"""Saves what cancellation did to execution trees: one statement a table and kind of change, for a whole chunk.

What belongs to executions was not loaded: their bits say of which tables there are rows, and those go or move as they
are.
"""

from dataclasses import dataclass

from process_engine.authorizations import PROCESS_INSTANCE, delete_authorizations
from process_engine.execution_tree.changes import Changes
from process_engine.execution_tree.saving.executions import delete_executions, update_executions
from process_engine.execution_tree.saving.history import detach_instances, end_activities, end_instances
from process_engine.execution_tree.saving.jobs import delete_jobs_of_activities
from process_engine.execution_tree.saving.removed import delete_owned_rows, having
from process_engine.execution_tree.saving.replacements import replace_executions
from process_engine.execution_tree.saving.tasks import delete_tasks
from process_engine.execution_tree.saving.variables import save_variables
from process_engine.executions import INCIDENT_BIT, TASKS_BIT
from process_engine.incidents import delete_incidents
from process_engine.transaction import Transaction


@dataclass(frozen=True)
class CancellationFacts:
    """What history says of a cancellation: why, and whether somebody from outside did it."""

    reason: str | None
    is_external: bool


def save_cancellation(transaction: Transaction, changes: Changes, facts: CancellationFacts) -> None:
    """Save the changes of cancelled instances, but for their removal times; the caller commits."""
    gained = replace_executions(transaction, changes.replacements)
    end_activities(transaction, changes.activity_ends.values())
    detach_instances(transaction, changes.detached)
    end_instances(transaction, changes.ended_instances, facts.reason, is_external=facts.is_external)
    save_variables(transaction, changes.variables)
    delete_jobs_of_activities(transaction, changes.ended_jobs)
    _delete_what_belongs_to(transaction, changes, facts)
    update_executions(transaction, list(changes.changed_executions()), gained)
    delete_incidents(transaction, [execution.id for execution in having(changes.removed, INCIDENT_BIT)])
    delete_executions(transaction, changes.removed)


def _delete_what_belongs_to(transaction: Transaction, changes: Changes, facts: CancellationFacts) -> None:
    replaced = {source.id for source, _ in changes.replacements}
    removed = [execution for execution in changes.removed if execution.id not in replaced]
    with_reason = {execution.id for execution in changes.cancelled_with_reason}
    with_tasks = [execution.id for execution in having(removed, TASKS_BIT)]
    delete_tasks(transaction, [id_ for id_ in with_tasks if id_ in with_reason], facts.reason)
    delete_tasks(transaction, [id_ for id_ in with_tasks if id_ not in with_reason], None)
    delete_owned_rows(transaction, removed)
    delete_authorizations(transaction, PROCESS_INSTANCE, [each.id for each in changes.ended_instances])
