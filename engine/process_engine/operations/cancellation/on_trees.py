"""Cancellation of process instances on execution trees: downwards, and upwards into those that called them.

A called instance that is cancelled cancels the call activity in its caller: a branch of it, an inner instance of a
multi-instance body, or the caller as a whole, and so on upwards.

Source: AbstractDeleteProcessInstanceCmd, ActivityInstanceCancellationCmd, ModifyProcessInstanceCmd, ModificationUtil.
"""

from process_engine.errors import SuspendedEntityInteractionError
from process_engine.execution_tree.deletion import Deletion
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.multi_instance import destroy_inner_instance
from process_engine.execution_tree.scopes import Scope
from process_engine.execution_tree.structure import NotedRows, TreeEditor
from process_engine.model import Moment


def cancel_process_instance(deletion: Deletion, instance: Execution, *, is_external: bool) -> None:
    """Cancel a process instance, and in its caller the activity that called it.

    Args:
        deletion: Notes what changes.
        instance: The topmost execution of a process instance.
        is_external: Whether somebody from outside terminated it.
    """
    caller = instance.caller
    deletion.changes.cancelled_with_reason += instance.family()
    deletion.cascade(instance)
    if caller is not None:
        upwards = TreeEditor(Deletion(deletion.changes, deletion.hooks), NotedRows(deletion.changes.replacements))
        _cancel_call(upwards, caller, is_external=is_external)


def _cancel_call(editor: TreeEditor, call: Execution, *, is_external: bool) -> None:
    instance = _process_instance(call)
    instance.is_preserved = True
    topmost = call
    while (scope := topmost.parent_scope) is not None and len(scope.tokens) <= 1:
        topmost = scope
    if topmost.is_preserved:
        _interrupt(editor, topmost, is_external=is_external)
        topmost.leave_activity_instance()
        topmost.activity_id = None
    else:
        editor.cascade(topmost)
        _remove_from_scope(editor, topmost)
    instance.is_preserved = False
    is_empty = not instance.children and not instance.is_canceled and not instance.is_removed
    if is_empty and instance.activity_id is None:
        _delete_with_callers(editor, instance)


def _process_instance(execution: Execution) -> Execution:
    while execution.parent is not None:
        execution = execution.parent
    return execution


def _interrupt(editor: TreeEditor, instance: Execution, *, is_external: bool) -> None:
    """Empty a process instance that is kept for the time being.

    Source: PvmExecutionImpl#interrupt, #clearScope.
    """
    if instance.activity_id is not None:
        editor.changes.ended_jobs.append((instance, instance.activity_id))
    for child in instance.tokens:
        editor.cascade(child)
    activity = instance.activity
    if activity is not None and (instance.is_active or is_external):
        if instance.is_suspended:
            raise SuspendedEntityInteractionError.of(instance.id)
        editor.deletion.hooks.call_listeners(instance, activity.id, Moment.END)
        editor.deletion.note_end(instance, activity)
        instance.is_canceled = False


def _delete_with_callers(editor: TreeEditor, instance: Execution) -> None:
    topmost = instance
    while (scope := topmost.calling_scope) is not None and len(scope.tokens) <= 1:
        topmost = scope
    editor.cascade(topmost)
    _remove_from_scope(editor, topmost)


def _remove_from_scope(editor: TreeEditor, removed: Execution) -> None:
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
    if Scope.of(removed.definition, activity.flow_scope_id).is_parallel_body:
        destroy_inner_instance(editor, wrapper, is_parallel=True)
    else:
        editor.leave_scope(wrapper)
