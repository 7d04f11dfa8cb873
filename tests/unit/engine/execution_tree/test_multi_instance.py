"""How multi-instance bodies count their inner instances, whether what belongs to executions is loaded or only noted."""

import pytest

from process_engine.clock import Clock
from process_engine.errors import ProcessEngineError
from process_engine.execution_tree.deletion import Deletion
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.hooks import Hooks
from process_engine.execution_tree.multi_instance import create_inner_instance, destroy_inner_instance
from process_engine.execution_tree.owned_rows import ExecutionRows
from process_engine.execution_tree.structure import MovableRows, NotedRows, TreeEditor
from process_engine.ids import TimeOrderedIds
from support.models import process
from support.trees import Forest

EACH = process('<userTask id="a"><multiInstanceLoopCharacteristics camunda:collection="list"/></userTask>')
BODY = "a#multiInstanceBody"
COUNTS = {"nrOfInstances": 2, "nrOfActiveInstances": 2}


def editor_of(forest: Forest, rows: MovableRows) -> TreeEditor:
    variables = forest.changes.variables
    hooks = Hooks(variables, Clock(), TimeOrderedIds(), skips_custom_listeners=False, skips_output_mappings=False)
    return TreeEditor(Deletion(forest.changes, hooks), rows)


def body_of(forest: Forest, **counts: int) -> Execution:
    """A body with two inner instances."""
    instance = forest.instance("i", EACH, None, f"{BODY}:1")
    body = forest.child(instance, "body", None, f"{BODY}:1", is_scope=True)
    for name, count in counts.items():
        forest.variable(body, name, count)
    for id_ in ("first", "second"):
        forest.child(body, id_, "a", f"a:{id_}")
    return body


def counts_of(forest: Forest, execution: Execution) -> dict[str, int | None]:
    return {name: each.value.long for name, each in forest.changes.variables.local(execution).items()}


def test_one_more_inner_instance_is_counted_and_knows_its_number() -> None:
    forest = Forest()
    body = body_of(forest, **COUNTS)

    made = create_inner_instance(editor_of(forest, ExecutionRows()), body, is_parallel=True)

    assert (made.parent, made.is_concurrent) == (body, True)
    assert counts_of(forest, body) == {"nrOfInstances": 3, "nrOfActiveInstances": 3}
    assert counts_of(forest, made) == {"loopCounter": 2}
    assert body.bumps_revision


def test_a_sequential_body_runs_its_next_inner_instance_itself() -> None:
    forest = Forest()
    body = body_of(forest, nrOfInstances=1)

    made = create_inner_instance(editor_of(forest, ExecutionRows()), body, is_parallel=False)

    assert made is body
    assert counts_of(forest, body) == {"nrOfInstances": 2, "loopCounter": 1, "nrOfActiveInstances": 1}


@pytest.mark.parametrize("is_loaded", [True, False])
def test_one_inner_instance_less_is_counted_down_and_the_body_is_not_pruned(is_loaded: bool) -> None:
    forest = Forest()
    body = body_of(forest, **COUNTS)
    first, second = body.children
    rows = ExecutionRows() if is_loaded else NotedRows(forest.changes.replacements)

    destroy_inner_instance(editor_of(forest, rows), first, is_parallel=True)

    assert (body.children, forest.changes.removed) == ([second], [first])
    assert counts_of(forest, body) == {"nrOfInstances": 2, "nrOfActiveInstances": 1}


def test_a_body_that_has_lost_count_is_refused_in_the_java_engines_words() -> None:
    forest = Forest()
    body = body_of(forest)

    with pytest.raises(ProcessEngineError, match="'nrOfActiveInstances' could not be found"):
        destroy_inner_instance(editor_of(forest, NotedRows([])), body.children[0], is_parallel=True)
