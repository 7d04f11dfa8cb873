"""How execution trees grow and shrink under what is moved in them."""

from process_engine.clock import Clock
from process_engine.execution_tree.contents import Contents, Task
from process_engine.execution_tree.deletion import Deletion
from process_engine.execution_tree.ends import Ends
from process_engine.execution_tree.execution import Execution
from process_engine.ids import TimeOrderedIds
from process_engine.operations.migration.on_trees.structure import Structure
from support.trees import Forest, process

TASKS = process('<userTask id="a"/><userTask id="b"/>')


def structure_of(forest: Forest) -> Structure:
    new_id, contents = TimeOrderedIds(), Contents(variables=forest.changes.variables)
    ends = Ends(contents.variables, Clock(), new_id, skips_custom_listeners=False, skips_output_mappings=False)
    return Structure(forest.changes, contents, Deletion(forest.changes, ends), new_id)


def task_of(structure: Structure, execution: Execution) -> Task:
    task = Task(id="t", revision=1, execution=execution, process_definition_id="p:1", definition_key="a")
    structure.contents.tasks.add(task)
    return task


def test_what_an_instance_runs_itself_gets_an_execution_of_its_own_beside_another() -> None:
    forest = Forest()
    instance = forest.instance("i", TASKS, "a", "a:1")
    structure = structure_of(forest)
    task = task_of(structure, instance)

    beside = structure.create_concurrent_execution(instance)

    replacing = next(child for child in instance.children if child is not beside)
    assert (replacing.activity_id, replacing.activity_instance_id, replacing.is_active) == ("a", "a:1", True)
    assert (instance.activity_id, instance.activity_instance_id, instance.is_active) == (None, "i", False)
    assert instance.is_touched
    assert task.execution is replacing
    assert instance.replacement() is replacing


def test_a_scope_that_runs_alone_gets_a_wrapper_beside_another() -> None:
    forest = Forest()
    instance = forest.instance("i", process('<subProcess id="sub"><userTask id="a"/></subProcess>'), None, "sub:1")
    scope = forest.child(instance, "scope", "a", "a:1", is_scope=True)
    structure = structure_of(forest)

    beside = structure.create_concurrent_execution(instance)

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
    structure = structure_of(forest)
    task = task_of(structure, last)

    structure.prune(instance)

    assert (instance.activity_id, instance.activity_instance_id, instance.is_active) == ("a", "a:1", True)
    assert not instance.children
    assert last.is_removed
    assert task.execution is instance
    assert variable.execution is instance


def test_an_execution_that_grew_and_shrank_again_is_found_by_whoever_knew_it() -> None:
    forest = Forest()
    instance = forest.instance("i", TASKS)
    known = forest.child(instance, "e", "a", "a:1")
    structure = structure_of(forest)

    structure.prune(instance)
    structure.create_concurrent_execution(instance)

    assert known.replacement().activity_id == "a"
    assert known.replacement().parent is instance
