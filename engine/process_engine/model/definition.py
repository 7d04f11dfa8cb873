"""A process definition: its activities by id, and how they are wired.

A scope is named by its activity's id, the process itself by its key.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from process_engine.errors import NotFoundError
from process_engine.model.activities import Activity
from process_engine.model.values import Listener

MULTI_INSTANCE_BODY_SUFFIX = "#multiInstanceBody"


@dataclass(frozen=True, kw_only=True)
class SequenceFlow:
    """A sequence flow; from and to a multi-instance activity it is its body's.

    Attributes:
        condition: An expression, or a script of `condition_language`.
        listeners: They are called when it is taken.
    """

    id: str | None
    name: str | None
    source_id: str
    target_id: str
    condition: str | None = None
    condition_language: str | None = None
    listeners: tuple[Listener, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ProcessDefinition:
    """A process of a BPMN file.

    Attributes:
        key: ACT_RE_PROCDEF.KEY_, the process's id in the file.
        listeners: The execution listeners of the process itself.
        activities: By id, those around before those inside.
        flows: The sequence flows that tokens take; an event-based gateway has none.
        initial_id: The start event that starts an instance, if it is clear which one does.
    """

    key: str
    name: str | None
    activities: Mapping[str, Activity]
    flows: tuple[SequenceFlow, ...] = ()
    listeners: tuple[Listener, ...] = ()
    initial_id: str | None = None
    version_tag: str | None = None
    job_priority: str | None = None
    task_priority: str | None = None

    def activity(self, activity_id: str) -> Activity:
        """The activity of an id.

        Raises:
            NotFoundError: The definition has none.
        """
        try:
            return self.activities[activity_id]
        except KeyError:
            raise NotFoundError(f"Process definition '{self.key}' has no activity '{activity_id}'") from None

    def listeners_of(self, scope_id: str) -> tuple[Listener, ...]:
        """The execution listeners of an activity, or of the process by its key."""
        return self.listeners if scope_id == self.key else self.activity(scope_id).listeners

    def children(self, scope_id: str) -> tuple[Activity, ...]:
        """The activities whose flow scope it is."""
        return self._children.get(scope_id, ())

    def descendants(self, scope_id: str) -> Iterator[Activity]:
        """The activities inside, at any depth, those around before those inside."""
        for child in self.children(scope_id):
            yield child
            yield from self.descendants(child.id)

    def flow_scopes(self, activity_id: str) -> Iterator[str]:
        """The scopes around an activity, from inside, with the process's key as the last."""
        scope_id = self.activity(activity_id).flow_scope_id
        while scope_id != self.key:
            yield scope_id
            scope_id = self.activity(scope_id).flow_scope_id
        yield self.key

    def event_activities(self, scope_id: str) -> tuple[Activity, ...]:
        """The events whose subscriptions and timers the scope's execution holds, and its event sub processes."""
        return self._event_activities.get(scope_id, ())

    def body_of(self, activity_id: str) -> Activity | None:
        """The multi-instance body around an activity."""
        activity = self.activity(activity_id)
        return self.activity(activity.flow_scope_id) if activity.is_multi_instance else None

    def inner_of(self, body_id: str) -> Activity:
        """The activity that a multi-instance body runs."""
        return self.activity(body_id.removesuffix(MULTI_INSTANCE_BODY_SUFFIX))

    def start_event(self, scope_id: str) -> Activity | None:
        """The start event of a sub process; of an event sub process, the one that triggers it."""
        return next((child for child in self.children(scope_id) if "start" in child.type.lower()), None)

    def flow(self, flow_id: str) -> SequenceFlow:
        """The sequence flow of an id.

        Raises:
            NotFoundError: The definition has none.
        """
        found = next((flow for flow in self.flows if flow.id == flow_id), None)
        if found is None:
            raise NotFoundError(f"Process definition '{self.key}' has no sequence flow '{flow_id}'")
        return found

    def outgoing(self, activity_id: str) -> tuple[SequenceFlow, ...]:
        """The sequence flows that leave an activity."""
        return tuple(flow for flow in self.flows if flow.source_id == activity_id)

    def incoming(self, activity_id: str) -> tuple[SequenceFlow, ...]:
        """The sequence flows that lead to an activity."""
        return tuple(flow for flow in self.flows if flow.target_id == activity_id)

    @cached_property
    def kept(self) -> dict[tuple[str, str], Any]:
        """What was derived of scopes and is asked for again, by what it is and the scope."""
        return {}

    @cached_property
    def _children(self) -> dict[str, tuple[Activity, ...]]:
        return _grouped((activity.flow_scope_id, activity) for activity in self.activities.values())

    @cached_property
    def _event_activities(self) -> dict[str, tuple[Activity, ...]]:
        pairs = ((activity.event_scope_id, activity) for activity in self.activities.values())
        return _grouped((scope_id, activity) for scope_id, activity in pairs if scope_id is not None)


def _grouped(pairs: Iterator[tuple[str, Activity]]) -> dict[str, tuple[Activity, ...]]:
    groups: dict[str, list[Activity]] = {}
    for key, activity in pairs:
        groups.setdefault(key, []).append(activity)
    return {key: tuple(activities) for key, activities in groups.items()}
