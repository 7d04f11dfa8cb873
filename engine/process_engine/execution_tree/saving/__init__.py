"""Saves what operations did to execution trees: one statement a table and kind of change, for a whole chunk."""

from dataclasses import dataclass

from process_engine.authorizations import PROCESS_INSTANCE, delete_authorizations
from process_engine.execution_tree.changes import Changes
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.saving.event_subscriptions import delete_event_subscriptions
from process_engine.execution_tree.saving.executions import delete_executions, update_executions
from process_engine.execution_tree.saving.external_tasks import delete_external_tasks
from process_engine.execution_tree.saving.history import detach_instances, end_activities, end_instances
from process_engine.execution_tree.saving.jobs import delete_jobs, delete_jobs_of_activities
from process_engine.execution_tree.saving.removal_times import set_removal_times
from process_engine.execution_tree.saving.replacements import replace_executions
from process_engine.execution_tree.saving.tasks import delete_tasks
from process_engine.execution_tree.saving.variables import delete_variables, save_variables
from process_engine.executions import (
    EVENT_SUBSCRIPTIONS_BIT,
    EXTERNAL_TASKS_BIT,
    INCIDENT_BIT,
    JOBS_BIT,
    TASKS_BIT,
    VARIABLES_BIT,
)
from process_engine.incidents import delete_incidents
from process_engine.transaction import Transaction

__all__ = ["CancellationFacts", "save_cancellation", "set_removal_times"]


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
    removed = [execution.id for execution in changes.removed if execution.content & INCIDENT_BIT]
    delete_incidents(transaction, removed)
    delete_executions(transaction, changes.removed)


def _delete_what_belongs_to(transaction: Transaction, changes: Changes, facts: CancellationFacts) -> None:
    replaced = {source.id for source, _ in changes.replacements}
    removed = [execution for execution in changes.removed if execution.id not in replaced]
    dismissed = {execution.id for execution in changes.dismissed}

    def having(bits: int) -> list[Execution]:
        return [execution for execution in removed if execution.content & bits]

    with_tasks = [execution.id for execution in having(TASKS_BIT)]
    delete_tasks(transaction, [id_ for id_ in with_tasks if id_ in dismissed], facts.reason)
    delete_tasks(transaction, [id_ for id_ in with_tasks if id_ not in dismissed], None)
    delete_external_tasks(transaction, having(EXTERNAL_TASKS_BIT))
    delete_variables(transaction, [execution.id for execution in having(VARIABLES_BIT | TASKS_BIT)])
    delete_jobs(transaction, having(JOBS_BIT))
    delete_event_subscriptions(transaction, [execution.id for execution in having(EVENT_SUBSCRIPTIONS_BIT)])
    delete_authorizations(transaction, PROCESS_INSTANCE, [each.id for each in changes.ended_instances])
