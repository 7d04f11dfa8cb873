"""Which execution runs which scope, seen from an execution: needed where compensation bends the tree.

An execution that throws compensation has the compensated as its children, although these are no scopes inside of the
throwing event. So the scopes around an execution are found leaf by leaf, from the top.

Source: PvmExecutionImpl#createActivityExecutionMapping, CompensationBehavior.
"""

from collections.abc import Iterator, Mapping

from process_engine.execution_tree.execution import Execution, is_composite, throws_compensation
from process_engine.model import ProcessDefinition

Scopes = Mapping[str, Execution]
"""Executions by the id of the scope that they run; the process's is its key."""


def scopes_around(execution: Execution) -> Scopes:
    """The scopes around an execution that is at an activity, and the executions that run them."""
    scope, runner = _flow_scope(execution), _flow_scope_execution(execution)
    found: Scopes = {}
    leaves = [leaf for leaf in _upwards(runner) if leaf is not runner and _is_leaf(leaf)]
    for leaf in reversed(leaves):
        found = _extended(_flow_scope_execution(leaf), _flow_scope(leaf), found)
    return _extended(runner, scope, found)


def _upwards(execution: Execution) -> Iterator[Execution]:
    at: Execution | None = execution
    while at is not None:
        yield at
        at = at.parent


def _is_leaf(execution: Execution) -> bool:
    """Whether it runs an activity instance in which there are no others."""
    if not execution.tokens:
        return execution.activity_id is not None
    return throws_compensation(execution)


def _flow_scope(execution: Execution) -> str:
    activity = execution.activity
    if activity is None:
        return execution.definition.key
    is_around = (
        not activity.is_scope
        or execution.activity_instance_id is None
        or (not execution.is_scope and is_composite(activity))
    )
    return activity.flow_scope_id if is_around else activity.id


def _flow_scope_execution(execution: Execution) -> Execution:
    if execution.parent is not None and (not execution.is_scope or runs_handler_in_own_scope(execution)):
        return _flow_scope_execution(execution.parent)
    return execution


def runs_handler_in_own_scope(execution: Execution) -> bool:
    """Whether it runs a compensation handler that is no scope: each handler gets an execution like a scope's.

    Source: CompensationBehavior#executesNonScopeCompensationHandler.
    """
    activity = execution.activity
    return execution.is_scope and activity is not None and activity.is_compensation_handler and not activity.is_scope


def _extended(execution: Execution, scope: str, known: Scopes) -> Scopes:
    runners = [each for each in _until(execution, known) if each.is_scope]
    scopes: list[str] = []
    for each in _around(execution.definition, scope):
        if each in known and known[each] not in runners:
            runners.append(known[each])
        scopes.append(each)
    # There may be more executions than scopes, those of throwing events: both lists are matched from the top.
    return dict(zip(reversed(scopes), reversed(runners), strict=False))


def _until(execution: Execution, known: Scopes) -> Iterator[Execution]:
    for each in _upwards(execution):
        if each in known.values():
            return
        yield each


def _around(definition: ProcessDefinition, scope: str) -> Iterator[str]:
    yield scope
    if scope != definition.key:
        yield from definition.flow_scopes(scope)
