"""What is run when an activity ends, what of it needs a JVM, and what output mappings set."""

import pytest

from process_engine.execution_tree.hooks import ListenerError, OutputMappingError, looks_at_variables
from process_engine.execution_tree.variables import Variables
from process_engine.ids import TimeOrderedIds
from support.models import process
from support.trees import Forest

LISTENER = '<extensionElements><camunda:executionListener event="end" class="com.example.L"/></extensionElements>'


def with_outputs(*outputs: tuple[str, str]) -> str:
    parameters = "".join(f'<camunda:outputParameter name="{n}">{v}</camunda:outputParameter>' for n, v in outputs)
    return f"<extensionElements><camunda:inputOutput>{parameters}</camunda:inputOutput></extensionElements>"


def mapped(forest: Forest, *outputs: tuple[str, str], **how: bool) -> dict[str, object]:
    """Cancel a task with output mappings, beside variables of its instance; the last value set to each variable."""
    instance = forest.instance("i", process(f'<userTask id="a">{with_outputs(*outputs)}</userTask>'))
    forest.child(instance, "scope", "a", "a:1", is_scope=True)
    forest.variable(instance, "amount", 5)
    changes = forest.cancel(instance, **how)
    return {update.name: update.value.long or update.value.text for update in changes.variables.updates}


def test_output_mappings_set_constants_and_expressions_one_after_the_other() -> None:
    forest = Forest()

    values = mapped(forest, ("constant", "text"), ("amount", "${amount + 1}"), ("again", "${amount * 2}"))

    assert values == {"constant": "text", "amount": 6, "again": 12}
    assert forest.codes == []


def test_history_is_told_from_where_and_to_where_a_mapping_set_a_variable() -> None:
    forest = Forest()

    mapped(forest, ("amount", "${amount + 1}"), ("made", "x"))

    updated, made = forest.changes.variables.updates
    assert (updated.revision, updated.sequence_counter) == (1, 2)
    assert (made.revision, made.sequence_counter, made.before) == (0, 1, None)
    assert made.scope_activity_instance_id == "i"


def test_skipped_output_mappings_set_nothing() -> None:
    assert mapped(Forest(), ("amount", "${amount + 1}"), skips_outputs=True) == {}


@pytest.mark.parametrize(
    ("value", "reason"),
    [("${bean.call()}", "bean.call"), ("${unknown}", "'unknown' is no variable"), ("${execution}", "uses 'execution'")],
)
def test_a_mapping_that_needs_a_bean_is_recognised(value: str, reason: str) -> None:
    forest = Forest()

    mapped(forest, ("result", value))

    assert len(forest.codes) == 1
    assert forest.codes[0].startswith(f"output mapping 'result' of 'a': {value}")
    assert reason in forest.codes[0]


def test_a_mapping_at_which_the_java_engine_fails_fails() -> None:
    with pytest.raises(OutputMappingError, match="output mapping 'result' of 'a'"):
        mapped(Forest(), ("result", "${amount + 'x'}"))


def test_an_end_listener_needs_a_jvm_unless_custom_listeners_are_skipped() -> None:
    definition = process(f'<userTask id="a">{LISTENER}</userTask>')
    called, skipped = Forest(), Forest()

    called.cancel(called.instance("i", definition, "a", "a:1"))
    skipped.cancel(skipped.instance("i", definition, "a", "a:1"), skips_listeners=True)

    assert called.codes == ["end execution listener of 'a': com.example.L (a class)"]
    assert skipped.codes == []


def test_an_end_listener_of_an_activity_that_has_not_begun_is_not_called() -> None:
    forest = Forest()

    forest.cancel(
        forest.instance("i", process(f'<userTask id="a">{LISTENER}</userTask>'), "a", activity_instance_id=None)
    )

    assert forest.codes == []


def test_a_delete_listener_of_a_task_is_called_only_where_there_are_tasks() -> None:
    extension = '<extensionElements><camunda:taskListener event="delete" class="com.example.T"/></extensionElements>'
    definition = process(f'<userTask id="a">{extension}</userTask>')
    with_task, without = Forest(), Forest()

    with_task.cancel(with_task.instance("i", definition, "a", "a:1", cached_state=2))
    without.cancel(without.instance("i", definition, "a", "a:1"))

    assert with_task.codes == ["delete task listener of 'a': com.example.T (a class)"]
    assert without.codes == []


def test_a_listener_that_is_an_expression_over_variables_is_evaluated_and_leaves_nothing() -> None:
    extension = '<extensionElements><camunda:executionListener event="end" expression="${amount}"/></extensionElements>'
    definition = process(f'<userTask id="a">{extension}</userTask>')
    known, unknown = Forest(), Forest()
    instance = known.instance("i", definition, "a", "a:1")
    known.variable(instance, "amount", 1)

    known.cancel(instance)
    unknown.cancel(unknown.instance("i", definition, "a", "a:1"))

    assert known.codes == []
    assert unknown.codes == ["end execution listener of 'a': ${amount} ('amount' is no variable)"]
    assert looks_at_variables(definition)


def test_a_listener_at_which_the_java_engine_fails_fails_for_a_reason_of_its_own() -> None:
    text = "${amount + 'x'}"
    extension = f'<extensionElements><camunda:executionListener event="end" expression="{text}"/></extensionElements>'
    forest = Forest()
    instance = forest.instance("i", process(f'<userTask id="a">{extension}</userTask>'), "a", "a:1")
    forest.variable(instance, "amount", 1)

    with pytest.raises(ListenerError, match="listener of 'a'") as raised:
        forest.cancel(instance)

    assert raised.value.reason == "Listener"


def test_a_variable_is_set_where_it_is_found_upwards_and_else_on_the_process_instance() -> None:
    forest, variables = Forest(), Variables()
    instance = forest.instance("i", process('<subProcess id="sub"><userTask id="a"/></subProcess>'), None, "sub:1")
    scope = forest.child(instance, "scope", "a", "a:1", is_scope=True)
    value = forest.variable(scope, "near", 1).value
    variables.set_local(scope, "near", value, scope, TimeOrderedIds())

    variables.set(scope, "near", value, TimeOrderedIds())
    variables.set(scope, "far", value, TimeOrderedIds())

    assert set(variables.local(scope)) == {"near"}
    assert set(variables.local(instance)) == {"far"}


def test_a_variable_that_moves_onto_one_of_the_same_name_gives_it_its_value_and_goes() -> None:
    forest = Forest()
    instance = forest.instance("i", process('<userTask id="a"/>'))
    token = forest.child(instance, "token", "a", "a:1")
    variables = forest.changes.variables
    stays, moves, alone = (
        forest.variable(instance, "n", 1),
        forest.variable(token, "n", 2),
        forest.variable(token, "m", 3),
    )

    variables.move(token, instance)

    assert (stays.value.long, stays.sequence_counter) == (2, 2)
    assert variables.dropped == [moves]
    assert alone.execution is instance
    assert [update.variable_id for update in variables.updates] == [stays.id]
