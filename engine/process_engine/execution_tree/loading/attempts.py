"""Changes process instances root by root, so that one that fails leaves no trace in what is saved of the others.

Instances below one root are changed one after the other, since one may end what another one is to be. If one fails,
the trees below its root are built again from what was loaded, and changed without it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from process_engine.errors import ProcessEngineError
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.loading.trees import TreeRows
from process_engine.execution_tree.variables import Variables


class Attempt(Protocol):
    """Changes the trees below one root, from how they were read, and gathers what is to be saved."""

    def change(self, instance: Execution) -> None:
        """Change one process instance.

        Raises:
            ProcessEngineError: It cannot be changed; whatever was done to it, the attempt is given up.
        """
        ...


A = TypeVar("A", bound=Attempt)
Executions = Mapping[str, Execution]
"""All below one root, by id."""


def below_each_root(
    trees: Mapping[str, TreeRows], ids: Iterable[str], begin: Callable[[Executions, Variables], A]
) -> tuple[list[A], dict[str, ProcessEngineError]]:
    """Change process instances, in the order of their ids below each root.

    Args:
        trees: By process instance.
        ids: Process instances.
        begin: Makes an attempt on trees that were built anew; called again for each instance that fails.

    Returns:
        For each root the attempt in which none failed, and why instances failed.
    """
    by_root: dict[str, tuple[TreeRows, list[str]]] = {}
    for id_ in ids:
        tree = trees[id_]
        by_root.setdefault(tree.root_id, (tree, []))[1].append(id_)
    failed: dict[str, ProcessEngineError] = {}
    return [_without_failing(tree, below, begin, failed) for tree, below in by_root.values()], failed


def _without_failing(
    tree: TreeRows,
    ids: Sequence[str],
    begin: Callable[[Executions, Variables], A],
    failed: dict[str, ProcessEngineError],
) -> A:
    while True:
        executions, variables = tree.build()
        attempt = begin(executions, variables)
        failure = _first_failure(attempt, [executions[id_] for id_ in ids if id_ not in failed])
        if failure is None:
            return attempt
        failed |= failure


def _first_failure(attempt: Attempt, instances: Iterable[Execution]) -> dict[str, ProcessEngineError] | None:
    for instance in instances:
        try:
            attempt.change(instance)
        except ProcessEngineError as error:
            return {instance.id: error}
    return None
