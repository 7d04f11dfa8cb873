"""Reads what the family adds to BPMN: listeners, input and output mappings, scripts, lists of names."""

import re
from dataclasses import dataclass

from process_engine.model.values import (
    Listener,
    ListenerKind,
    ListValue,
    MapValue,
    NullValue,
    Parameter,
    Script,
    Text,
    Timer,
    TimerKind,
    Value,
)
from process_engine.model.xml import Element

TIMER_ELEMENTS = {
    "timeDate": TimerKind.DATE,
    "timeCycle": TimerKind.CYCLE,
    "timeDuration": TimerKind.DURATION,
}
TASK_EVENTS = ("create", "assignment", "complete", "update", "delete", "timeout")
SCOPE_EVENTS = ("start", "end")
NAME_IN_LIST = re.compile(r"(?:[{$][^}]*\}?|[^,{$])+")
"""An entry of a list between commas, in which an expression may have commas of its own."""


@dataclass(frozen=True)
class Mapping:
    """An activity's input and output parameters."""

    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...]


def read_scope_listeners(element: Element) -> tuple[Listener, ...]:
    """The execution listeners of a process or an activity."""
    found: list[Listener] = []
    for extension in element.extensions("executionListener"):
        event = extension.attribute("event")
        if event not in SCOPE_EVENTS:
            raise extension.error(f"Expected the event of an execution listener to be start or end, but it is {event}")
        found.append(_listener(extension, event))
    return tuple(found)


def read_flow_listeners(element: Element) -> tuple[Listener, ...]:
    """The execution listeners of a sequence flow: whatever event they name, they are called when it is taken."""
    return tuple(_listener(extension, "take") for extension in element.extensions("executionListener"))


def read_task_listeners(element: Element) -> tuple[Listener, ...]:
    """The task listeners of a user task."""
    found: list[Listener] = []
    for extension in element.extensions("taskListener"):
        event = extension.attribute("event")
        if event not in TASK_EVENTS:
            expected = ", ".join(TASK_EVENTS)
            raise extension.error(f"Expected the event of a task listener to be one of {expected}, but it is {event}")
        found.append(_listener(extension, event))
    return tuple(found)


def _listener(element: Element, event: str) -> Listener:
    kind, text, script = _implementation(element)
    timer = element.child("timerEventDefinition")
    if event != "timeout":
        return Listener(event, kind, text, script)
    if timer is None:
        raise element.error("Expected a listener of timeouts to have a timer")
    return Listener(event, kind, text, script, element.required("id"), read_timer(timer))


def _implementation(element: Element) -> tuple[ListenerKind, str, Script | None]:
    for kind in (ListenerKind.CLASS, ListenerKind.EXPRESSION, ListenerKind.DELEGATE_EXPRESSION):
        text = element.attribute(kind)
        if text is not None:
            return kind, text, None
    scripts = element.extensions_of("script")
    if not scripts:
        raise element.error("Expected a listener to have a class, an expression, a delegate expression or a script")
    script = read_script(scripts[0])
    return ListenerKind.SCRIPT, script.source, script


def read_timer(element: Element) -> Timer:
    """The timer of an event definition."""
    for tag, kind in TIMER_ELEMENTS.items():
        child = element.child(tag)
        if child is not None:
            is_exclusive = element.extension_attribute("exclusive") in (None, "true")
            return Timer(kind, child.text.strip(), is_exclusive)
    raise element.error("Expected a timer to have a date, a cycle or a duration")


def read_retry_time_cycle(element: Element) -> str | None:
    """How often and when a failed job of an activity is tried again."""
    cycle = element.extension("failedJobRetryTimeCycle")
    return None if cycle is None else cycle.text.strip() or None


def read_script(element: Element) -> Script:
    """A script element of the family's."""
    return Script(element.required("scriptFormat"), element.text, element.attribute("resource"))


def read_mapping(element: Element) -> Mapping | None:
    """The input and output mapping of an activity; an empty one makes a scope of it, too."""
    mapping = element.extension("inputOutput")
    if mapping is None:
        return None
    return Mapping(
        inputs=tuple(_parameter(each) for each in mapping.extensions_of("inputParameter")),
        outputs=tuple(_parameter(each) for each in mapping.extensions_of("outputParameter")),
    )


def _parameter(element: Element) -> Parameter:
    return Parameter(element.required("name"), _nested(element))


def _nested(element: Element) -> Value:
    children = list(element.children())
    if len(children) > 1:
        raise children[1].error(f"Expected <{element.tag}> to have one value, but found {len(children)}")
    return _value(children[0] if children else element)


def _value(element: Element) -> Value:
    if element.tag == "list":
        return ListValue(tuple(_value(child) for child in element.children()))
    if element.tag == "map":
        entries = [(Text(entry.required("key")), _nested(entry)) for entry in element.children("entry")]
        return MapValue(tuple(sorted(dict(entries).items(), key=lambda entry: entry[0].text)))
    if element.tag == "script":
        return read_script(element)
    text = element.text.strip()
    return Text(text) if text else NullValue()


def read_names(text: str | None) -> tuple[str, ...]:
    """The entries of a list with commas between; each may be an expression."""
    return tuple(entry.strip() for entry in NAME_IN_LIST.findall(text or ""))
