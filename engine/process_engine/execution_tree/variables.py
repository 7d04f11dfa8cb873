"""Variables of execution trees in memory: read, set, moved, as far as an operation needs them.

Only the trees whose operation looks at variables have theirs loaded; of all others they go with their executions.

Source: AbstractVariableScope, VariableStore, VariableInstanceEntity.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from process_engine.execution_tree.execution import Execution, is_composite
from process_engine.execution_tree.values.stored import StoredValue
from process_engine.ids import IdGenerator


class VariableRow(NamedTuple):
    """A row of ACT_RU_VARIABLE with its byte array, by the names of the columns.

    Attributes:
        bytes_: Null also where they were not asked for.
    """

    id_: str
    name_: str
    type_: str
    text_: str | None
    text2_: str | None
    long_: int | None
    double_: float | None
    bytearray_id_: str | None
    rev_: int | None
    sequence_counter_: int | None
    is_concurrent_local_: bool | None
    proc_def_id_: str | None
    proc_inst_id_: str | None
    execution_id_: str | None
    task_id_: str | None
    bytes_: bytes | None


@dataclass(slots=True)
class Variable:
    """A variable of an execution.

    Attributes:
        revision: REV_ as it was read; 0 of one that was made here.
        sequence_counter: Grows with every change.
        is_concurrent_local: Set locally on an execution that is no scope's.
        is_new: It was made here.
        is_changed: Its value was.
        process_definition_id: That of its execution when it came there.
    """

    id: str
    name: str
    execution: Execution
    value: StoredValue
    revision: int
    sequence_counter: int
    is_concurrent_local: bool
    is_new: bool = False
    is_changed: bool = False
    is_moved: bool = False
    bytes_id: str | None = None
    process_definition_id: str | None = None

    @classmethod
    def from_row(cls, row: "VariableRow", execution: Execution) -> "Variable":
        """A variable of an execution as it was read."""
        data = None if row.bytes_ is None else bytes(row.bytes_)
        return cls(
            id=row.id_,
            name=row.name_,
            execution=execution,
            value=StoredValue(row.type_, row.text_, row.text2_, row.long_, row.double_, data),
            revision=row.rev_ or 0,
            sequence_counter=row.sequence_counter_ or 0,
            is_concurrent_local=bool(row.is_concurrent_local_),
            bytes_id=row.bytearray_id_,
            process_definition_id=row.proc_def_id_,
        )

    def belong_to(self, execution: Execution) -> None:
        """Be a variable of an execution."""
        self.execution, self.process_definition_id = execution, execution.process_definition_id


@dataclass(frozen=True, slots=True)
class VariableUpdate:
    """A row of history: a variable was made or changed.

    Attributes:
        revision: Of the variable before.
        process_definition_id: That of the execution at that time.
        scope_activity_instance_id: Where it belongs.
        source_activity_instance_id: Where it was set.
        before: The value that it had; null if it was made.
        is_removal: It was removed, `value` is its last.
        is_without_removal_time: History has forgotten the removal time of its root.
    """

    variable_id: str
    name: str
    value: StoredValue
    revision: int
    sequence_counter: int
    execution: Execution
    process_definition_id: str
    process_definition_key: str
    scope_activity_instance_id: str | None
    source_activity_instance_id: str | None
    before: StoredValue | None
    is_removal: bool = False
    is_without_removal_time: bool = False


@dataclass(slots=True)
class Variables:
    """Variables by execution and name, and what happened to them.

    Attributes:
        updates: In order.
        dropped: Ids of variables that gave way to another of the same name.
        is_without_removal_time: History has forgotten the removal time of the root of what is set from now on.
    """

    by_execution: dict[str, dict[str, Variable]] = field(default_factory=dict[str, dict[str, Variable]])
    updates: list[VariableUpdate] = field(default_factory=list[VariableUpdate])
    dropped: list[Variable] = field(default_factory=list[Variable])
    is_without_removal_time: bool = False

    def add(self, other: "Variables") -> None:
        """Take over those of another tree."""
        self.by_execution |= other.by_execution
        self.updates += other.updates
        self.dropped += other.dropped

    def local(self, execution: Execution) -> dict[str, Variable]:
        """Those of one execution."""
        return self.by_execution.setdefault(execution.id, {})

    def visible(self, execution: Execution) -> dict[str, Variable]:
        """Those that can be seen at an execution; what is nearer hides what is farther."""
        seen = {} if execution.parent is None else self.visible(execution.parent)
        return seen | self.local(execution)

    def set(self, execution: Execution, name: str, value: StoredValue, new_id: IdGenerator) -> None:
        """Set a variable where it is found from an execution upwards, or else on the process instance."""
        source, at = execution, execution
        while name not in self.local(at) and at.parent is not None:
            at = at.parent
        self.set_local(at, name, value, source, new_id)

    def set_local(
        self, execution: Execution, name: str, value: StoredValue, source: Execution, new_id: IdGenerator
    ) -> None:
        """Set a variable of one execution; history says from which execution."""
        variable = self.local(execution).get(name)
        if variable is None:
            local = _is_concurrent_local(execution)
            variable = Variable(new_id(), name, execution, value, 0, 1, local, is_new=True)
            variable.belong_to(execution)
            self.local(execution)[name] = variable
            self._record(variable, source, None)
            return
        before, variable.value = variable.value, value
        variable.sequence_counter += 1
        variable.is_changed = True
        self._record(variable, source, before)

    def remove_local(self, execution: Execution, name: str) -> None:
        """Remove a variable of one execution, for history to know."""
        variable = self.local(execution).pop(name, None)
        if variable is None:
            return
        variable.sequence_counter += 1
        self.dropped.append(variable)
        self._record(variable, execution, variable.value, is_removal=True)

    def _record(
        self, variable: Variable, source: Execution, before: StoredValue | None, *, is_removal: bool = False
    ) -> None:
        at = variable.execution
        scope = at.activity_instance_id if variable.is_concurrent_local else at.parent_activity_instance_id
        update = VariableUpdate(
            variable.id,
            variable.name,
            variable.value,
            variable.revision,
            variable.sequence_counter,
            at,
            at.process_definition_id,
            at.definition.key,
            scope,
            source.activity_instance_id,
            before,
            is_removal,
            self.is_without_removal_time,
        )
        self.updates.append(update)

    def move(self, source: Execution, target: Execution) -> None:
        """Move all variables of an execution to another; one of the same name there takes the value only."""
        for name, variable in self.local(source).items():
            existing = self.local(target).get(name)
            if existing is None:
                variable.belong_to(target)
                variable.is_moved = True
                self.local(target)[name] = variable
                continue
            before, existing.value, existing.is_changed = existing.value, variable.value, True
            existing.sequence_counter += 1
            self._record(existing, source, before)
            self.dropped.append(variable)
        self.by_execution[source.id] = {}


def _is_concurrent_local(execution: Execution) -> bool:
    if not execution.is_scope:
        return True
    activity = execution.activity
    if execution.parent is None or not execution.is_active or activity is None:
        return False
    return activity.is_scope and execution.activity_instance_id is not None and not is_composite(activity)
