"""What a scope declares: the timers and event subscriptions that are made when it is entered.

A scope is named by its activity's id, the process itself by its key. Compensation is not declared: its subscriptions
are made when what they compensate has ended. Errors, escalations and cancellations are looked up in the model when they
happen.

Source: BpmnParse#parseTimer, BpmnParse#addEventSubscriptionDeclaration, TimerDeclarationImpl,
EventSubscriptionDeclaration.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import TypeVar

from process_engine.model.activities import Activity, Event, EventKind, StartBehaviour
from process_engine.model.definition import ProcessDefinition
from process_engine.model.values import Listener, Timer

SUBSCRIBED = (EventKind.MESSAGE, EventKind.SIGNAL, EventKind.CONDITIONAL)


class TimerHandler(StrEnum):
    """ACT_RU_JOB.HANDLER_TYPE_ of a timer, and ACT_RU_JOBDEF.JOB_TYPE_ of its job definition."""

    BOUNDARY = "timer-transition"
    INTERMEDIATE = "timer-intermediate-transition"
    EVENT_SUB_PROCESS = "timer-start-event-subprocess"
    TASK_LISTENER = "timer-task-listener"


@dataclass(frozen=True, kw_only=True)
class TimerDeclaration:
    """A timer that is made when its scope is entered.

    Attributes:
        activity_id: The activity that its job definition names: the event, or the user task of a timeout listener.
        listener_id: The timeout listener.
        handler_configuration: ACT_RU_JOB.HANDLER_CFG_.
        is_interrupting: It fires once, whatever its expression says of repeating.
        job_priority: The activity's, an expression.
    """

    activity_id: str
    handler: TimerHandler
    handler_configuration: str
    timer: Timer
    listener_id: str | None = None
    is_interrupting: bool = False
    job_priority: str | None = None

    @property
    def job_configuration(self) -> str:
        """ACT_RU_JOBDEF.JOB_CONFIGURATION_ of its job definition."""
        return f"{self.timer.kind}: {self.timer.expression}"

    @property
    def repeats(self) -> bool:
        """Whether it may fire again and again: ACT_RU_JOB.REPEAT_ is set."""
        is_catching = self.handler is TimerHandler.INTERMEDIATE
        return self.timer.kind == "CYCLE" and not is_catching and not self.is_interrupting


@dataclass(frozen=True, kw_only=True)
class EventSubscriptionDeclaration:
    """An event subscription that is made when its scope is entered; that of a process's start, when it is deployed.

    Attributes:
        activity_id: The event, or the receive task.
        event: What is waited for; its kind is ACT_RU_EVENT_SUBSCR.EVENT_TYPE_.
        is_start_event: It starts instances of the process.
        is_interrupting: The event interrupts its scope.
    """

    activity_id: str
    event: Event
    is_start_event: bool = False
    is_interrupting: bool = False

    @property
    def event_name(self) -> str | None:
        """The expression of the event's name; a condition has none."""
        return self.event.name


Declaration = TypeVar("Declaration", TimerDeclaration, EventSubscriptionDeclaration)
Declare = Callable[[ProcessDefinition, str], tuple[Declaration, ...]]


def _once(declare: Declare[Declaration]) -> Declare[Declaration]:
    """Keep what a scope declares with its definition: each instance that migrates asks for it many times."""

    @wraps(declare)
    def kept(definition: ProcessDefinition, scope_id: str) -> tuple[Declaration, ...]:
        key = declare.__name__, scope_id
        found = definition.kept.get(key)
        if found is None:
            found = definition.kept[key] = declare(definition, scope_id)
        return found

    return kept


@_once
def timer_declarations(definition: ProcessDefinition, scope_id: str) -> tuple[TimerDeclaration, ...]:
    """The timers of a scope's events; not those that start instances, nor those of timeout listeners."""
    return tuple(
        _of_event(definition, activity, activity.event.timer)
        for activity in definition.event_activities(scope_id)
        if activity.event is not None and activity.event.timer is not None
    )


