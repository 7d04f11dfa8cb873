"""What a called instance that is cancelled does to the instance that called it, and so on upwards."""

import pytest

from process_engine.errors import SuspendedEntityInteractionError
from process_engine.execution_tree.execution import Execution
from support.models import process
from support.trees import Forest, ids

TASKS = process('<userTask id="a"/><userTask id="b"/>')
CALL = process('<callActivity id="call" calledElement="p"/><userTask id="b"/>')
EACH = process(
    '<callActivity id="call" calledElement="p"><multiInstanceLoopCharacteristics camunda:collection="list"/>'
    "</callActivity>"
)
BODY = "call#multiInstanceBody"


def called_by(forest: Forest, call: Execution, id_: str = "called") -> Execution:
    return forest.instance(id_, TASKS, "a", f"a:{id_}", caller=call)


def test_a_caller_that_only_waits_for_the_called_ends_with_it() -> None:
    forest = Forest()
    caller = forest.instance("i", CALL)
    call = forest.child(caller, "call", "call", "call:1", is_scope=True)
    called = called_by(forest, call)

    changes = forest.cancel(called)

    assert list(changes.activity_ends) == ["a:called", "call:1"]
    assert ids(changes.ended_instances) == ["called", "i"]
    assert list(changes.changed_executions()) == []


def test_callers_of_callers_end_too() -> None:
    forest = Forest()
    top = forest.instance("top", CALL)
    middle = forest.instance("middle", CALL, caller=forest.child(top, "call1", "call", "call:1", is_scope=True))
    called = called_by(forest, forest.child(middle, "call2", "call", "call:2", is_scope=True))

    changes = forest.cancel(called)

    assert ids(changes.ended_instances) == ["called", "middle", "top"]


def test_only_the_branch_goes_where_the_caller_has_another_and_the_caller_runs_what_is_left_itself() -> None:
    forest = Forest()
    caller = forest.instance("i", CALL, cached_state=0)
    wrapper = forest.child(caller, "wrapper", None, "i")
    call = forest.child(wrapper, "call", "call", "call:1", is_scope=True)
    other = forest.child(caller, "other", "b", "b:1", cached_state=2)
    called = called_by(forest, call)

    changes = forest.cancel(called)

    assert ids(changes.removed) == ["called", "call", "wrapper", "other"]
    assert changes.replacements == [(other, caller)]
    assert list(changes.changed_executions()) == [caller]
    assert (caller.activity_id, caller.activity_instance_id, caller.is_active) == ("b", "b:1", True)


def test_a_scope_that_is_left_alone_moves_up_under_the_process_instance() -> None:
    forest = Forest()
    caller = forest.instance("i", process('<callActivity id="call" calledElement="p"/><subProcess id="sub"/>'))
    call = forest.child(forest.child(caller, "w1", None, "i"), "call", "call", "call:1", is_scope=True)
    sub = forest.child(forest.child(caller, "w2", None, "sub:1"), "sub", None, "a:1", is_scope=True)
    called = called_by(forest, call)

    changes = forest.cancel(called)

    assert sub.parent is caller
    assert caller.activity_instance_id == "sub:1"
    assert set(changes.changed_executions()) == {caller, sub}


def test_the_revision_of_the_scope_around_is_bumped_though_no_column_of_it_changes() -> None:
    forest = Forest()
    caller = forest.instance("i", CALL, sequence_counter=100)
    call = forest.child(forest.child(caller, "wrapper", None, "i"), "call", "call", "call:1", is_scope=True)
    forest.child(caller, "one", "b", "b:1")
    forest.child(caller, "two", "b", "b:2")
    called = called_by(forest, call)

    changes = forest.cancel(called)

    assert list(changes.changed_executions()) == [caller]
    assert caller.state == caller.before


def test_one_of_several_called_by_a_multi_instance_body_is_counted_down_and_the_body_is_not_pruned() -> None:
    forest = Forest()
    caller = forest.instance("i", EACH, None, f"{BODY}:1")
    body = forest.child(caller, "body", None, f"{BODY}:1", is_scope=True)
    active = forest.variable(body, "nrOfActiveInstances", 2)
    first = forest.child(body, "first", "call", "call:1")
    second = forest.child(body, "second", "call", "call:2")
    called_by(forest, second, "other")

    changes = forest.cancel(called_by(forest, first))

    assert ids(changes.removed) == ["called", "first"]
    assert active.value.long == 1
    assert [update.variable_id for update in changes.variables.updates] == ["body.nrOfActiveInstances"]
    assert list(changes.changed_executions()) == [body]
    assert body.children == [second]


def test_the_last_one_called_by_a_multi_instance_body_takes_the_body_and_all_around_with_it() -> None:
    forest = Forest()
    caller = forest.instance("i", EACH, None, f"{BODY}:1")
    body = forest.child(caller, "body", None, f"{BODY}:1", is_scope=True)
    only = forest.child(body, "only", "call", "call:1")

    changes = forest.cancel(called_by(forest, only))

    assert ids(changes.ended_instances) == ["called", "i"]
    assert list(changes.activity_ends) == ["a:called", "call:1", f"{BODY}:1"]


def test_a_caller_that_keeps_something_to_compensate_stays_though_nothing_runs_in_it() -> None:
    forest = Forest()
    caller = forest.instance("i", process('<callActivity id="call" calledElement="p"/><subProcess id="sub"/>'))
    forest.child(caller, "kept", "sub", None, is_scope=True, is_event_scope=True, is_concurrent=False)
    call = forest.child(caller, "call", "call", "call:1", is_scope=True)

    changes = forest.cancel(called_by(forest, call))

    assert ids(changes.ended_instances) == ["called"]
    assert caller.activity_id is None


def test_a_suspended_caller_that_is_itself_at_the_call_refuses() -> None:
    forest = Forest()
    caller = forest.instance("i", CALL, "call", "call:1", is_suspended=True)

    with pytest.raises(SuspendedEntityInteractionError, match="ENGINE-03043 Execution with id 'i' is suspended"):
        forest.cancel(called_by(forest, caller))
