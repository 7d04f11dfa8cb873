"""What the elements of one scope are to each other: who is attached to whom, who compensates whom, who waits for whom.

Known before the first of its activities is read, since the file may give them in any order.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from process_engine.model.definition import MULTI_INSTANCE_BODY_SUFFIX
from process_engine.model.xml import Element


@dataclass(frozen=True)
class Wiring:
    """What the elements of one scope are to each other.

    Attributes:
        gateway_of: The event-based gateway before a catching event.
        hosts: Elements to which an event is attached that waits while they run, so not a compensation event.
        multi_instance: Elements that have a multi-instance body.
        handler_of: The compensation handler of an activity.
        compensated_by: The other way round, where the association is in this scope.
    """

    gateway_of: Mapping[str, str]
    hosts: AbstractSet[str]
    multi_instance: AbstractSet[str]
    handler_of: Mapping[str, str]
    compensated_by: Mapping[str, str]


def read_wiring(scope: Element) -> Wiring:
    """The wiring of a process's or sub process's own elements."""
    elements = {element.attribute("id"): element for element in scope.children()}
    handlers = _handlers(scope, elements)
    inside = {each.attribute("targetRef") for each in scope.children("association")} & elements.keys()
    boundary_events = list(scope.children("boundaryEvent"))
    return Wiring(
        gateway_of=_gateways(scope, elements),
        hosts={_host(event, elements) for event in boundary_events if not _compensates(event)},
        multi_instance={each.id for each in elements.values() if each.child("multiInstanceLoopCharacteristics")},
        handler_of=handlers,
        compensated_by={handler: activity for activity, handler in handlers.items() if handler in inside},
    )


def body_id(activity_id: str) -> str:
    """The id of the body around a multi-instance activity."""
    return activity_id + MULTI_INSTANCE_BODY_SUFFIX


def _host(event: Element, elements: Mapping[str | None, Element]) -> str:
    host = event.required("attachedToRef")
    if host not in elements:
        raise event.error(f"Expected '{host}', to which an event is attached, beside it, but it is not there")
    return host


def _compensates(event: Element) -> bool:
    return event.child("compensateEventDefinition") is not None


def _gateways(scope: Element, elements: Mapping[str | None, Element]) -> dict[str, str]:
    found: dict[str, str] = {}
    for flow in scope.children("sequenceFlow"):
        source, target = elements.get(flow.attribute("sourceRef")), elements.get(flow.attribute("targetRef"))
        if source is None or target is None or source.tag != "eventBasedGateway":
            continue
        if target.tag == "intermediateCatchEvent":
            found[target.id] = source.id
    return found


def _handlers(scope: Element, elements: Mapping[str | None, Element]) -> dict[str, str]:
    """By compensated activity: the handler that an association connects with its compensation boundary event.

    The association may stand in a scope further out, and the handler in another inside that one.
    """
    found: dict[str, str] = {}
    for around in (scope, *scope.ancestors()):
        for association in around.children("association"):
            event = elements.get(association.attribute("sourceRef"))
            handler = around.descendant(association.attribute("targetRef") or "")
            if event is None or handler is None or event.tag != "boundaryEvent" or not _compensates(event):
                continue
            if not handler.is_true("isForCompensation"):
                raise association.error(f"Expected '{handler.id}' to be for compensation, since it compensates")
            found[_host(event, elements)] = handler.id
    return found