@_once
def timeout_listener_declarations(definition: ProcessDefinition, scope_id: str) -> tuple[TimerDeclaration, ...]:
    """The timers of a user task's timeout listeners; the last of those with the same id counts."""
    task = definition.activities[scope_id].user_task if scope_id in definition.activities else None
    if task is None:
        return ()
    priority = definition.activity(scope_id).job_priority
    timed = {each.id: (each, each.timer) for each in task.listeners if each.timer is not None}
    return tuple(_of_listener(scope_id, listener, timer, priority) for listener, timer in timed.values())


@_once
def event_subscription_declarations(
    definition: ProcessDefinition, scope_id: str
) -> tuple[EventSubscriptionDeclaration, ...]:
    """The event subscriptions of a scope's events, and those of the start events of a process."""
    waiting = [*definition.event_activities(scope_id), *_starts(definition, scope_id)]
    return tuple(
        EventSubscriptionDeclaration(
            activity_id=activity.id,
            event=activity.event,
            is_start_event=_starts_process(definition, activity),
            is_interrupting=_is_interrupting(definition, activity),
        )
        for activity in waiting
        if activity.event is not None and activity.event.kind in SUBSCRIBED
    )


def has_persistent_trigger(definition: ProcessDefinition, activity: Activity) -> bool:
    """Whether something in the database waits for the activity's event.

    Source: UpdateEventTriggersValidator#definesPersistentEventTrigger.
    """
    scope_id = activity.event_scope_id
    if scope_id is None:
        return False
    declared = (
        *timer_declarations(definition, scope_id),
        *event_subscription_declarations(definition, scope_id),
        *timeout_listener_declarations(definition, scope_id),
    )
    return any(each.activity_id == activity.id for each in declared)


def _of_event(definition: ProcessDefinition, activity: Activity, timer: Timer) -> TimerDeclaration:
    handler = _handler(definition, activity)
    triggers_sub_process = handler is TimerHandler.EVENT_SUB_PROCESS
    return TimerDeclaration(
        activity_id=activity.id,
        handler=handler,
        handler_configuration=activity.flow_scope_id if triggers_sub_process else activity.id,
        timer=timer,
        is_interrupting=_is_interrupting(definition, activity),
        job_priority=activity.job_priority,
    )


def _handler(definition: ProcessDefinition, activity: Activity) -> TimerHandler:
    if activity.is_boundary_event:
        return TimerHandler.BOUNDARY
    return TimerHandler.EVENT_SUB_PROCESS if _triggered(definition, activity) else TimerHandler.INTERMEDIATE


def _triggered(definition: ProcessDefinition, start: Activity) -> Activity | None:
    """The event sub process that a start event starts."""
    around = definition.activities.get(start.flow_scope_id)
    is_its_start = around is not None and around.is_event_sub_process and start.event_scope_id == around.flow_scope_id
    return around if is_its_start else None


def _is_interrupting(definition: ProcessDefinition, activity: Activity) -> bool:
    sub_process = _triggered(definition, activity)
    if sub_process is not None:
        return sub_process.start_behaviour is StartBehaviour.INTERRUPT_EVENT_SCOPE
    return activity.is_boundary_event and activity.start_behaviour is StartBehaviour.CANCEL_EVENT_SCOPE


def _starts(definition: ProcessDefinition, scope_id: str) -> Iterator[Activity]:
    """Start events of the process that have no event scope: all but those that wait for a signal."""
    if scope_id == definition.key:
        for activity in definition.children(scope_id):
            if activity.event_scope_id is None and _starts_process(definition, activity):
                yield activity


def _starts_process(definition: ProcessDefinition, activity: Activity) -> bool:
    is_of_process = activity.flow_scope_id == definition.key
    return is_of_process and activity.type.lower().endswith("startevent") and activity.event is not None


def _of_listener(task_id: str, listener: Listener, timer: Timer, priority: str | None) -> TimerDeclaration:
    return TimerDeclaration(
        activity_id=task_id,
        handler=TimerHandler.TASK_LISTENER,
        handler_configuration=f"{task_id}$taskListener~{listener.id}",
        timer=timer,
        listener_id=listener.id,
        job_priority=priority,
    )
