"""Takes what migrates to the target definition, from the process instance downwards, level by level.

Scopes that the target has more are made once for all children of an instance; those that keep something for
compensation are made apart from those that run.

Source: MigratingProcessElementInstanceTopDownWalker, MigratingProcessElementInstanceVisitor.
"""

from collections import deque

from process_engine.execution_tree.scopes import Scope
from process_engine.operations.migration.on_trees.emergence import (
    create_events,
    instantiate_event_scopes,
    instantiate_scopes,
)
from process_engine.operations.migration.on_trees.instances import (
    MigratingActivityInstance,
    MigratingCompensation,
    MigratingEventScope,
    MigratingInstance,
    MigratingTransitionInstance,
)
from process_engine.operations.migration.on_trees.tree import MigratingTree

Branch = dict[str, MigratingInstance]
"""By scope of the target: the instance of it in which others are."""


def descend(tree: MigratingTree, root: MigratingActivityInstance) -> None:
    """Migrate an instance and all inside."""
    waiting = deque[tuple[MigratingInstance, Branch]]([(root, {})])
    while waiting:
        instance, branch = waiting.popleft()
        _migrate(tree, instance, branch)
        if isinstance(instance, MigratingTransitionInstance | MigratingCompensation):
            continue
        running, kept = dict(branch), dict(branch)
        for each in (running, kept):
            _visit(each, instance)
        for child in list(instance.children):
            waiting.append((child, kept if _is_kept(child) else running))


def _is_kept(instance: MigratingInstance) -> bool:
    return isinstance(instance, MigratingEventScope | MigratingCompensation)


def _visit(branch: Branch, instance: MigratingInstance) -> None:
    if instance.target is not None and instance.target.is_scope:
        branch[instance.target.id] = instance


def _migrate(tree: MigratingTree, instance: MigratingInstance, branch: Branch) -> None:
    source, target = instance.source, instance.target
    if target is None:
        return
    around = None if instance.parent is None else instance.parent.target
    if source is not None and not source.is_process and not target.flow_scope.is_same(around):
        _move(tree, instance, target.flow_scope, branch)
    instance.migrate(tree)
    instance.migrate_dependents(tree)
    if isinstance(instance, MigratingActivityInstance):
        create_events(tree, instance)


def _move(tree: MigratingTree, instance: MigratingInstance, flow_scope: Scope, branch: Branch) -> None:
    """Take an instance into another scope, which is made first if it is not there."""
    missing: list[Scope] = []
    existing = flow_scope
    while existing.id not in branch:
        missing.insert(0, existing)
        existing = existing.flow_scope
    if missing and _is_kept(instance):
        for event_scope in instantiate_event_scopes(tree, branch[existing.id], missing):
            _visit(branch, event_scope)
    elif missing:
        for scope in instantiate_scopes(tree, branch[existing.id], missing):
            _visit(branch, scope)
    instance.detach(tree)
    instance.attach(tree, branch[flow_scope.id])
