"""Which elements of a model only a JVM can run, and at which moment of an activity's life it would have to.

Classes, delegate expressions and scripts need one always. An expression needs one for calling a method or a function,
for ``execution`` and the like, or for a bean: a name that is no variable, which only the caller can tell.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from process_engine.expressions import names, needs_jvm
from process_engine.model.definition import ProcessDefinition
from process_engine.model.values import (
    Listener,
    ListenerKind,
    ListValue,
    MapValue,
    Parameter,
    Script,
    Text,
    Value,
)


class Moment(StrEnum):
    """When an element of a model is run; task listeners have the moments of their tasks."""

    START = "start"
    END = "end"
    INPUT = "input"
    OUTPUT = "output"
    TASK_CREATE = "create"
    TASK_ASSIGNMENT = "assignment"
    TASK_COMPLETE = "complete"
    TASK_UPDATE = "update"
    TASK_DELETE = "delete"
    TASK_TIMEOUT = "timeout"


CANCELLATION = (Moment.TASK_DELETE, Moment.END, Moment.OUTPUT)
"""What is run when an activity is cancelled, in the engine's order."""
LISTENER_MOMENTS = (Moment.START, Moment.END)
MAPPING_MOMENTS = (Moment.INPUT, Moment.OUTPUT)


class JvmCodeKind(StrEnum):
    """What kind of element it is."""

    EXECUTION_LISTENER = "execution listener"
    TASK_LISTENER = "task listener"
    INPUT_MAPPING = "input mapping"
    OUTPUT_MAPPING = "output mapping"


@dataclass(frozen=True)
class JvmCode:
    """An element of a model that only a JVM can run.

    Attributes:
        element_id: The activity, or the process's key.
        text: The class, expression or script, as it stands in the model.
        name: The parameter that a mapping sets.
        reason: Why a JVM is needed.
    """

    element_id: str
    kind: JvmCodeKind
    moment: Moment
    text: str
    reason: str
    name: str | None = None

    def __str__(self) -> str:
        """One line for an error message."""
        which = f"{self.moment} {self.kind}" if self.name is None else f"{self.kind} '{self.name}'"
        text = " ".join(self.text.split())
        return f"{which} of '{self.element_id}': {text} ({self.reason})"


def jvm_code(
    definition: ProcessDefinition, activity_id: str, moment: Moment, variables: Collection[str] | None = None
) -> tuple[JvmCode, ...]:
    """The elements that need a JVM at a moment in the life of an activity, or of the process by its key.

    Args:
        definition: The activity's.
        activity_id: The activity, or the definition's key.
        moment: Which of its elements would be run.
        variables: The names of the variables that can be seen there. Without them a name in an expression is taken for
            a variable; with them any other is a bean.
    """
    if moment in MAPPING_MOMENTS:
        return tuple(_of_mappings(definition, activity_id, moment, variables))
    return tuple(_of_listeners(definition, activity_id, moment, variables))


def _of_listeners(
    definition: ProcessDefinition, activity_id: str, moment: Moment, variables: Collection[str] | None
) -> Iterator[JvmCode]:
    is_execution = moment in LISTENER_MOMENTS
    kind = JvmCodeKind.EXECUTION_LISTENER if is_execution else JvmCodeKind.TASK_LISTENER
    for listener in _listeners(definition, activity_id, is_execution=is_execution):
        reason = _reason_of_listener(listener, variables) if listener.event == moment else None
        if reason is not None:
            yield JvmCode(activity_id, kind, moment, listener.text, reason)


def _listeners(definition: ProcessDefinition, activity_id: str, *, is_execution: bool) -> tuple[Listener, ...]:
    if is_execution:
        return definition.listeners_of(activity_id)
    task = None if activity_id == definition.key else definition.activity(activity_id).user_task
    return () if task is None else task.listeners


def _of_mappings(
    definition: ProcessDefinition, activity_id: str, moment: Moment, variables: Collection[str] | None
) -> Iterator[JvmCode]:
    kind = JvmCodeKind.INPUT_MAPPING if moment is Moment.INPUT else JvmCodeKind.OUTPUT_MAPPING
    known = None if variables is None else set(variables)
    for parameter in _parameters(definition, activity_id, moment):
        for text, reason in _reasons_of_value(parameter.value, known):
            yield JvmCode(activity_id, kind, moment, text, reason, parameter.name)
        if known is not None and moment is Moment.INPUT:
            known.add(parameter.name)


def _parameters(definition: ProcessDefinition, activity_id: str, moment: Moment) -> tuple[Parameter, ...]:
    if activity_id == definition.key:
        return ()
    activity = definition.activity(activity_id)
    return activity.inputs if moment is Moment.INPUT else activity.outputs


def _reason_of_listener(listener: Listener, variables: Collection[str] | None) -> str | None:
    if listener.kind is ListenerKind.EXPRESSION:
        return _reason(listener.text, variables)
    return {ListenerKind.CLASS: "a class", ListenerKind.SCRIPT: "a script"}.get(listener.kind, "a delegate")


def _reasons_of_value(value: Value, variables: Collection[str] | None) -> Iterator[tuple[str, str]]:
    """The texts in a value that need a JVM, each with the reason."""
    if isinstance(value, Script):
        yield value.source or value.resource or "", f"a script in {value.language}"
    elif isinstance(value, Text):
        reason = _reason(value.text, variables)
        if reason is not None:
            yield value.text, reason
    elif isinstance(value, ListValue):
        for item in value.items:
            yield from _reasons_of_value(item, variables)
    elif isinstance(value, MapValue):
        for key, item in value.entries:
            yield from _reasons_of_value(key, variables)
            yield from _reasons_of_value(item, variables)


def _reason(text: str, variables: Collection[str] | None) -> str | None:
    reason = needs_jvm(text)
    if reason is not None or variables is None:
        return reason
    unknown = sorted(names(text) - set(variables))
    return f"'{unknown[0]}' is no variable" if unknown else None
