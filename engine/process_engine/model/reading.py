"""Reads the activities of a scope, and what makes scopes of them.

Source: BpmnParse#parseScope and what it calls.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from process_engine.model.activities import Activity, Event, EventKind, ImplementationKind, StartBehaviour
from process_engine.model.extensions import read_mapping, read_retry_time_cycle, read_scope_listeners
from process_engine.model.references import References
from process_engine.model.tasks import (
    is_service_like,
    read_call,
    read_implementation,
    read_multi_instance,
    read_script_task,
    read_user_task,
)
from process_engine.model.wiring import Wiring, body_id, read_wiring
from process_engine.model.xml import Element

STARTS_OF_PROCESS = {
    EventKind.TIMER: "startTimerEvent",
    EventKind.MESSAGE: "messageStartEvent",
    EventKind.SIGNAL: "signalStartEvent",
    EventKind.CONDITIONAL: "conditionalStartEvent",
}
STARTS_OF_EVENT_SUB_PROCESS = {
    EventKind.ERROR: "errorStartEvent",
    EventKind.MESSAGE: "messageStartEvent",
    EventKind.SIGNAL: "signalStartEvent",
    EventKind.TIMER: "startTimerEvent",
    EventKind.COMPENSATION: "compensationStartEvent",
    EventKind.ESCALATION: "escalationStartEvent",
    EventKind.CONDITIONAL: "conditionalStartEvent",
}
CATCHING = {
    EventKind.TIMER: "intermediateTimer",
    EventKind.SIGNAL: "intermediateSignalCatch",
    EventKind.MESSAGE: "intermediateMessageCatch",
    EventKind.LINK: "intermediateLinkCatch",
    EventKind.CONDITIONAL: "intermediateConditional",
}
THROWING = {
    EventKind.SIGNAL: "intermediateSignalThrow",
    EventKind.COMPENSATION: "intermediateCompensationThrowEvent",
    EventKind.MESSAGE: "intermediateMessageThrowEvent",
    EventKind.ESCALATION: "intermediateEscalationThrowEvent",
}
ENDING = {
    EventKind.ERROR: "errorEndEvent",
    EventKind.CANCEL: "cancelEndEvent",
    EventKind.TERMINATE: "terminateEndEvent",
    EventKind.MESSAGE: "messageEndEvent",
    EventKind.SIGNAL: "signalEndEvent",
    EventKind.COMPENSATION: "compensationEndEvent",
    EventKind.ESCALATION: "escalationEndEvent",
}
BOUNDARY = {
    EventKind.TIMER: "boundaryTimer",
    EventKind.ERROR: "boundaryError",
    EventKind.SIGNAL: "boundarySignal",
    EventKind.CANCEL: "cancelBoundaryCatch",
    EventKind.COMPENSATION: "compensationBoundaryCatch",
    EventKind.MESSAGE: "boundaryMessage",
    EventKind.ESCALATION: "boundaryEscalation",
    EventKind.CONDITIONAL: "boundaryConditional",
}
"""In these tables: types by event definition; if an event has several definitions, the first counts."""
COMPENSATING = (EventKind.COMPENSATION, EventKind.CANCEL)
"""Throwing these runs handlers below the event."""


@dataclass(frozen=True)
class ReadScope:
    """A process or sub process whose activities are read.

    Attributes:
        id: The process's key, or the sub process's id.
        outer_id: The flow scope around an event sub process; null if it is none.
    """

    element: Element
    id: str
    wiring: Wiring
    references: References
    outer_id: str | None = None

    def event(self, element: Element, types: Mapping[EventKind, str]) -> tuple[str | None, Event | None]:
        """The type of an event, and what it is about; nothing if it is about nothing."""
        found = _definition(element, types)
        if found is None:
            return None, None
        kind, definition = found
        return types[kind], self.references.event(definition, kind)


def _definition(element: Element, kinds: Iterable[EventKind]) -> tuple[EventKind, Element] | None:
    """The event definition of an event that counts."""
    for kind in kinds:
        definition = element.child(f"{kind}EventDefinition")
        if definition is not None:
            return kind, definition
    return None


def read_activities(scope: ReadScope) -> Iterator[Activity]:
    """The activities of a scope and of the scopes in it, those around before those inside."""
    for element in scope.element.children():
        read = READERS.get(element.tag)
        activity = None if read is None else read(element, scope)
        if activity is not None:
            yield from _with_body(element, activity)
            if activity.is_sub_process:
                yield from read_activities(_inside(element, activity, scope))


def _inside(element: Element, activity: Activity, scope: ReadScope) -> ReadScope:
    outer = activity.flow_scope_id if activity.is_triggered_by_event else None
    return ReadScope(element, activity.id, read_wiring(element), scope.references, outer)


def _plain(element: Element, scope: ReadScope) -> Activity:
    """An activity of which only the tag is known, and what other elements make of it."""
    mapping = read_mapping(element)
    wiring = scope.wiring
    is_multi_instance = element.id in wiring.multi_instance
    compensated = wiring.compensated_by.get(element.id)
    is_inside_body = compensated is not None and compensated in wiring.multi_instance
    return Activity(
        id=element.id,
        name=element.attribute("name"),
        type=element.tag,
        flow_scope_id=body_id(compensated) if compensated is not None and is_inside_body else scope.id,
        is_scope=not is_multi_instance and (mapping is not None or element.id in wiring.hosts),
        is_async_before=_is_async_before(element),
        is_async_after=element.extension_attribute("asyncAfter") == "true",
        is_exclusive=_is_exclusive(element),
        job_priority=element.extension_attribute("jobPriority"),
        retry_time_cycle=read_retry_time_cycle(element),
        compensation_handler_id=wiring.handler_of.get(element.id),
        is_compensation_handler=element.is_true("isForCompensation"),
        listeners=read_scope_listeners(element),
        inputs=mapping.inputs if mapping else (),
        outputs=mapping.outputs if mapping else (),
        default_flow_id=element.attribute("default"),
        line=element.line,
    )


def _is_async_before(element: Element) -> bool:
    return "true" in (element.extension_attribute("async"), element.extension_attribute("asyncBefore"))


def _is_exclusive(element: Element) -> bool:
    return element.extension_attribute("exclusive") in (None, "true")


def _with_body(element: Element, activity: Activity) -> Iterator[Activity]:
    """The activity, below its body if it is a multi-instance one.

    The element's jobs are the body's then, and those of the loop are the activity's; those of a compensation handler
    are its own.
    """
    loop = element.child("multiInstanceLoopCharacteristics")
    multi_instance = read_multi_instance(element)
    if loop is None or multi_instance is None:
        yield activity
        return
    has_own_jobs = activity.is_compensation_handler
    body = Activity(
        id=body_id(activity.id),
        name=None,
        type="multiInstanceBody",
        flow_scope_id=activity.flow_scope_id,
        is_scope=True,
        multi_instance=multi_instance,
        is_async_before=activity.is_async_before and not has_own_jobs,
        is_async_after=activity.is_async_after and not has_own_jobs,
        is_exclusive=activity.is_exclusive or has_own_jobs,
        line=activity.line,
    )
    yield body
    jobs = element if has_own_jobs else loop
    yield replace(
        activity,
        flow_scope_id=body.id,
        is_multi_instance=True,
        is_async_before=_is_async_before(jobs),
        is_async_after=jobs.extension_attribute("asyncAfter") == "true",
        is_exclusive=_is_exclusive(jobs),
    )


def _gateway(element: Element, scope: ReadScope) -> Activity:
    plain = _plain(element, scope)
    return replace(plain, is_scope=plain.is_scope or element.tag == "eventBasedGateway")


def _service_task(element: Element, scope: ReadScope) -> Activity:
    plain = _plain(element, scope)
    implementation = read_implementation(element)
    makes_scope = implementation is not None and implementation.kind in (
        ImplementationKind.EXTERNAL,
        ImplementationKind.DECISION,
    )
    return replace(plain, implementation=implementation, is_scope=plain.is_scope or makes_scope)


def _script_task(element: Element, scope: ReadScope) -> Activity:
    return replace(_plain(element, scope), implementation=read_script_task(element))


def _user_task(element: Element, scope: ReadScope) -> Activity:
    plain = _plain(element, scope)
    task = read_user_task(element)
    waits = any(listener.timer is not None for listener in task.listeners)
    makes_scope = waits or any(True for _ in element.children("property"))
    return replace(
        plain,
        user_task=task,
        is_scope=plain.is_scope or makes_scope,
        event_scope_id=plain.id if waits else None,
    )


def _receive_task(element: Element, scope: ReadScope) -> Activity:
    plain = _plain(element, scope)
    message = scope.references.message(element)
    if message is None:
        return plain
    return replace(plain, event=message, is_scope=True, event_scope_id=plain.id)


def _call_activity(element: Element, scope: ReadScope) -> Activity:
    plain = _plain(element, scope)
    is_scope = plain.is_scope or plain.id not in scope.wiring.multi_instance
    return replace(plain, call=read_call(element), is_scope=is_scope)


def _sub_process(element: Element, scope: ReadScope) -> Activity:
    plain = replace(_plain(element, scope), is_scope=True, is_sub_process=True)
    starts = [] if element.tag == "transaction" else list(element.children("startEvent"))
    if element.attribute("triggeredByEvent") == "true" and element.tag == "subProcess":
        return _event_sub_process(plain, starts, scope)
    handler = next((child.id for child in element.children("subProcess") if _is_compensating(child)), None)
    return replace(plain, compensation_handler_id=plain.compensation_handler_id or handler)


def _is_compensating(sub_process: Element) -> bool:
    starts = sub_process.children("startEvent")
    triggered = sub_process.attribute("triggeredByEvent") == "true"
    return triggered and any(start.child("compensateEventDefinition") is not None for start in starts)


def _event_sub_process(plain: Activity, starts: list[Element], scope: ReadScope) -> Activity:
    interrupts = bool(starts) and starts[0].is_true("isInterrupting", default="true")
    compensates = bool(starts) and starts[0].child("compensateEventDefinition") is not None
    behaviour = StartBehaviour.INTERRUPT_EVENT_SCOPE if interrupts else StartBehaviour.CONCURRENT_IN_FLOW_SCOPE
    return replace(
        plain,
        is_triggered_by_event=True,
        event_scope_id=scope.id,
        start_behaviour=behaviour,
        is_compensation_handler=plain.is_compensation_handler or compensates,
    )


def _start_event(element: Element, scope: ReadScope) -> Activity:
    plain = _plain(element, scope)
    if scope.outer_id is not None:
        event_type, event = scope.event(element, STARTS_OF_EVENT_SUB_PROCESS)
        return replace(plain, type=event_type or plain.type, event=event, event_scope_id=scope.outer_id)
    if scope.element.tag != "process":
        return plain
    event_type, event = scope.event(element, STARTS_OF_PROCESS)
    is_signal = event is not None and event.kind is EventKind.SIGNAL
    return replace(plain, type=event_type or plain.type, event=event, event_scope_id=scope.id if is_signal else None)


def _catch_event(element: Element, scope: ReadScope) -> Activity:
    event_type, event = scope.event(element, CATCHING)
    plain = replace(_plain(element, scope), type=event_type or element.tag, event=event)
    gateway = scope.wiring.gateway_of.get(plain.id)
    if gateway is None:
        return replace(plain, is_scope=True, event_scope_id=plain.id)
    return replace(plain, event_scope_id=gateway, start_behaviour=StartBehaviour.CANCEL_EVENT_SCOPE)


def _throw_event(element: Element, scope: ReadScope) -> Activity | None:
    if element.child("linkEventDefinition") is not None:
        return None
    return _thrown(element, scope, THROWING, "intermediateNoneThrowEvent", "intermediateNoneThrowEvent")


def _end_event(element: Element, scope: ReadScope) -> Activity:
    ending = _thrown(element, scope, ENDING, "noneEndEvent", "endEvent")
    interrupts = ending.event is not None and ending.event.kind in (EventKind.CANCEL, EventKind.TERMINATE)
    behaviour = StartBehaviour.INTERRUPT_FLOW_SCOPE if interrupts else StartBehaviour.DEFAULT
    return replace(ending, start_behaviour=behaviour)


def _thrown(
    element: Element, scope: ReadScope, types: Mapping[EventKind, str], without_event: str, without_effect: str
) -> Activity:
    """An event that throws; a message is only thrown if the event says how, as a service task does."""
    plain = _plain(element, scope)
    found = _definition(element, types)
    if found is None:
        return replace(plain, type=without_event)
    kind, definition = found
    if kind is EventKind.MESSAGE:
        return _message_thrown(plain, definition, types[kind], without_effect)
    event = scope.references.event(definition, kind)
    return replace(plain, type=types[kind], event=event, is_scope=plain.is_scope or kind in COMPENSATING)


def _message_thrown(plain: Activity, message: Element, message_type: str, without_effect: str) -> Activity:
    if not is_service_like(message):
        return replace(plain, type=without_effect)
    implementation = read_implementation(message)
    is_external = implementation is not None and implementation.kind is ImplementationKind.EXTERNAL
    return replace(
        plain,
        type=message_type,
        event=Event(kind=EventKind.MESSAGE),
        implementation=implementation,
        is_scope=plain.is_scope or is_external,
    )


def _boundary_event(element: Element, scope: ReadScope) -> Activity:
    host = element.required("attachedToRef")
    event_type, event = scope.event(element, BOUNDARY)
    waits = event is None or event.kind is not EventKind.COMPENSATION
    interrupts = element.is_true("cancelActivity", default="true")
    return replace(
        _plain(element, scope),
        type=event_type or element.tag,
        event=event,
        attached_to_id=host,
        event_scope_id=body_id(host) if waits and host in scope.wiring.multi_instance else host,
        start_behaviour=StartBehaviour.CANCEL_EVENT_SCOPE if interrupts else StartBehaviour.CONCURRENT_IN_FLOW_SCOPE,
    )


READERS: Mapping[str, Callable[[Element, ReadScope], Activity | None]] = {
    "startEvent": _start_event,
    "intermediateCatchEvent": _catch_event,
    "intermediateThrowEvent": _throw_event,
    "endEvent": _end_event,
    "boundaryEvent": _boundary_event,
    "exclusiveGateway": _gateway,
    "inclusiveGateway": _gateway,
    "parallelGateway": _gateway,
    "eventBasedGateway": _gateway,
    "serviceTask": _service_task,
    "sendTask": _service_task,
    "businessRuleTask": _service_task,
    "scriptTask": _script_task,
    "userTask": _user_task,
    "receiveTask": _receive_task,
    "task": _plain,
    "manualTask": _plain,
    "subProcess": _sub_process,
    "transaction": _sub_process,
    "callActivity": _call_activity,
}
"""By tag; elements of other tags are no activities to the engine."""
