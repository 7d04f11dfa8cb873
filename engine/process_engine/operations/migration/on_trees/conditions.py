"""Conditional events that a plan's variables may trigger.

When the Java engine sets a plan's variables, it looks at the conditions of all events that wait where something was
set, by the plan or while the instance migrated. What an event starts, only a JVM can run; where no condition holds,
nothing happens.

Source: SetExecutionVariablesCmd, PvmExecutionImpl#dispatchDelayedEventsAndPerformOperation, ConditionalEventDefinition,
UelExpressionCondition.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from process_engine.errors import JvmCodeError, NullValueError, ProcessEngineError, WayOut
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.owned_rows import EventSubscription
from process_engine.execution_tree.values.stored import StoredValue
from process_engine.execution_tree.variables import Variable, VariableUpdate
from process_engine.expressions import serializer
from process_engine.model import ProcessDefinition
from process_engine.model.activities import Event, EventKind
from process_engine.operations.migration.on_trees.tree import MigratingTree, refusal_of

CREATE, UPDATE, DELETE = "create", "update", "delete"
CLASSES = {
    "string": "java.lang.String",
    "integer": "java.lang.Integer",
    "long": "java.lang.Long",
    "short": "java.lang.Short",
    "double": "java.lang.Double",
    "date": "java.util.Date",
    "bytes": "[B",
}
TRANSIENT = "ENGINE-17006 Cannot set transient variable with name '{}' to non-transient variable and vice versa."
VariableChanges = dict[str, set[tuple[str, str]]]
"""By execution: variables that changed there, and how."""


@dataclass(frozen=True, slots=True)
class PlanVariables:
    """What a plan sets on each instance that has migrated, by name.

    Attributes:
        stored: These stay.
        transient: These are seen by conditions alone.
    """

    stored: Mapping[str, StoredValue]
    transient: Mapping[str, StoredValue]


def has_conditions(definition: ProcessDefinition) -> bool:
    """Whether changes of variables may trigger events of instances."""
    return any(_is_conditional(activity.event) for activity in definition.activities.values())


def _is_conditional(event: Event | None) -> bool:
    return event is not None and event.kind is EventKind.CONDITIONAL


def check_variables(tree: MigratingTree, given: PlanVariables) -> None:
    """Make sure that variables can be set on an instance that has migrated, and trigger nothing.

    Args:
        tree: As it is after the migration.
        given: They are going to be set on the process instance.

    Raises:
        JvmCodeError: They trigger something, or only a JVM can tell.
        ProcessEngineError: They cannot be set, or a condition not be evaluated, by the Java engine neither.
    """
    for name in given.transient:
        if name in tree.rows.variables.local(tree.instance):
            raise ProcessEngineError(TRANSIENT.format(name))
    _check_conditions(tree, {**given.stored, **given.transient})


def _check_conditions(tree: MigratingTree, values: Mapping[str, StoredValue]) -> None:
    waiting = [each for each in tree.rows.event_subscriptions.all if each.event_type == EventKind.CONDITIONAL]
    if not waiting:
        return
    instance, local = tree.instance, tree.rows.variables.local(tree.instance)
    changes, present = _changes(tree), dict(local)
    for name, value in values.items():
        changes.setdefault(instance.id, set()).add((name, UPDATE if name in present else CREATE))
        local[name] = Variable(
            id="",
            name=name,
            execution=instance,
            value=value,
            revision=0,
            sequence_counter=0,
            is_concurrent_local=False,
        )
    try:
        for each in waiting:
            _check(tree, each, changes)
    finally:
        local.clear()
        local.update(present)


def _changes(tree: MigratingTree) -> VariableChanges:
    """What the Java engine keeps of changes until then: it forgets those in a definition without conditions."""
    found = VariableChanges()
    with_source = has_conditions(tree.mapping.source)
    for each in tree.rows.variables.updates:
        if not each.execution.is_removed and (with_source or each.process_definition_id == tree.target.id):
            found.setdefault(each.execution.id, set()).add((each.name, _kind(each)))
    return found


def _kind(change: VariableUpdate) -> str:
    if change.is_removal:
        return DELETE
    return CREATE if change.before is None else UPDATE


def _check(tree: MigratingTree, subscription: EventSubscription, changes: VariableChanges) -> None:
    execution = subscription.execution
    if execution is None or execution.is_removed or not execution.is_scope:
        return
    activity = tree.target.model.activity(subscription.activity_id or "")
    event = activity.event
    if event is None or not any(_looks_at(event, *change) for change in _seen(execution, changes)):
        return
    if _holds(tree, event, execution, activity.id):
        raise _needs_jvm(tree, f"setting variables triggers the conditional event '{activity.id}'")


def _seen(execution: Execution, changes: VariableChanges) -> Iterator[tuple[str, str]]:
    """Changes of variables that can be seen at an execution."""
    at: Execution | None = execution
    while at is not None:
        yield from changes.get(at.id, ())
        at = at.parent


def _looks_at(event: Event, name: str, kind: str) -> bool:
    return event.variable_name in (None, name) and (not event.variable_events or kind in event.variable_events)


def _holds(tree: MigratingTree, event: Event, execution: Execution, activity_id: str) -> bool:
    if event.condition_language is not None:
        raise _needs_jvm(tree, f"the condition of '{activity_id}' is a script")
    result: Any = tree.hooks.evaluate(event.condition or "", execution, f"condition of '{activity_id}'")
    if result is None:
        raise NullValueError("condition expression returns null: result is null")
    if not isinstance(result, bool):
        kind = CLASSES.get(serializer(result) or "", "java.lang.Object")
        raise ProcessEngineError(
            f"condition expression returns non-Boolean: result has class {kind} and not java.lang.Boolean"
        )
    return result


def _needs_jvm(tree: MigratingTree, why: str) -> JvmCodeError:
    return JvmCodeError.because(refusal_of(tree.target), why, ways_out=[WayOut.SET_NO_VARIABLES])
