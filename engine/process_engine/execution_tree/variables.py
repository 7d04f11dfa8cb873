"""Variables of execution trees in memory: read, set, moved, as far as an operation needs them.

Only the trees whose operation looks at variables have theirs loaded; of all others they go with their executions.

Source: AbstractVariableScope, VariableStore, VariableInstanceEntity.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from process_engine.clock import Clock
from process_engine.execution_tree.execution import Execution, is_composite
from process_engine.expressions import InputStream, Integer, Long, NeedsJvmError, Short, serializer
from process_engine.expressions.java_serialization import CLASS_NAMES, ArrayList, Single, TreeMap, serialize
from process_engine.ids import IdGenerator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Value:
    """A value as its columns hold it.

    Attributes:
        type: The serializer's name.
        data: What a byte array holds, where the type keeps one.
        origin: Equal values with equal origins are one object in a JVM; None if it cannot be told.
    """

    type: str
    text: str | None = None
    text2: str | None = None
    long: int | None = None
    double: float | None = None
    data: bytes | None = None
    origin: Hashable | None = field(default_factory=object, compare=False, repr=False)


@dataclass(slots=True)
class Variable:
    """A variable of an execution.

    Attributes:
        revision: REV_ as it was read; 0 of one that was made here.
        sequence_counter: Grows with every change.
        is_concurrent_local: Set locally on an execution that is no scope's.
        is_new: It was made here.
        is_changed: Its value was.
        process_definition_id: That of its execution when it came there; null if nobody asks for it.
    """

    id: str
    name: str
    execution: Execution
    value: Value
    revision: int
    sequence_counter: int
    is_concurrent_local: bool
    is_new: bool = False
    is_changed: bool = False
    is_moved: bool = False
    bytes_id: str | None = None
    process_definition_id: str | None = None

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
    value: Value
    revision: int
    sequence_counter: int
    execution: Execution
    process_definition_id: str
    process_definition_key: str
    scope_activity_instance_id: str | None
    source_activity_instance_id: str | None
    before: Value | None
    is_removal: bool = False
    is_without_removal_time: bool = False


@dataclass(slots=True)
class Variables:
    """Variables by execution and name, and what happened to them.

    Attributes:
        updates: In order.
        dropped: Ids of variables that gave way to another of the same name.
        forgets_removal_time: History has forgotten the removal time of the root of what is set from now on.
    """

    by_execution: dict[str, dict[str, Variable]] = field(default_factory=dict[str, dict[str, Variable]])
    updates: list[VariableUpdate] = field(default_factory=list[VariableUpdate])
    dropped: list[Variable] = field(default_factory=list[Variable])
    forgets_removal_time: bool = False

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

    def set(self, execution: Execution, name: str, value: Value, new_id: IdGenerator) -> None:
        """Set a variable where it is found from an execution upwards, or else on the process instance."""
        source, at = execution, execution
        while name not in self.local(at) and at.parent is not None:
            at = at.parent
        self.set_local(at, name, value, source, new_id)

    def set_local(self, execution: Execution, name: str, value: Value, source: Execution, new_id: IdGenerator) -> None:
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

    def _record(self, variable: Variable, source: Execution, before: Value | None, *, is_removal: bool = False) -> None:
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
            self.forgets_removal_time,
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


# ---------------------------------------------------------------- values


def integer(number: int) -> Value:
    """An Integer, which the family keeps as number and text."""
    return Value("integer", text=str(number), long=number)


EMPTY_STRING = "!emptyString!"
"""TEXT2_ of an empty string, which some databases cannot tell from null."""


def value_of(result: Any, clock: Clock) -> Value | None:
    """The columns of an expression's result; null for what only a JVM can store."""
    kind = serializer(result)
    return None if kind is None else WRITERS[kind](result, clock)


SHORT_TEXT = "Value '{}' of type 'PrimitiveValueType[short]', isTransient=false"
WRITERS: dict[str, Callable[[Any, Clock], Value]] = {
    "null": lambda _, __: Value("null"),
    "string": lambda text, _: Value("string", text=text, text2=EMPTY_STRING if text == "" else None),
    "integer": lambda number, _: Value("integer", text=str(int(number)), long=int(number)),
    "long": lambda number, _: Value("long", text=str(int(number)), long=int(number)),
    # What the family writes there is not the number but its description.
    "short": lambda number, _: Value("short", text=SHORT_TEXT.format(int(number)), long=int(number)),
    "boolean": lambda flag, _: Value("boolean", long=int(flag)),
    "double": lambda number, _: Value("double", double=number),
    "date": lambda local, clock: Value("date", long=clock.epoch_milliseconds(local)),
    "bytes": lambda data, _: Value("bytes", data=bytes(data)),
}


READERS: dict[str, Callable[[Value], Any]] = {
    "string": lambda value: "" if value.text2 == EMPTY_STRING else value.text,
    "integer": lambda value: None if value.long is None else Integer(value.long),
    "long": lambda value: None if value.long is None else Long(value.long),
    "short": lambda value: None if value.long is None else Short(value.long),
    "boolean": lambda value: None if value.long is None else value.long == 1,
    "double": lambda value: value.double,
    "null": lambda _: None,
    "bytes": lambda value: value.data,
    "file": lambda value: None if value.data is None else InputStream(value.data),
}


def result_of(variable: Variable, clock: Clock) -> Any:
    """What an expression sees of a variable.

    Raises:
        NeedsJvmError: It is a Java object, or of a type that plugins bring.
    """
    value = variable.value
    if value.type == "date":
        moment = None if value.long is None else EPOCH + timedelta(milliseconds=value.long)
        return None if moment is None else clock.local(moment)
    if value.type not in READERS:
        raise NeedsJvmError(f"the value of '{variable.name}' is of type {value.type}")
    return READERS[value.type](value)


def single_of(value: Value) -> Single:
    """A value as an entry of a list or map."""
    content = value.long if value.type == "date" else READERS[value.type](value)
    return Single(value.type, content, value.origin)


def object_value(collection: ArrayList | TreeMap) -> Value:
    """The columns of a list or map in Java's own serialization.

    Raises:
        NeedsJvmError: Only a JVM can write it.
    """
    return Value("serializable", text2=CLASS_NAMES[type(collection)], data=serialize(collection))
