"""What we read out of models is what the Java engine reads out of them."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from process_engine.model import (
    Activity,
    BpmnParseError,
    EventSubscriptionDeclaration,
    ProcessDefinition,
    TimerDeclaration,
    behaviour_of,
    event_subscription_declarations,
    has_persistent_trigger,
    parse,
    timeout_listener_declarations,
    timer_declarations,
)
from process_engine.model.values import Listener
from support.peer.oracle import Oracle
from support.peer.program import MODELS, Shell

WORLD = Path(__file__).parents[1] / "unit" / "engine" / "model" / "models"


@pytest.mark.parametrize("folder", [MODELS, WORLD], ids=["the peer's models", "every kind of element"])
def test_activities_are_those_of_the_java_engine(oracle: Oracle, shell: Shell, folder: Path) -> None:
    theirs = shell("model", folder, database=oracle.empty({}))["models"]

    ours = {name: describe_file(folder / name, processes) for name, processes in theirs.items()}

    assert len(theirs) == len(list(folder.rglob("*.bpmn")))
    assert [f"{name}: {line}" for name in theirs for line in differences(theirs[name], ours[name])] == []


def describe_file(file: Path, keys: Iterable[str]) -> dict[str, Any]:
    """Our reading of a file's processes, in the words of the peer."""
    try:
        return {key: describe(parse(file.read_bytes(), key)) for key in keys}
    except BpmnParseError as error:
        return {"refused": str(error)}


def describe(definition: ProcessDefinition) -> dict[str, Any]:
    return {
        "listeners": counts(definition.listeners),
        **describe_declarations(definition, definition.key),
        "initial": definition.initial_id,
        "activities": [describe_activity(definition, each) for each in definition.activities.values()],
    }


def describe_activity(definition: ProcessDefinition, activity: Activity) -> dict[str, Any]:
    task = activity.user_task
    return {
        "id": activity.id,
        "name": activity.name,
        "type": activity.type,
        "flowScope": activity.flow_scope_id,
        "isScope": activity.is_scope,
        "eventScope": activity.event_scope_id,
        "startBehaviour": activity.start_behaviour.name,
        "isSubProcess": activity.is_sub_process,
        "isTriggeredByEvent": activity.is_triggered_by_event,
        "isMultiInstance": activity.is_multi_instance,
        "isSequential": activity.multi_instance is not None and activity.multi_instance.is_sequential,
        "isAsyncBefore": activity.is_async_before,
        "isAsyncAfter": activity.is_async_after,
        "isCompensationHandler": activity.is_compensation_handler,
        "behaviour": behaviour_of(activity),
        "hasPersistentTrigger": has_persistent_trigger(definition, activity),
        **describe_declarations(definition, activity.id),
        "compensationHandler": activity.compensation_handler_id,
        "listeners": counts(activity.listeners),
        "taskListeners": counts(listener for listener in (task.listeners if task else ()) if listener.timer is None),
        "inputs": len(activity.inputs),
        "outputs": len(activity.outputs),
        "incoming": len(definition.incoming(activity.id)),
        "outgoing": [
            f"{flow.id or 'null'} {flow.target_id} {len(flow.listeners)}" for flow in definition.outgoing(activity.id)
        ],
    }


def describe_declarations(definition: ProcessDefinition, scope_id: str) -> dict[str, list[str]]:
    return {
        "timers": sorted(map(describe_timer, timer_declarations(definition, scope_id))),
        "timeoutListeners": sorted(map(describe_timer, timeout_listener_declarations(definition, scope_id))),
        "eventSubscriptions": sorted(map(describe_subscription, event_subscription_declarations(definition, scope_id))),
    }


def describe_timer(declared: TimerDeclaration) -> str:
    flags = f"{declared.timer.is_exclusive} {declared.is_interrupting}".lower()
    job = f"{declared.handler} {declared.handler_configuration} {declared.job_configuration}"
    return f"{declared.activity_id} {job} {flags}"


def describe_subscription(declared: EventSubscriptionDeclaration) -> str:
    flags = f"{declared.is_start_event} {declared.event.is_asynchronous}".lower()
    return f"{declared.activity_id} {declared.event.kind} {declared.event_name or 'null'} {flags}"


def counts(listeners: Iterable[Listener]) -> dict[str, int]:
    return dict(Counter(listener.event for listener in listeners))


def differences(theirs: dict[str, Any], ours: dict[str, Any]) -> list[str]:
    """One line a thing that differs, without regard to the order of activities."""
    if "refused" in theirs or "refused" in ours:
        return [f"refused: {theirs.get('refused')!r} -> {ours.get('refused')!r}"]
    lines: list[str] = []
    for key, process in theirs.items():
        lines += [f"{key} {line}" for line in unequal(process, ours[key], but="activities")]
        expected, actual = ({each["id"]: each for each in reading["activities"]} for reading in (process, ours[key]))
        lines += [f"{key} has only one of us: {id_}" for id_ in expected.keys() ^ actual.keys()]
        for id_ in expected.keys() & actual.keys():
            lines += [f"{key}.{id_} {line}" for line in unequal(expected[id_], actual[id_])]
    return lines


def unequal(expected: dict[str, Any], actual: dict[str, Any], but: str = "") -> list[str]:
    return [
        f"{name}: {expected[name]!r} -> {actual[name]!r}"
        for name in expected
        if name != but and expected[name] != actual[name]
    ]
