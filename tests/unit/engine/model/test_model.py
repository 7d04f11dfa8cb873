"""What definitions tell of their activities; that they are the Java engine's is stated by the peer tests."""

import dataclasses
from pathlib import Path

import pytest

from process_engine.errors import NotFoundError
from process_engine.model import ProcessDefinition, parse
from process_engine.model.activities import EventKind, ImplementationKind, StartBehaviour
from process_engine.model.values import ListenerKind, ListValue, MapValue, NullValue, Script, Text, TimerKind

MODELS = Path(__file__).parent / "models"


def read(name: str, key: str | None = None) -> ProcessDefinition:
    return parse((MODELS / f"{name}.bpmn").read_bytes(), key or name)


ACTIVITIES, EVENTS, SCOPES = read("activities"), read("events"), read("scopes")


def test_processes_of_one_file_are_told_apart_by_their_keys() -> None:
    other = read("activities", "other")

    assert (other.name, list(other.activities)) == ("The other", ["otherStart"])


def test_a_definition_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ACTIVITIES.activity("task").id = "other"  # type: ignore[misc]


def test_a_multi_instance_activity_is_below_its_body() -> None:
    body, inner = ACTIVITIES.activity("many#multiInstanceBody"), ACTIVITIES.activity("many")

    assert (body.type, body.flow_scope_id, body.is_scope) == ("multiInstanceBody", "activities", True)
    assert (inner.type, inner.flow_scope_id, inner.is_scope) == ("userTask", body.id, False)
    assert ACTIVITIES.body_of("many") is body
    assert ACTIVITIES.inner_of(body.id) is inner
    assert body.multi_instance is not None
    assert (body.multi_instance.collection, body.multi_instance.element_variable) == ("items", "item")
    assert (body.is_async_before, inner.is_async_before) == (True, False)
    assert (body.is_async_after, inner.is_async_after) == (False, True)


def test_a_body_says_whether_its_instances_are_sequential() -> None:
    calls, externals = (ACTIVITIES.activity(f"{id_}#multiInstanceBody") for id_ in ("calls", "externals"))

    assert calls.multi_instance is not None
    assert externals.multi_instance is not None
    assert (calls.multi_instance.is_sequential, externals.multi_instance.is_sequential) == (True, False)


def test_flow_scopes_go_from_inside_to_the_process() -> None:
    assert list(SCOPES.flow_scopes("work")) == ["inner", "inner#multiInstanceBody", "outer", "scopes"]
    assert list(SCOPES.flow_scopes("outer")) == ["scopes"]


def test_children_and_descendants_of_scopes() -> None:
    assert [child.id for child in SCOPES.children("inner#multiInstanceBody")] == ["inner"]
    assert {"work", "undo", "innerUndoStart"} < {each.id for each in SCOPES.descendants("outer")}
    assert "inAdHoc" not in SCOPES.activities


def test_events_are_known_to_the_scope_that_waits_for_them() -> None:
    assert [event.id for event in ACTIVITIES.event_activities("bounded")] == ["boundedTimer", "boundedMessage"]
    assert [event.id for event in ACTIVITIES.event_activities("many#multiInstanceBody")] == ["manyError"]
    assert [event.id for event in EVENTS.event_activities("gateway")] == ["behindTimer", "behindMessage"]
    assert ACTIVITIES.activity("manyError").attached_to_id == "many"


@pytest.mark.parametrize(
    ("id_", "behaviour"),
    [
        ("onTimer", StartBehaviour.INTERRUPT_EVENT_SCOPE),
        ("onMessage", StartBehaviour.CONCURRENT_IN_FLOW_SCOPE),
        ("behindTimer", StartBehaviour.CANCEL_EVENT_SCOPE),
        ("endTerminate", StartBehaviour.INTERRUPT_FLOW_SCOPE),
        ("endNone", StartBehaviour.DEFAULT),
    ],
)
def test_events_interrupt_what_they_should(id_: str, behaviour: StartBehaviour) -> None:
    assert EVENTS.activity(id_).start_behaviour is behaviour


def test_event_sub_processes_know_the_event_that_triggers_them() -> None:
    start = EVENTS.start_event("onMessage")

    assert EVENTS.activity("onMessage").is_event_sub_process
    assert not SCOPES.activity("outer").is_event_sub_process
    assert start is not None
    assert start.event is not None
    assert (start.event.kind, start.event.name) == (EventKind.MESSAGE, "third")
    assert start.event_scope_id == "events"


