"""What elements of a file refer to by id: messages, signals, errors, escalations, links; and the events that do."""

from collections.abc import Mapping
from dataclasses import dataclass

from process_engine.model.activities import Event, EventKind
from process_engine.model.extensions import read_names, read_timer
from process_engine.model.xml import Element

ROOT_ELEMENTS = {
    EventKind.MESSAGE: ("message", "name"),
    EventKind.SIGNAL: ("signal", "name"),
    EventKind.ERROR: ("error", "errorCode"),
    EventKind.ESCALATION: ("escalation", "escalationCode"),
}
"""By what kind of event: the element outside of the processes, and its attribute that counts."""
IN_ANY_SCOPE = frozenset({EventKind.ERROR, EventKind.ESCALATION})
"""Kinds of event that need no reference: without one they catch all."""


@dataclass(frozen=True)
class References:
    """What may be referred to.

    Attributes:
        values: By kind of event and id: the name of a message or signal, the code of an error or escalation.
        link_targets: By the name of a link: the event that catches it.
        link_sources: By the id of an event that throws a link: the link's name.
    """

    values: Mapping[EventKind, Mapping[str, str | None]]
    link_targets: Mapping[str, str]
    link_sources: Mapping[str, str]

    def event(self, definition: Element, kind: EventKind) -> Event:
        """The event that an event definition defines."""
        if kind in ROOT_ELEMENTS:
            return self._referring(definition, kind)
        if kind is EventKind.TIMER:
            return Event(kind=kind, timer=read_timer(definition))
        if kind is EventKind.CONDITIONAL:
            return _conditional(definition)
        if kind is EventKind.LINK:
            return Event(kind=kind, name=definition.attribute("name"))
        return Event(kind=kind, activity_id=definition.attribute("activityRef"))

    def message(self, element: Element) -> Event | None:
        """The message that a receive task waits for, if it names one."""
        if element.attribute("messageRef") is None:
            return None
        return Event(kind=EventKind.MESSAGE, name=self._value(element, EventKind.MESSAGE))

    def target_of(self, activity_id: str) -> str:
        """Where a sequence flow to an activity leads: from an event that throws a link to the one that catches it."""
        link = self.link_sources.get(activity_id)
        return activity_id if link is None else self.link_targets.get(link, activity_id)

    def _referring(self, definition: Element, kind: EventKind) -> Event:
        value = self._value(definition, kind)
        if kind in IN_ANY_SCOPE:
            return Event(kind=kind, code=value)
        is_asynchronous = definition.extension_attribute("async") == "true"
        return Event(kind=kind, name=value, is_asynchronous=is_asynchronous)

    def _value(self, element: Element, kind: EventKind) -> str | None:
        attribute = f"{kind}Ref"
        if element.attribute(attribute) is None and kind in IN_ANY_SCOPE:
            return None
        reference = element.required(attribute).rpartition(":")[2]
        if reference in self.values[kind]:
            return self.values[kind][reference]
        if kind is EventKind.ERROR:
            return reference
        raise element.error(f"Expected a {kind} with id '{reference}', but there is none")


def _conditional(definition: Element) -> Event:
    condition = definition.child("condition")
    if condition is None:
        raise definition.error("Expected a conditional event to have a condition")
    return Event(
        kind=EventKind.CONDITIONAL,
        condition=condition.text.strip(),
        condition_language=condition.attribute("language"),
        variable_name=definition.extension_attribute("variableName"),
        variable_events=read_names(definition.extension_attribute("variableEvents")),
    )


def read_references(definitions: Element) -> References:
    """All that elements of a file may refer to."""
    values: dict[EventKind, dict[str, str | None]] = {}
    for kind, (tag, attribute) in ROOT_ELEMENTS.items():
        values[kind] = {each.id: each.attribute(attribute) for each in definitions.children(tag)}
    links = [Element(node) for node in definitions.node.iter("{*}linkEventDefinition")]
    catching: dict[str, str] = {}
    throwing: dict[str, str] = {}
    for link in links:
        parent = link.parent()
        if parent.tag == "intermediateCatchEvent":
            catching[link.required("name")] = parent.id
        elif parent.tag == "intermediateThrowEvent":
            throwing[parent.id] = link.required("name")
    return References(values, catching, throwing)
