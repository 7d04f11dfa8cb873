"""Execution trees as tests need them: built execution by execution over a small model, and cancelled in memory."""

from dataclasses import dataclass, field
from typing import Any

from process_engine.clock import Clock
from process_engine.execution_tree.changes import Changes
from process_engine.execution_tree.deletion import Deletion
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.hooks import Hooks
from process_engine.execution_tree.values.stored import StoredValue
from process_engine.execution_tree.variables import Variable
from process_engine.ids import TimeOrderedIds
from process_engine.model import ProcessDefinition
from process_engine.operations.cancellation.on_trees import cancel_process_instance


@dataclass
class Forest:
    """Trees that are cancelled together, and what that changes."""

    changes: Changes = field(default_factory=Changes)
    codes: list[str] = field(default_factory=list)

    def instance(
        self,
        id_: str,
        definition: ProcessDefinition,
        activity: str | None = None,
        instance: str | None = None,
        *,
        caller: Execution | None = None,
        **columns: Any,
    ) -> Execution:
        """A process instance; with `activity` it runs that itself, without one it is in no activity but its own."""
        row = {"is_scope": True, "activity_id": activity, "activity_instance_id": instance or id_,
               "process_instance_id": id_, "is_active": activity is not None}  # fmt: skip
        execution = self._add(id_, definition, row | columns)
        execution.caller = caller
        if caller is not None:
            caller.called = execution
        execution.before = execution.state
        return execution

    def child(self, parent: Execution, id_: str, activity: str | None = None, instance: str | None = None,
              **columns: Any) -> Execution:  # fmt: skip
        """A child: concurrent unless `is_scope`."""
        is_scope = columns.get("is_scope", False)
        row = {"is_concurrent": not is_scope, "activity_id": activity, "activity_instance_id": instance,
               "process_instance_id": parent.process_instance_id, "is_active": activity is not None}  # fmt: skip
        execution = self._add(id_, parent.definition, row | columns)
        execution.parent = parent
        parent.children.append(execution)
        execution.before = execution.state
        return execution

    def _add(self, id_: str, definition: ProcessDefinition, columns: dict[str, Any]) -> Execution:
        row = {"revision": 1, "process_definition_id": "p:1", "root_process_instance_id": "root", "tenant_id": None,
               "is_concurrent": False, "is_scope": False, "is_event_scope": False, "is_suspended": False,
               "cached_state": 0, "sequence_counter": 1} | columns  # fmt: skip
        execution = Execution(id=id_, definition=definition, content=row["cached_state"], **row)
        self.changes.executions.append(execution)
        return execution

    def variable(self, execution: Execution, name: str, number: int) -> Variable:
        """An integer variable of an execution."""
        value = StoredValue("integer", text=str(number), long=number)
        variable = Variable(f"{execution.id}.{name}", name, execution, value, 1, 1, is_concurrent_local=False)
        self.changes.variables.local(execution)[name] = variable
        return variable

    def cancel(self, instance: Execution, *, is_external: bool = True, skips_called: bool = False,
               skips_listeners: bool = False, skips_outputs: bool = False) -> Changes:  # fmt: skip
        """Cancel a process instance of it."""
        hooks = Hooks(self.changes.variables, Clock(), TimeOrderedIds(), skips_listeners, skips_outputs)
        cancel_process_instance(Deletion(self.changes, hooks, skips_called), instance, is_external=is_external)
        self.codes = [str(code) for code in hooks.codes]
        return self.changes


def ids(executions: list[Execution]) -> list[str]:
    """The ids of executions."""
    return [execution.id for execution in executions]
