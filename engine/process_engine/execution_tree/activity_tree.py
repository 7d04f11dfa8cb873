"""The activity instances of a process instance, read off its executions.

Source: GetActivityInstanceCmd, ActivityExecutionTreeMapping.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from process_engine.execution_tree.activity_instances import scopes_around
from process_engine.execution_tree.execution import Execution, throws_compensation
from process_engine.model import Activity


@dataclass(eq=False, slots=True)
class ActivityInstance:
    """A run of an activity, or of the process.

    Attributes:
        scope_id: The activity, or the process's key.
        execution: That runs it.
        transitions: Executions in it that wait before or after an activity.
    """

    id: str
    scope_id: str
    execution: Execution
    parent_id: str | None
    children: "list[ActivityInstance]" = field(default_factory=list["ActivityInstance"])
    transitions: list[Execution] = field(default_factory=list[Execution])

    def downwards(self) -> "Iterator[ActivityInstance]":
        """It and those inside, level by level."""
        level = [self]
        while level:
            yield from level
            level = [child for each in level for child in each.children]


def activity_tree(instance: Execution) -> ActivityInstance:
    """The activity instances of a process instance, from its own downwards."""
    root = ActivityInstance(instance.id, instance.definition.key, instance, None)
    found = {instance.id: root}
    waiting: list[Execution] = []
    for leaf in sorted((each for each in instance.family() if _is_leaf(each)), key=lambda each: each.id):
        activity = leaf.activity
        if activity is not None:
            _add(found, waiting, leaf, activity)
    for each in found.values():
        if each.parent_id is not None:
            around = root if each.id == each.parent_id else found[each.parent_id]
            around.children.append(each)
    for execution in waiting:
        found[execution.parent_activity_instance_id or instance.id].transitions.append(execution)
    return root


def _is_leaf(execution: Execution) -> bool:
    return not execution.is_event_scope and (not execution.tokens or throws_compensation(execution))


def _add(found: dict[str, ActivityInstance], waiting: list[Execution], leaf: Execution, activity: Activity) -> None:
    scopes = dict(scopes_around(leaf))
    remaining = dict(scopes)
    if leaf.activity_instance_id is None:
        waiting.append(leaf)
        remaining.pop(activity.id, None)
    elif not throws_compensation(leaf):
        around = scopes[activity.flow_scope_id].parent_activity_instance_id
        id_ = leaf.activity_instance_id
        found[id_] = ActivityInstance(id_, activity.id, leaf, around)
        remaining.pop(activity.id, None)
    for scope_id, execution in remaining.items():
        id_ = execution.parent_activity_instance_id
        if scope_id == leaf.definition.key or id_ is None or id_ in found:
            continue
        around = scopes[leaf.definition.activity(scope_id).flow_scope_id].parent_activity_instance_id
        found[id_] = ActivityInstance(id_, scope_id, execution, around)
