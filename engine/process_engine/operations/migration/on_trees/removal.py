"""Takes away what a plan does not map, from the leaves of the tree upwards: scopes, timers, subscriptions.

The tree is of the source definition all the while; what was inside a scope that goes climbs to the one around it.

Source: DeleteUnmappedInstanceVisitor, MigratingActivityInstance#remove, MigratingEventScopeInstance#remove.
"""

from process_engine.execution_tree.events import remove_job
from process_engine.operations.migration.on_trees.instances import (
    MigratingActivityInstance,
    MigratingEventScope,
    MigratingInstance,
    MigratingTransitionInstance,
)
from process_engine.operations.migration.on_trees.tree import MigratingTree


def remove_unmapped(tree: MigratingTree, instance: MigratingInstance) -> None:
    """Remove what is not mapped of an instance and of all inside."""
    for child in instance.scope_children:
        remove_unmapped(tree, child)
    if instance.migrates:
        if isinstance(instance, MigratingActivityInstance):
            _remove_events(tree, instance)
        return
    children, parent = list(instance.children), instance.parent
    _detach_children(tree, instance)
    _remove(tree, instance)
    for child in children:
        if parent is not None:
            child.attach(tree, parent)


def _remove_events(tree: MigratingTree, instance: MigratingActivityInstance) -> None:
    """Remove the timers and subscriptions of a scope that stays."""
    for job in instance.removed_jobs:
        remove_job(tree, job)
    for subscription in instance.removed_subscriptions:
        tree.rows.event_subscriptions.remove(subscription)


def _detach_children(tree: MigratingTree, instance: MigratingInstance) -> None:
    """Detach the children; what depends on them first, since a tree that shrinks may overwrite it."""
    children = list(instance.children)
    activities = [child for child in children if isinstance(child, MigratingActivityInstance)]
    transitions = [child for child in children if isinstance(child, MigratingTransitionInstance)]
    for child in activities:
        child.detach_dependents(tree)
    for child in (*activities, *transitions):
        child.detach(tree)
    for child in children:
        if child not in activities and child not in transitions:
            child.detach(tree)


def _remove(tree: MigratingTree, instance: MigratingInstance) -> None:
    if isinstance(instance, MigratingActivityInstance):
        _cancel(tree, instance)
    elif isinstance(instance, MigratingEventScope):
        tree.editor.remove(instance.execution)
        tree.rows.event_subscriptions.remove(instance.compensation.subscription)
        instance.set_parent(None)


def _cancel(tree: MigratingTree, instance: MigratingActivityInstance) -> None:
    """Cancel the activity instance of a scope; others are leaves, and mapped."""
    if not instance.runs_scope:
        return
    execution = instance.representative()
    around = execution.parent
    execution.activity_id = None if instance.source is None else instance.source.id
    execution.activity_instance_id = instance.id
    tree.editor.cascade(execution)
    if isinstance(instance.parent, MigratingActivityInstance) and around is not None:
        instance.parent.destroy_attachable(tree, around)
    instance.set_parent(None)
    for child in list(instance.children):
        child.set_parent(None)
