"""How execution trees grow and shrink under what is moved in them."""

import pytest

from process_engine.clock import Clock
from process_engine.execution_tree.deletion import Deletion
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.hooks import Hooks
from process_engine.execution_tree.owned_rows import ExecutionRows, Task
from process_engine.execution_tree.structure import NotedRows, TreeEditor
from process_engine.ids import TimeOrderedIds
from support.models import process
from support.trees import Forest

TASKS = process('<userTask id="a"/><userTask id="b"/>')


def editor_of(forest: Forest) -> TreeEditor:
    variables = forest.changes.variables
    hooks = Hooks(variables, Clock(), TimeOrderedIds(), skips_custom_listeners=False, skips_output_mappings=False)
    return TreeEditor(Deletion(forest.changes, hooks), ExecutionRows(variables=variables))


def task_of(editor: TreeEditor, execution: Execution) -> Task:
    task = Task(id="t", revision=1, execution=execution, process_definition_id="p:1", definition_key="a")
    assert isinstance(editor.rows, ExecutionRows)
    editor.rows.tasks.add(task)
    return task


def test_what_an_instance_runs_itself_gets_an_execution_of_its_own_beside_another() -> None:
    forest = Forest()
    instance = forest.instance("i", TASKS, "a", "a:1")
    editor = editor_of(forest)
    task = task_of(editor, instance)

    beside = editor.create_concurrent_execution(instance)

    replacing = next(child for child in instance.children if child is not beside)
    assert (replacing.activity_id, replacing.activity_instance_id, replacing.is_active) == ("a", "a:1", True)
    assert (instance.activity_id, instance.activity_instance_id, instance.is_active) == (None, "i", False)
    assert instance.bumps_revision
    assert task.execution is replacing
    assert instance.replacement() is replacing


def test_a_scope_that_runs_alone_gets_a_wrapper_beside_another() -> None:
    forest = Forest()
    instance = forest.instance("i", process('<subProcess id="sub"><userTask id="a"/></subProcess>'), None, "sub:1")
    scope = forest.child(instance, "scope", "a", "a:1", is_scope=True)
    editor = editor_of(forest)

    beside = editor.create_concurrent_execution(instance)

    wrapper = scope.parent
    assert wrapper is not None
    assert wrapper.parent is instance
    assert (wrapper.is_concurrent, wrapper.is_scope, wrapper.activity_instance_id) == (True, False, "sub:1")
    assert instance.children == [wrapper, beside]
    assert instance.activity_instance_id == "i"


def test_the_last_concurrent_execution_is_pruned_and_all_that_belongs_to_it_moves_up() -> None:
    forest = Forest()
    instance = forest.instance("i", TASKS)
    last = forest.child(instance, "e", "a", "a:1")
    variable = forest.variable(last, "own", 1)
    editor = editor_of(forest)
    task = task_of(editor, last)

    editor.prune(instance)

    assert (instance.activity_id, instance.activity_instance_id, instance.is_active) == ("a", "a:1", True)
    assert not instance.children
    assert last.is_removed
    assert task.execution is instance
    assert variable.execution is instance


def test_an_execution_that_grew_and_shrank_again_is_found_by_whoever_knew_it() -> None:
    forest = Forest()
    instance = forest.instance("i", TASKS)
    known = forest.child(instance, "e", "a", "a:1")
    editor = editor_of(forest)

    editor.prune(instance)
    editor.create_concurrent_execution(instance)

    assert known.replacement().activity_id == "a"
    assert known.replacement().parent is instance


def test_what_is_only_noted_moves_up_with_its_bits_and_as_a_replacement() -> None:
    forest = Forest()
    instance = forest.instance("i", TASKS)
    last = forest.child(instance, "e", "a", "a:1", cached_state=2)
    editor = TreeEditor(editor_of(forest).deletion, NotedRows(forest.changes.replacements))

    editor.prune(instance)

    assert (instance.activity_id, instance.activity_instance_id, instance.is_active) == ("a", "a:1", True)
    assert (instance.content, last.content) == (2, 0)
    assert forest.changes.replacements == [(last, instance)]
    assert forest.changes.removed == [last]


def test_a_tree_whose_rows_are_only_noted_cannot_grow() -> None:
    forest = Forest()
    instance = forest.instance("i", TASKS, "a", "a:1")
    editor = TreeEditor(editor_of(forest).deletion, NotedRows([]))

    with pytest.raises(TypeError, match="not loaded"):
        editor.create_concurrent_execution(instance)
