"""Multi-instance bodies count their inner instances when some come and go.

Source: ParallelMultiInstanceActivityBehavior, SequentialMultiInstanceActivityBehavior.
"""

from process_engine.errors import ProcessEngineError
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.variables import integer
from process_engine.operations.migration.on_trees.tree import Tree

INSTANCES, ACTIVE_INSTANCES, COUNTER = "nrOfInstances", "nrOfActiveInstances", "loopCounter"


def create_inner_instance(tree: Tree, body: Execution, *, is_parallel: bool) -> Execution:
    """Make room for one more inner instance."""
    number = _count(tree, body, INSTANCES)
    if is_parallel:
        child = tree.structure.create_concurrent_child(body)
        body.is_touched = True
        _set(tree, body, INSTANCES, number + 1)
        _set(tree, body, ACTIVE_INSTANCES, _count(tree, body, ACTIVE_INSTANCES) + 1)
        _set(tree, child, COUNTER, number)
        return child
    _set(tree, body, COUNTER, number)
    _set(tree, body, INSTANCES, number + 1)
    _set(tree, body, ACTIVE_INSTANCES, 1)
    return body


def destroy_inner_instance(tree: Tree, execution: Execution, *, is_parallel: bool) -> None:
    """Count one inner instance less; its execution goes, if it has one of its own."""
    body = execution
    if is_parallel:
        body = execution.parent or execution
        tree.structure.remove(execution)
        body.is_touched = True
    else:
        tree.contents.variables.remove_local(execution, COUNTER)
    _set(tree, body, ACTIVE_INSTANCES, _count(tree, body, ACTIVE_INSTANCES) - 1)


def _count(tree: Tree, execution: Execution, name: str) -> int:
    variable = tree.contents.variables.local(execution).get(name)
    if variable is None or variable.value.long is None:
        raise ProcessEngineError(
            f"The variable '{name}' could not be found in execution with id '{execution.id}': value is null"
        )
    return variable.value.long


def _set(tree: Tree, execution: Execution, name: str, number: int) -> None:
    variables = tree.contents.variables
    variables.set_local(execution, name, integer(number), execution, tree.structure.new_id)