def test_activities_know_what_compensates_them() -> None:
    handlers = {id_: SCOPES.activity(id_).compensation_handler_id for id_ in ("work", "inner", "booked", "charge")}

    assert handlers == {"work": "undo", "inner": "innerUndo", "booked": "cancelBookings", "charge": "refund"}
    assert SCOPES.activity("cancelBookings").flow_scope_id == "booked#multiInstanceBody"
    assert SCOPES.activity("undo").is_compensation_handler
    assert SCOPES.activity("payCancelled").throws_compensation
    assert not SCOPES.activity("workUndo").throws_compensation


def test_listeners_keep_their_kind_and_text() -> None:
    task = ACTIVITIES.activity("task")

    assert [(each.event, each.kind, each.text) for each in task.listeners] == [
        ("end", ListenerKind.SCRIPT, "1 + 1"),
        ("start", ListenerKind.DELEGATE_EXPRESSION, "${bean}"),
    ]
    assert [(each.event, each.kind) for each in EVENTS.listeners_of("events")] == [
        ("end", ListenerKind.CLASS),
        ("start", ListenerKind.EXPRESSION),
    ]
    assert [each.event for each in EVENTS.flow("f1").listeners] == ["take"]


def test_extensions_of_one_namespace_hide_those_of_an_older_one() -> None:
    task = ACTIVITIES.activity("task").user_task

    assert task is not None
    assert [(each.event, each.text) for each in task.listeners] == [("create", "${only}")]


def test_a_timeout_listener_has_its_timer() -> None:
    activity = ACTIVITIES.activity("timeouts")

    assert activity.user_task is not None
    [listener] = activity.user_task.listeners
    assert listener.timer is not None
    assert (listener.id, listener.timer.kind, listener.timer.expression) == ("t", TimerKind.DURATION, "PT1H")
    assert (activity.is_scope, activity.event_scope_id) == (True, "timeouts")


def test_output_mappings_keep_constants_expressions_lists_maps_and_scripts() -> None:
    outputs = {each.name: each.value for each in ACTIVITIES.activity("mapped").outputs}

    assert outputs == {
        "list": ListValue((Text("a"), Text("${b}"), Script("groovy", "c"))),
        "map": MapValue(((Text("a"), ListValue(())), (Text("z"), Text("1")))),
        "nothing": NullValue(),
        "bean": Text("${bean.value(1)}"),
    }


def test_a_user_task_keeps_what_its_tasks_are_made_of() -> None:
    task = ACTIVITIES.activity("task").user_task

    assert task is not None
    assert (task.name, task.description, task.assignee) == ("Approve ${what}", "Read it.", "${who}")
    assert (task.candidate_users, task.candidate_groups) == (("a", "${pick.of(b, c)}"), ("g",))


def test_calls_and_external_tasks_keep_what_they_need() -> None:
    call, calls = ACTIVITIES.activity("call").call, ACTIVITIES.activity("calls").call
    work = ACTIVITIES.activity("external").implementation

    assert call is not None
    assert (call.called_element, call.binding, call.version) == ("${key}", "version", "2")
    assert calls is not None
    assert (calls.business_key, len(calls.inputs), calls.inputs[0].source) == (
        "#{execution.processBusinessKey}",
        1,
        None,
    )
    assert work is not None
    assert (work.kind, work.text, work.priority) == (ImplementationKind.EXTERNAL, "work", "5")


def test_sequence_flows_lead_to_bodies_and_over_links() -> None:
    assert [flow.target_id for flow in ACTIVITIES.outgoing("bounded")] == ["many#multiInstanceBody"]
    assert [flow.target_id for flow in EVENTS.outgoing("behindTimer")] == ["linked"]
    assert [flow.id for flow in ACTIVITIES.incoming("end")] == ["toEnd", "t19"]
    assert EVENTS.outgoing("gateway") == ()


def test_unknown_ids_are_errors() -> None:
    with pytest.raises(NotFoundError, match="no activity 'gone'"):
        ACTIVITIES.activity("gone")
    with pytest.raises(NotFoundError, match="no sequence flow 'gone'"):
        ACTIVITIES.flow("gone")
