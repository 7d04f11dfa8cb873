"""What waits for events: timers and subscriptions of activity instances, and what waits for compensation.

Source: ActivityInstanceJobHandler, EventSubscriptionInstanceHandler, CompensationInstanceHandler.
"""

from collections.abc import Iterator

from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.owned_rows import EventSubscription, Job
from process_engine.execution_tree.scopes import Scope
from process_engine.model import (
    Activity,
    EventSubscriptionDeclaration,
    ProcessDefinition,
    TimerDeclaration,
    TimerHandler,
    event_subscription_declarations,
    timeout_listener_declarations,
    timer_declarations,
)
from process_engine.operations.migration.on_trees.dependents import (
    MigratingJob,
    MigratingSubscription,
    MigratingVariable,
)
from process_engine.operations.migration.on_trees.instances import (
    MigratingActivityInstance,
    MigratingCompensation,
    MigratingEventScope,
    MigratingInstance,
)
from process_engine.operations.migration.on_trees.parsing import Parsed
from process_engine.operations.migration.plan import MigrationInstruction

LISTENER_MARK = "taskListener~"
SUBSCRIBED = ("message", "signal", "conditional")
Key = tuple[str, str | None]
"""An activity and, for a timeout listener, its id."""


def parse_events(parsed: Parsed) -> None:
    """Timers and subscriptions of all activity instances, then what waits for compensation."""
    for instance in parsed.activity_instances.values():
        _parse_timers(parsed, instance)
        _parse_subscriptions(parsed, instance)
    for instance in list(parsed.activity_instances.values()):
        if instance.source is not None and instance.source.is_scope:
            _parse_compensations(parsed, instance.representative())


# ---------------------------------------------------------------- timers


def _timers(scope: Scope | None) -> dict[Key, TimerDeclaration]:
    if scope is None:
        return {}
    declared = timer_declarations(scope.definition, scope.id)
    return {(each.activity_id, None): each for each in declared} | _timeout_listeners(scope)


def _timeout_listeners(scope: Scope) -> dict[Key, TimerDeclaration]:
    declared = timeout_listener_declarations(scope.definition, scope.id)
    return {(each.activity_id, each.listener_id): each for each in declared}


def _parse_timers(parsed: Parsed, instance: MigratingActivityInstance) -> None:
    declared = _timers(instance.target)
    if instance.source is not None and instance.source.is_scope:
        for job in parsed.tree.rows.jobs.of(instance.representative()):
            if job.is_timer:
                _parse_timer(parsed, instance, job, declared)
                parsed.consumed.add(job.id)
    if instance.migrates:
        sources = _timers(instance.source)
        instance.timers += [each for each in declared.values() if not _has_fired(parsed, sources, each)]


def _parse_timer(
    parsed: Parsed, instance: MigratingActivityInstance, job: Job, declared: dict[Key, TimerDeclaration]
) -> None:
    instruction = parsed.instruction(job.activity_id)
    target = parsed.target_of(instruction)
    listener = _listener_of(job)
    is_listener = job.handler_type == TimerHandler.TASK_LISTENER
    is_there = target is not None and (not is_listener or (target.id, listener) in declared)
    if instruction is None or target is None or not is_there or not _is_event_scope(instance, target):
        instance.removed_jobs.append(job)
        parsed.dropped_jobs.add(job.id)
        return
    key = (target.id, listener if (target.id, listener) in declared else None)
    declaration = declared.pop(key, None)
    migrating = MigratingJob(
        job,
        target,
        _timer_configuration(job, target),
        parsed.tree.target.job_definition(target.id, job.handler_type),
        declaration if instruction.update_event_trigger else None,
    )
    instance.dependents.append(migrating)
    parsed.jobs[job.id] = migrating


def _is_event_scope(instance: MigratingActivityInstance, target: Scope) -> bool:
    """Whether an event's scope is what an instance becomes."""
    activity = target.activity
    return activity is not None and instance.target is not None and activity.event_scope_id == instance.target.id


def _listener_of(job: Job) -> str | None:
    marked = [part for part in job.handler_configuration.split("$")[1:] if part.startswith(LISTENER_MARK)]
    return marked[-1].removeprefix(LISTENER_MARK) if marked else None


def _timer_configuration(job: Job, target: Scope) -> str:
    """HANDLER_CFG_ with another element; that of an event sub process's timer is the sub process."""
    triggers_sub_process = job.handler_type == TimerHandler.EVENT_SUB_PROCESS
    element = target.flow_scope.id if triggers_sub_process else target.id
    _, mark, rest = job.handler_configuration.partition("$")
    return element + mark + rest


def _has_fired(parsed: Parsed, sources: dict[Key, TimerDeclaration], declaration: TimerDeclaration) -> bool:
    """Whether a timer that does not interrupt has fired: the source has it as well, but there is no job."""
    once = (TimerHandler.BOUNDARY, TimerHandler.TASK_LISTENER)
    if declaration.is_interrupting or declaration.handler not in once:
        return False
    for activity_id, listener in sources:
        instruction = parsed.instruction(activity_id)
        is_target = instruction is not None and instruction.target_activity_id == declaration.activity_id
        if is_target and listener == declaration.listener_id:
            return True
    return False


