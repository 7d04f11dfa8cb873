"""Deletion of an execution with everything below it, leaf by leaf, called instances before their callers.

Each leaf fires the end of its activity. A scope execution that runs an activity which is no scope ends twice: for that
activity, then for its own.

Source: PvmAtomicOperationDeleteCascade, PvmAtomicOperationDeleteCascadeFireActivityEnd,
PvmAtomicOperationActivityInstanceEnd.
"""

from dataclasses import dataclass

from process_engine.execution_tree.activity_instances import runs_handler_in_own_scope, scopes_around
from process_engine.execution_tree.changes import ActivityRecord, Changes
from process_engine.execution_tree.execution import Execution, flow_scope, is_composite, throws_compensation
from process_engine.execution_tree.hooks import Hooks
from process_engine.executions import TASKS_BIT
from process_engine.model import Activity, Moment


@dataclass(slots=True)
class Deletion:
    """Deletes executions and notes what that changes.

    Attributes:
        skips_called_instances: Called instances of the deleted one are detached, and stay.
    """

    changes: Changes
    hooks: Hooks
    skips_called_instances: bool = False

    def cascade(self, root: Execution) -> None:
        """Delete an execution and everything below."""
        root.is_deletion_root = True
        while True:
            leaf = _first_leaf(root)
            if leaf.is_deletion_root and leaf.is_removed:
                return  # it was the wrapper of the leaf before, and went with it
            self._delete_called(leaf)
            self.fire_end(leaf)
            if leaf is root:
                return

    def _delete_called(self, leaf: Execution) -> None:
        called = leaf.called
        if called is None:
            return
        if self.skips_called_instances:
            called.caller = leaf.called = None
            self.changes.detached.append(called)
        elif not called.is_removed:
            self.cascade(called)

    def fire_end(self, execution: Execution) -> None:
        """End the activity of a leaf, and then the leaf."""
        execution.is_canceled = True
        execution.sequence_counter += 1
        activity = execution.activity
        if activity is not None and _keeps_instance_on_parent(execution, activity):
            _take_back_instance(execution)
        if execution.activity_instance_id is not None:
            self._notify_end(execution)
        if activity is not None and _ends_twice(execution, activity):
            self._call_task_listeners(execution)
            execution.leave_activity_instance()
            execution.activity_id = flow_scope(execution.definition, activity)
            self.fire_end(execution)
            return
        if execution.is_scope:
            self._destroy(execution)
        self.remove(execution)
        if not execution.is_deletion_root:
            self._go_on_upwards(execution, activity)

    def _notify_end(self, execution: Execution) -> None:
        at: Execution | None = execution
        while at is not None and at.activity_id is None:
            at = at.parent
        if at is None:
            self.hooks.call_listeners(execution, execution.definition.key, Moment.END)
            self.changes.ended_instances.append(execution)
            return
        scope_id = at.activity_id or ""
        self.hooks.call_listeners(execution, scope_id, Moment.END)
        self.note_end(execution, execution.definition.activity(scope_id))

    def note_end(self, execution: Execution, activity: Activity) -> None:
        """Let history know that the execution's activity instance ended."""
        parent = execution.parent
        around = execution.parent_activity_instance_id
        if parent is not None and throws_compensation(parent) and execution.activity_id is not None:
            runner = scopes_around(execution).get(activity.flow_scope_id)
            around = around if runner is None else runner.parent_activity_instance_id
        id_ = execution.activity_instance_id or ""
        before = self.changes.activity_ends.get(id_)
        called = execution.called.id if execution.called is not None else before.called_id if before else None
        self.changes.activity_ends[id_] = ActivityRecord.of(execution, activity, id_, around, called)

    def _destroy(self, execution: Execution) -> None:
        self.hooks.map_outputs(execution)
        self._call_task_listeners(execution)
        self.hooks.variables.by_execution.pop(execution.id, None)
        execution.is_scope = False

    def _call_task_listeners(self, execution: Execution) -> None:
        if not execution.content & TASKS_BIT:
            return
        activity = execution.activity
        if activity is not None and activity.user_task is not None:
            self.hooks.call_listeners(execution, activity.id, Moment.TASK_DELETE)

    def remove(self, execution: Execution) -> None:
        """Remove an execution and the event scopes below."""
        if not execution.is_scope and not execution.is_removed:
            self._call_task_listeners(execution)
        is_new = not execution.is_removed
        execution.leave_parent()
        for child in [child for child in execution.children if child.is_event_scope]:
            self._destroy(child)
            self.remove(child)
        if is_new:
            self.changes.removed.append(execution)

    def _go_on_upwards(self, execution: Execution, activity: Activity | None) -> None:
        """Remove a wrapper that got empty, and let the scope around be at its own activity."""
        above = execution.parent
        if above is not None and not above.is_scope and not above.children:
            self.remove(above)
            if above.is_deletion_root:
                return
            above = above.parent
        if above is not None and above.activity_id is None and activity is not None:
            above.activity_id = flow_scope(above.definition, activity)


def _first_leaf(execution: Execution) -> Execution:
    while execution.children:
        execution = execution.children[0]
    return execution


def _keeps_instance_on_parent(execution: Execution, activity: Activity) -> bool:
    if execution.parent is None or not execution.is_scope or not activity.is_scope:
        return False
    return is_composite(activity) or activity.throws_compensation


def _take_back_instance(execution: Execution) -> None:
    """A composite's activity instance is kept by the parent while others run inside."""
    parent = execution.parent
    if parent is not None:
        execution.activity_instance_id = parent.activity_instance_id
        parent.leave_activity_instance()


def _ends_twice(execution: Execution, activity: Activity) -> bool:
    is_waiting = execution.activity_instance_id is None
    return execution.is_scope and (not activity.is_scope or is_waiting) and not runs_handler_in_own_scope(execution)
