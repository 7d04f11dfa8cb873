"""Starts scopes: executions inside each other, with what waits for events there, input mappings and start listeners.

Source: PvmExecutionImpl#instantiateScopes, PvmAtomicOperationActivityInitStack, PvmAtomicOperationActivityStart,
MigrationCompensationInstanceVisitor.
"""

from collections.abc import Sequence

from process_engine.execution_tree.changes import ActivityRecord, StartedActivity
from process_engine.execution_tree.events import create_subscription, create_timer, subscribe
from process_engine.execution_tree.execution import Execution, is_composite
from process_engine.execution_tree.owned_rows import COMPENSATE, EventSubscription
from process_engine.execution_tree.tree import Tree
from process_engine.model import (
    Activity,
    Moment,
    event_subscription_declarations,
    timeout_listener_declarations,
    timer_declarations,
)

MAX_ID_LENGTH = 64


def start_scopes(tree: Tree, execution: Execution, activities: Sequence[Activity]) -> list[Execution]:
    """Start scopes inside each other, without what is in them.

    Args:
        tree: Of the execution.
        execution: Runs the scope around the first, and has room for it.
        activities: Scopes of the execution's definition, each in the one before.

    Returns:
        Their executions; nothing runs in the last.

    Raises:
        JvmCodeError: Only a JVM can arm what waits for events there.
        ProcessEngineError: An input mapping, a listener or a timer fails, as in the Java engine.
    """
    made: list[Execution] = []
    for activity in activities:
        child = tree.editor.create_execution(execution)
        execution.is_active = False
        if made:
            execution.activity_id = None
        child.activity_id = activity.id
        _start(tree, child, activity)
        made.append(child)
        execution = child
    for child in made:
        child.activity_id, child.is_active = None, False
    return made


def start_event_scope(tree: Tree, parent: Execution, activity: Activity) -> tuple[Execution, EventSubscription]:
    """Make an event scope, as if an activity had ended that can be compensated, with the subscription that leads to it.

    Args:
        tree: Of the execution.
        parent: Runs the scope around the activity, or is the event scope of it.
        activity: Of the execution's definition.
    """
    execution = tree.editor.create_execution(parent)
    execution.is_event_scope, execution.activity_id, execution.is_active = True, activity.id, False
    _enter(tree, execution, activity)
    subscription = subscribe(tree, parent, COMPENSATE, None, activity.id)
    subscription.configuration = execution.id
    return execution, subscription


def _start(tree: Tree, execution: Execution, activity: Activity) -> None:
    for subscription in event_subscription_declarations(execution.definition, activity.id):
        if not subscription.is_start_event:
            create_subscription(tree, subscription, execution)
    execution.sequence_counter += 1
    _enter(tree, execution, activity)
    around = execution.parent_activity_instance_id
    record = ActivityRecord.of(execution, activity, execution.activity_instance_id, around, None)
    tree.started.append(StartedActivity(record, execution, execution.sequence_counter))
    tree.hooks.call_listeners(execution, activity.id, Moment.START)
    if is_composite(activity) and execution.parent is not None:
        execution.parent.activity_instance_id = execution.activity_instance_id


def _enter(tree: Tree, execution: Execution, activity: Activity) -> None:
    id_ = tree.editor.new_id()
    named = f"{activity.id}:{id_}"
    execution.activity_instance_id = id_ if len(named) > MAX_ID_LENGTH else named
    tree.hooks.map_inputs(execution)
    for timer in timer_declarations(execution.definition, activity.id):
        create_timer(tree, timer, execution)
    for timer in timeout_listener_declarations(execution.definition, activity.id):
        create_timer(tree, timer, execution)
