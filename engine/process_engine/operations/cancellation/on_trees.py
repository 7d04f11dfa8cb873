"""Cancellation of process instances on execution trees: downwards, and upwards into those that called them.

A called instance that is cancelled cancels the call activity in its caller: a branch of it, an inner instance of a
multi-instance body, or the caller as a whole, and so on upwards.

Source: AbstractDeleteProcessInstanceCmd, ActivityInstanceCancellationCmd, ModifyProcessInstanceCmd, ModificationUtil.
"""

from process_engine.errors import ProcessEngineError
from process_engine.execution_tree.deletion import Deletion
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.variables import integer
from process_engine.model import Moment

ACTIVE_INSTANCES = "nrOfActiveInstances"


class SuspendedEntityInteractionError(ProcessEngineError):
    """Something has to be done with an execution that is suspended."""

    reason = "Suspended"


def cancel_process_instance(deletion: Deletion, instance: Execution, *, is_external: bool) -> None:
    """Cancel a process instance, and in its caller the activity that called it.

    Args:
        deletion: Notes what changes.
        instance: The topmost execution of a process instance.
        is_external: Whether somebody from outside terminated it.
    """
    caller = instance.caller
    deletion.changes.dismissed += instance.family()
    deletion.cascade(instance)
    if caller is not None:
        upwards = Deletion(deletion.changes, deletion.ends)
        _cancel_call(upwards, caller, is_external=is_external)


def _cancel_call(deletion: Deletion, call: Execution, *, is_external: bool) -> None:
    instance = _process_instance(call)
    instance.is_preserved = True
    topmost = call
    while (scope := topmost.parent_scope) is not None and len(scope.tokens) <= 1:
        topmost = scope
    if topmost.is_preserved:
        _interrupt(deletion, topmost, is_external=is_external)
        topmost.leave_activity_instance()
        topmost.activity_id = None
    else:
        deletion.cascade(topmost)
        _remove_from_scope(deletion, topmost)
    instance.is_preserved = False
    is_empty = not instance.children and not instance.is_canceled and not instance.is_removed
    if is_empty and instance.activity_id is None:
        _delete_with_callers(deletion, instance)


def _process_instance(execution: Execution) -> Execution:
    while execution.parent is not None:
        execution = execution.parent
    return execution


def _interrupt(deletion: Deletion, instance: Execution, *, is_external: bool) -> None:
    """Empty a process instance that is kept for the time being.

    Source: PvmExecutionImpl#interrupt, #clearScope.
    """
    if instance.activity_id is not None:
        deletion.changes.ended_jobs.append((instance, instance.activity_id))
    for child in instance.tokens:
        deletion.cascade(child)
    activity = instance.activity
    if activity is not None and (instance.is_active or is_external):
        if instance.is_suspended:
            raise SuspendedEntityInteractionError(f"ENGINE-03043 Execution with id '{instance.id}' is suspended.")
        deletion.ends.call_listeners(instance, activity.id, Moment.END)
        deletion.note_end(instance, activity)
        instance.is_canceled = False


def _delete_with_callers(deletion: Deletion, instance: Execution) -> None:
    topmost = instance
    while (scope := topmost.calling_scope) is not None and len(scope.tokens) <= 1:
        topmost = scope
    deletion.cascade(topmost)
    _remove_from_scope(deletion, topmost)


def _remove_from_scope(deletion: Deletion, removed: Execution) -> None:
    """Tidy up the scope around what was removed.

    Source: ModificationUtil#handleChildRemovalInScope.
    """
    activity = removed.activity
    if activity is None:
        if removed.caller is None or removed.caller.activity is None:
            return
        removed = removed.caller
        activity = removed.activity
    wrapper = removed if removed.is_concurrent else removed.parent
    if activity is None or wrapper is None:
        return
    scope = (
        None
        if activity.flow_scope_id == removed.definition.key
        else removed.definition.activity(activity.flow_scope_id)
    )
    if scope is not None and scope.is_multi_instance_body:
        _remove_inner_instance(deletion, wrapper)
    elif wrapper.is_concurrent and (around := removed.parent_scope) is not None:
        deletion.remove(wrapper)
        prune(deletion, around)
        around.is_touched = True


def _remove_inner_instance(deletion: Deletion, wrapper: Execution) -> None:
    """Source: ParallelMultiInstanceActivityBehavior#destroyInnerInstance."""
    body = wrapper.parent
    deletion.remove(wrapper)
    if body is None:
        return
    body.is_touched = True
    variables = deletion.ends.variables
    active = variables.local(body).get(ACTIVE_INSTANCES)
    if active is not None and active.value.long is not None:
        variables.set_local(body, ACTIVE_INSTANCES, integer(active.value.long - 1), body, deletion.ends.new_id)


def prune(deletion: Deletion, scope: Execution) -> None:
    """Let a scope run itself what its last concurrent child ran.

    Source: PvmExecutionImpl#tryPruneLastConcurrentChild, ExecutionEntity#replace.
    """
    if len(scope.tokens) != 1 or not scope.tokens[0].is_concurrent:
        return
    last = scope.tokens[0]
    scope.activity_id = last.activity_id
    scope.activity_instance_id = last.activity_instance_id
    scope.is_active = last.is_active
    scope.content |= last.content
    deletion.changes.replacements.append((last, scope))
    deletion.ends.variables.move(last, scope)
    last.leave_activity_instance()
    for child in list(last.children):
        child.move_to(scope)
    last.leave_parent()
    deletion.changes.removed.append(last)
