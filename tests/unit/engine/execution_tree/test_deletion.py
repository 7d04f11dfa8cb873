"""In what order the executions of a cancelled instance end, and what history is told of each."""

from process_engine.execution_tree.changes import Changes
from support.models import process
from support.trees import Forest, ids

TASKS = process('<userTask id="a"/><userTask id="b"/>')
NESTED = process('<subProcess id="sub"><userTask id="a"/><userTask id="b"/></subProcess>')


def ended(changes: Changes) -> dict[str, tuple[str, str, str | None]]:
    """By activity instance: the activity, the execution and the activity instance around."""
    return {id_: (end.activity_id, end.execution_id, end.parent_id) for id_, end in changes.activity_ends.items()}


def test_an_instance_that_runs_a_task_itself_ends_the_task_then_itself() -> None:
    forest = Forest()
    instance = forest.instance("i", TASKS, "a", "a:1")

    changes = forest.cancel(instance)

    assert ended(changes) == {"a:1": ("a", "i", "i")}
    assert ids(changes.ended_instances) == ["i"]
    assert ids(changes.removed) == ["i"]


def test_concurrent_tasks_end_one_by_one_before_their_instance() -> None:
    forest = Forest()
    instance = forest.instance("i", TASKS)
    forest.child(instance, "e1", "a", "a:1")
    forest.child(instance, "e2", "b", "b:1")

    changes = forest.cancel(instance)

    assert ended(changes) == {"a:1": ("a", "e1", "i"), "b:1": ("b", "e2", "i")}
    assert ids(changes.removed) == ["e1", "e2", "i"]


def test_a_scope_that_runs_its_only_task_itself_ends_twice_and_its_instance_id_comes_from_its_parent() -> None:
    forest = Forest()
    instance = forest.instance("i", NESTED, None, "sub:1")
    forest.child(instance, "scope", "a", "a:1", is_scope=True)

    changes = forest.cancel(instance)

    assert ended(changes) == {"a:1": ("a", "scope", "sub:1"), "sub:1": ("sub", "scope", "i")}
    assert ids(changes.removed) == ["scope", "i"]


def test_a_wrapper_goes_with_the_scope_inside_and_fires_nothing() -> None:
    forest = Forest()
    instance = forest.instance("i", process('<subProcess id="sub"><userTask id="a"/></subProcess><userTask id="b"/>'))
    wrapper = forest.child(instance, "wrapper", None, "sub:1")
    forest.child(wrapper, "scope", "a", "a:1", is_scope=True)
    forest.child(instance, "other", "b", "b:1")

    changes = forest.cancel(instance)

    assert ended(changes) == {
        "a:1": ("a", "scope", "sub:1"),
        "sub:1": ("sub", "scope", "i"),
        "b:1": ("b", "other", "i"),
    }
    assert ids(changes.removed) == ["scope", "wrapper", "other", "i"]


def test_a_token_that_waits_before_an_activity_has_no_activity_instance_to_end() -> None:
    forest = Forest()
    instance = forest.instance("i", TASKS, "a", None, activity_instance_id=None)

    changes = forest.cancel(instance)

    assert changes.activity_ends == {}
    assert ids(changes.ended_instances) == ["i"]


def test_a_called_instance_ends_before_the_call_activity_that_called_it() -> None:
    forest = Forest()
    caller = forest.instance("i", process('<callActivity id="call" calledElement="p"/>'))
    call = forest.child(caller, "call", "call", "call:1", is_scope=True)
    forest.instance("called", TASKS, "a", "a:1", caller=call)

    changes = forest.cancel(caller)

    assert list(changes.activity_ends) == ["a:1", "call:1"]
    assert changes.activity_ends["call:1"].called_id == "called"
    assert ids(changes.ended_instances) == ["called", "i"]


def test_a_called_instance_is_detached_and_stays_where_called_instances_are_skipped() -> None:
    forest = Forest()
    caller = forest.instance("i", process('<callActivity id="call" calledElement="p"/>'))
    call = forest.child(caller, "call", "call", "call:1", is_scope=True)
    called = forest.instance("called", TASKS, "a", "a:1", caller=call)

    changes = forest.cancel(caller, skips_called=True)

    assert ids(changes.ended_instances) == ["i"]
    assert changes.detached == [called]
    assert list(changes.changed_executions()) == [called]
    assert called.state.super_execution_id is None


def test_the_tasks_of_the_instance_itself_go_for_its_reason_and_those_of_called_ones_do_not() -> None:
    forest = Forest()
    caller = forest.instance("i", process('<callActivity id="call" calledElement="p"/>'))
    call = forest.child(caller, "call", "call", "call:1", is_scope=True)
    forest.instance("called", TASKS, "a", "a:1", caller=call)

    changes = forest.cancel(caller)

    assert ids(changes.cancelled_with_reason) == ["i", "call"]


def test_what_waits_to_be_compensated_is_visited_like_a_token_and_takes_the_activity_instance_of_its_parent() -> None:
    """The Java engine overwrites the history of the parent's leaf with the compensated scope: it is repeated here."""
    forest = Forest()
    instance = forest.instance("i", process('<subProcess id="sub"/><userTask id="b"/>'), "b", "b:1")
    forest.child(instance, "kept", "sub", None, is_scope=True, is_event_scope=True, is_concurrent=False)

    changes = forest.cancel(instance)

    assert ids(changes.removed) == ["kept", "i"]
    assert ended(changes)["b:1"] == ("sub", "kept", "i")


def test_the_highest_sequence_counter_of_what_ended_stays_with_the_parent() -> None:
    forest = Forest()
    instance = forest.instance("i", TASKS, sequence_counter=3)
    forest.child(instance, "e1", "a", "a:1", sequence_counter=7)
    forest.child(instance, "e2", "b", "b:1", sequence_counter=5)

    forest.cancel(instance)

    assert instance.sequence_counter == 9
