"""Multi-instance bodies count their inner instances when some come and go.

Source: ParallelMultiInstanceActivityBehavior, SequentialMultiInstanceActivityBehavior.
"""

from process_engine.errors import ProcessEngineError
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.structure import TreeEditor
from process_engine.execution_tree.values.stored import integer

INSTANCES, ACTIVE_INSTANCES, COUNTER = "nrOfInstances", "nrOfActiveInstances", "loopCounter"


def create_inner_instance(editor: TreeEditor, body: Execution, *, is_parallel: bool) -> Execution:
    """Make room for one more inner instance.

    Returns:
        The execution to run it; a sequential body runs its inner instances itself.

    Raises:
        ProcessEngineError: The body has lost count.
    """
    number = _count(editor, body, INSTANCES)
    if is_parallel:
        child = editor.create_concurrent_child(body)
        body.bumps_revision = True
        _set(editor, body, INSTANCES, number + 1)
        _set(editor, body, ACTIVE_INSTANCES, _count(editor, body, ACTIVE_INSTANCES) + 1)
        _set(editor, child, COUNTER, number)
        return child
    _set(editor, body, COUNTER, number)
    _set(editor, body, INSTANCES, number + 1)
    _set(editor, body, ACTIVE_INSTANCES, 1)
    return body


def destroy_inner_instance(editor: TreeEditor, execution: Execution, *, is_parallel: bool) -> None:
    """Count one inner instance less; its execution goes, if it has one of its own.

    Raises:
        ProcessEngineError: The body has lost count.
    """
    body = execution
    if is_parallel:
        body = execution.parent or execution
        editor.remove(execution)
        body.bumps_revision = True
    else:
        editor.variables.remove_local(execution, COUNTER)
    _set(editor, body, ACTIVE_INSTANCES, _count(editor, body, ACTIVE_INSTANCES) - 1)


def _count(editor: TreeEditor, execution: Execution, name: str) -> int:
    variable = editor.variables.local(execution).get(name)
    if variable is None or variable.value.long is None:
        raise ProcessEngineError(
            f"The variable '{name}' could not be found in execution with id '{execution.id}': value is null"
        )
    return variable.value.long


def _set(editor: TreeEditor, execution: Execution, name: str, number: int) -> None:
    editor.variables.set_local(execution, name, integer(number), execution, editor.new_id)