# ---------------------------------------------------------------- subscriptions


def _parse_subscriptions(parsed: Parsed, instance: MigratingActivityInstance) -> None:
    declared = _subscriptions(instance.target)
    if instance.source is not None and instance.source.is_scope:
        for subscription in parsed.tree.rows.event_subscriptions.of(instance.representative()):
            if subscription.event_type in SUBSCRIBED:
                _parse_subscription(parsed, instance, subscription, declared)
                parsed.consumed.add(subscription.id)
    if instance.migrates:
        instance.subscriptions += [each for each in declared.values() if not each.is_start_event]


def _subscriptions(scope: Scope | None) -> dict[str, EventSubscriptionDeclaration]:
    if scope is None:
        return {}
    return {each.activity_id: each for each in event_subscription_declarations(scope.definition, scope.id)}


def _parse_subscription(
    parsed: Parsed,
    instance: MigratingActivityInstance,
    subscription: EventSubscription,
    declared: dict[str, EventSubscriptionDeclaration],
) -> None:
    instruction = parsed.instruction(subscription.activity_id)
    target = parsed.target_of(instruction)
    if instruction is None or target is None or not _is_event_scope(instance, target):
        instance.removed_subscriptions.append(subscription)
        return
    declaration = declared.pop(target.id, None)
    name = None if declaration is None else declaration.event_name
    instance.dependents.append(
        MigratingSubscription(subscription, target, instruction.update_event_trigger and declaration is not None, name)
    )


# ---------------------------------------------------------------- compensation


def _parse_compensations(parsed: Parsed, execution: Execution) -> None:
    """What waits for compensation at a scope's execution, and in turn at the event scopes that it leads to."""
    for subscription in parsed.tree.rows.event_subscriptions.of(execution):
        if subscription.compensates:
            scope = _compensating_execution(parsed, subscription)
            instance = _compensation(parsed, subscription)
            if scope is None:
                parsed.compensations.append(instance)
                instance.set_parent(_owner(parsed, execution))
            else:
                event_scope = _event_scope(parsed, instance, scope)
                event_scope.set_parent(_owner(parsed, execution))
                _parse_compensations(parsed, scope)


def _owner(parsed: Parsed, execution: Execution) -> MigratingInstance:
    if execution.is_event_scope:
        return next(each for each in parsed.event_scopes if each.execution is execution)
    return parsed.activity_instances[execution.parent_activity_instance_id or parsed.root.id or ""]


def _compensating_execution(parsed: Parsed, subscription: EventSubscription) -> Execution | None:
    family = parsed.tree.instance.family()
    return next((each for each in family if each.id == subscription.configuration), None)


def _compensation(parsed: Parsed, subscription: EventSubscription) -> MigratingCompensation:
    parsed.consumed.add(subscription.id)
    source = parsed.source(subscription.activity_id or "")
    instruction = _instruction_of(parsed, source)
    return MigratingCompensation(
        subscription=subscription,
        source=source,
        target=_target_of(parsed, source, instruction),
        current=source,
        instruction=instruction,
    )


def _instruction_of(parsed: Parsed, source: Scope) -> MigrationInstruction | None:
    """The instruction of an activity; of a compensation handler, that of the event which triggers it."""
    activity = source.activity
    if activity is None or not activity.is_compensation_handler:
        return parsed.instruction(source.id)
    trigger = next(_triggers(source.definition, activity), None)
    return None if trigger is None else parsed.instruction(trigger.id)


def _triggers(definition: ProcessDefinition, handler: Activity) -> Iterator[Activity]:
    """The boundary event that leads to a compensation handler, or the start event in it."""
    for host in definition.activities.values():
        if host.compensation_handler_id == handler.id:
            yield from (
                each
                for each in definition.activities.values()
                if each.attached_to_id == host.id and each.type == "compensationBoundaryCatch"
            )
    start = definition.start_event(handler.id)
    if start is not None:
        yield start


def _target_of(parsed: Parsed, source: Scope, instruction: MigrationInstruction | None) -> Scope | None:
    target = parsed.target_of(instruction)
    activity = source.activity
    if target is None or activity is None or not activity.is_compensation_handler:
        return target
    event_scope = None if target.activity is None else target.activity.event_scope_id
    handled = None if event_scope is None else target.definition.activities.get(event_scope)
    handler = None if handled is None else handled.compensation_handler_id
    return None if handler is None else Scope.of(target.definition, handler)


def _event_scope(parsed: Parsed, compensation: MigratingCompensation, execution: Execution) -> MigratingEventScope:
    source, instruction = parsed.source(execution.activity_id or ""), parsed.instruction(execution.activity_id)
    instance = MigratingEventScope(
        execution=execution,
        compensation=compensation,
        source=source,
        target=parsed.target_of(instruction),
        current=source,
        instruction=instruction,
    )
    parsed.event_scopes.append(instance)
    for variable in parsed.tree.rows.variables.local(execution).values():
        parsed.consumed.add(variable.id)
        is_of_parent = execution.parent is not None and execution.parent.is_concurrent
        instance.dependents.append(MigratingVariable(variable, is_of_parent, parsed.tree.rows.away))
    return instance
