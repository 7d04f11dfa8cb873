"""Makes what the target has more: scopes around what migrates, timers and subscriptions of scopes.

Source: MigratingActivityInstanceVisitor, MigrationCompensationInstanceVisitor, EmergingJobInstance,
MigratingEventSubscriptionInstance#create.
"""

from collections.abc import Sequence

from process_engine.errors import ProcessEngineError, SuspendedEntityInteractionError
from process_engine.execution_tree.events import create_subscription, create_timer
from process_engine.execution_tree.scopes import Scope
from process_engine.execution_tree.starting import start_event_scope, start_scopes
from process_engine.operations.migration.on_trees.instances import (
    MigratingActivityInstance,
    MigratingCompensation,
    MigratingEventScope,
    MigratingInstance,
)
from process_engine.operations.migration.on_trees.tree import MigratingTree


def create_events(tree: MigratingTree, instance: MigratingActivityInstance) -> None:
    """Make the timers and subscriptions that the target of a scope has more."""
    execution = instance.representative()
    for timer in instance.timers:
        create_timer(tree, timer, execution)
    for subscription in instance.subscriptions:
        create_subscription(tree, subscription, execution)


def instantiate_scopes(
    tree: MigratingTree, ancestor: MigratingInstance, scopes: Sequence[Scope]
) -> list[MigratingActivityInstance]:
    """Start scopes inside each other, below an activity instance, without what is in them."""
    if not isinstance(ancestor, MigratingActivityInstance):
        raise ProcessEngineError("ENGINE-23011 Only an activity instance can have children that are activity instances")
    execution = ancestor.create_attachable(tree)
    if execution.is_suspended:  # the execution may be gone with the transaction, the instance is not
        raise SuspendedEntityInteractionError.of(tree.instance.id)
    made = start_scopes(tree, execution, [scope.definition.activity(scope.id) for scope in scopes])
    return [
        MigratingActivityInstance(id=None, execution=child, source=None, target=scope, current=scope)
        for child, scope in zip(made, scopes, strict=True)
    ]


def instantiate_event_scopes(
    tree: MigratingTree, ancestor: MigratingInstance, scopes: Sequence[Scope]
) -> list[MigratingEventScope]:
    """Make event scopes inside each other, each with the subscription that leads to it."""
    parent = ancestor.representative()
    made: list[MigratingEventScope] = []
    for scope in scopes:
        parent, subscription = start_event_scope(tree, parent, scope.definition.activity(scope.id))
        compensation = MigratingCompensation(subscription=subscription, source=None, target=scope, current=scope)
        made.append(
            MigratingEventScope(execution=parent, compensation=compensation, source=None, target=scope, current=scope)
        )
    return made
