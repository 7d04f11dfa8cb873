"""Which activities a plan maps so that nothing around their instances changes. Pure.

An activity fits if it and all scopes around it are mapped to activities of the same behaviour that lie
in each other in the same way, and what waits for events there is mapped one to one. Its instance then keeps its
executions: rows get other ids of activities and of the process definition, and no row comes or goes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from process_engine.model import (
    Activity,
    ProcessDefinition,
    behaviour_of,
    event_subscription_declarations,
    timeout_listener_declarations,
    timer_declarations,
)
from process_engine.operations.migration.plan.plan import MigrationInstruction, MigrationPlan
from process_engine.operations.migration.set_based.rows import ContentKind

SET_BASED_BEHAVIOURS = frozenset(
    {
        "UserTaskActivityBehavior",
        "ReceiveTaskActivityBehavior",
        "ExternalTaskActivityBehavior",
        "CallActivityBehavior",
        "SubProcessActivityBehavior",
        "EventSubProcessActivityBehavior",
        "IntermediateCatchEventActivityBehavior",
        "EventBasedGatewayActivityBehavior",
        "ParallelGatewayActivityBehavior",
        "InclusiveGatewayActivityBehavior",
    }
)
"""Multi-instance bodies are not among them: they keep count of their instances in variables."""


Waiting = tuple[tuple[ContentKind, str], ...]
"""What a scope's execution waits with: a timer job or an event subscription for each of these events of the source."""


@dataclass(frozen=True)
class SetBasedMapping:
    """How rows of instances at activities that fit change.

    Attributes:
        source: The definition that instances are of.
        target: The definition that they get.
        activities: The target of each activity that fits, by its id in the source.
        transitions: The target of each activity that may be waited before or after, by its id in the source.
        events: The target of each mapped event, by its id in the source.
        waiting: By scope in the source: its activity's id, or the process's key.
    """

    source: ProcessDefinition
    target: ProcessDefinition
    activities: Mapping[str, Activity] = field(default_factory=dict[str, Activity])
    transitions: Mapping[str, Activity] = field(default_factory=dict[str, Activity])
    events: Mapping[str, Activity] = field(default_factory=dict[str, Activity])
    waiting: Mapping[str, Waiting] = field(default_factory=dict[str, Waiting])

    @property
    def fits_any(self) -> bool:
        """Whether there may be instances that it fits: they are at an activity or at a transition of it."""
        return bool(self.activities or self.transitions)


def set_based_mapping(
    plan: MigrationPlan, source: ProcessDefinition, target: ProcessDefinition
) -> SetBasedMapping | None:
    """What of a plan fits set-based migration; nothing if the process itself does not.

    Args:
        plan: A valid one.
        source: The model of its source.
        target: The model of its target.
    """
    if plan.source_process_definition_id == plan.target_process_definition_id:
        return None
    pairs = _Pairs(source, target, {each.source_activity_id: each for each in reversed(plan.instructions)})
    process = pairs.waiting(source.key, target.key)
    if process is None:
        return None
    activities, waiting = dict[str, Activity](), {source.key: process}
    transitions = dict[str, Activity]()
    for activity in source.activities.values():
        mapped = pairs.target_of(activity.id)
        if mapped is None or not _keeps_scope(pairs, activities, activity, mapped):
            continue
        transitions[activity.id] = mapped
        if not _are_alike(activity, mapped):
            continue
        if not activity.is_scope:
            activities[activity.id] = mapped
        elif (own := pairs.waiting(activity.id, mapped.id)) is not None:
            activities[activity.id], waiting[activity.id] = mapped, own
    return SetBasedMapping(source, target, activities, transitions, pairs.events, waiting)


def _keeps_scope(pairs: "_Pairs", activities: Mapping[str, Activity], activity: Activity, mapped: Activity) -> bool:
    if activity.flow_scope_id == pairs.source.key:
        return mapped.flow_scope_id == pairs.target.key
    around = activities.get(activity.flow_scope_id)
    return around is not None and around.id == mapped.flow_scope_id


def _are_alike(activity: Activity, mapped: Activity) -> bool:
    if activity.multi_instance or activity.is_multi_instance or mapped.multi_instance or mapped.is_multi_instance:
        return False
    behaviour = behaviour_of(activity)
    return (
        behaviour in SET_BASED_BEHAVIOURS and behaviour == behaviour_of(mapped) and activity.is_scope == mapped.is_scope
    )


@dataclass(frozen=True)
class _Pairs:
    source: ProcessDefinition
    target: ProcessDefinition
    instructions: Mapping[str, MigrationInstruction]
    events: dict[str, Activity] = field(default_factory=dict[str, Activity])

    def target_of(self, activity_id: str) -> Activity | None:
        instruction = self.instructions.get(activity_id)
        return None if instruction is None else self.target.activities.get(instruction.target_activity_id)

    def waiting(self, scope_id: str, target_scope_id: str) -> Waiting | None:
        """What both scopes wait with, if it is the same; null if anything comes, goes or is to be updated."""
        if timeout_listener_declarations(self.source, scope_id) or timeout_listener_declarations(
            self.target, target_scope_id
        ):
            return None
        timers = self._same(_timers(self.source, scope_id), _timers(self.target, target_scope_id))
        subscriptions = self._same(_subscriptions(self.source, scope_id), _subscriptions(self.target, target_scope_id))
        if timers is None or subscriptions is None:
            return None
        jobs = ((ContentKind.JOB, each) for each in timers)
        return (*jobs, *((ContentKind.SUBSCRIPTION, each) for each in subscriptions))

    def _same(self, events: frozenset[str], expected: frozenset[str]) -> frozenset[str] | None:
        found = {id_: mapped for id_ in events if (mapped := self.target_of(id_)) is not None}
        if len(found) != len(events) or frozenset(each.id for each in found.values()) != expected:
            return None
        if len(expected) != len(events) or any(self.instructions[id_].update_event_trigger for id_ in events):
            return None
        self.events.update(found)
        return events


def _timers(definition: ProcessDefinition, scope_id: str) -> frozenset[str]:
    return _ids(each.activity_id for each in timer_declarations(definition, scope_id))


def _subscriptions(definition: ProcessDefinition, scope_id: str) -> frozenset[str]:
    declared = event_subscription_declarations(definition, scope_id)
    return _ids(each.activity_id for each in declared if not each.is_start_event)


def _ids(found: Iterable[str]) -> frozenset[str]:
    return frozenset(found)
