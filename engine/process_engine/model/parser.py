"""Reads a process of a BPMN file as the engine would run it.

What the engine ignores is left out here as well: ad-hoc sub processes, complex gateways, events that throw a link,
diagrams. What the engine would refuse is refused only as far as the result would make no sense.
"""

from collections.abc import Iterable, Iterator

from process_engine.model.activities import Activity
from process_engine.model.definition import ProcessDefinition, SequenceFlow
from process_engine.model.errors import BpmnParseError
from process_engine.model.extensions import read_flow_listeners, read_scope_listeners
from process_engine.model.reading import ReadScope, read_activities
from process_engine.model.references import References, read_references
from process_engine.model.wiring import body_id, read_wiring
from process_engine.model.xml import Element, read_definitions

STARTS_WITHOUT_EVENT = ("startEvent", "startTimerEvent")


def parse(xml: bytes, key: str) -> ProcessDefinition:
    """Read one process of a BPMN file.

    Args:
        xml: The file, as it was deployed.
        key: Which of the file's processes.

    Raises:
        BpmnParseError: The file is hostile or broken, or has no such process; with the line where that is known.
    """
    definitions = read_definitions(xml)
    process = next((each for each in definitions.children("process") if each.attribute("id") == key), None)
    if process is None:
        raise BpmnParseError(f"Expected a process with the id '{key}', but the file has none")
    references = read_references(definitions)
    scope = ReadScope(process, key, read_wiring(process), references)
    activities = _by_id(read_activities(scope), process)
    return ProcessDefinition(
        key=key,
        name=process.attribute("name"),
        activities=activities,
        flows=tuple(_flows(process, activities, references)),
        listeners=read_scope_listeners(process),
        initial_id=_initial(process, [each for each in activities.values() if each.flow_scope_id == key]),
        version_tag=process.extension_attribute("versionTag"),
        job_priority=process.extension_attribute("jobPriority"),
        task_priority=process.extension_attribute("taskPriority"),
    )


def _by_id(activities: Iterable[Activity], process: Element) -> dict[str, Activity]:
    found: dict[str, Activity] = {}
    for activity in activities:
        if activity.id in found:
            message = f"Expected ids to be unique, but '{activity.id}' is there twice"
            raise BpmnParseError(message, line=activity.line or process.line, element_id=activity.id)
        found[activity.id] = activity
    return found


def _initial(process: Element, activities: list[Activity]) -> str | None:
    started = {element.id for element in process.children("startEvent")}
    events = [activity for activity in activities if activity.id in started]
    without_event = [event for event in events if event.type in STARTS_WITHOUT_EVENT]
    if without_event:
        return without_event[0].id
    return events[0].id if len(events) == 1 else None


def _flows(scope: Element, activities: dict[str, Activity], references: References) -> Iterator[SequenceFlow]:
    for element in scope.children():
        if element.tag == "sequenceFlow":
            source = _end(element, "sourceRef", activities, references)
            target = _end(element, "targetRef", activities, references)
            if activities[source].type != "eventBasedGateway":
                yield _flow(element, source, target)
        elif element.tag in ("subProcess", "transaction"):
            yield from _flows(element, activities, references)


def _end(element: Element, attribute: str, activities: dict[str, Activity], references: References) -> str:
    """The activity at one end of a sequence flow; the body of a multi-instance one."""
    activity_id = references.target_of(element.required(attribute))
    if activity_id not in activities:
        raise element.error(f"Expected an activity '{activity_id}' as {attribute} of a sequence flow")
    return body_id(activity_id) if activities[activity_id].is_multi_instance else activity_id


def _flow(element: Element, source: str, target: str) -> SequenceFlow:
    condition = element.child("conditionExpression")
    return SequenceFlow(
        id=element.attribute("id"),
        name=element.attribute("name"),
        source_id=source,
        target_id=target,
        condition=None if condition is None else condition.text.strip(),
        condition_language=None if condition is None else condition.attribute("language"),
        listeners=read_flow_listeners(element),
    )
