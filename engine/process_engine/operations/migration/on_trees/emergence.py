"""Makes what the target has more: scopes around what migrates, timers and subscriptions of scopes.

Source: PvmExecutionImpl#instantiateScopes, PvmAtomicOperationActivityInitStack, MigrationCompensationInstanceVisitor,
EmergingJobInstance, MigratingEventSubscriptionInstance#create, JobDeclaration#createJobInstance.
"""

import re
from collections.abc import Sequence

from process_engine.errors import ProcessEngineError
from process_engine.execution_tree.changes import ActivityEnd
from process_engine.execution_tree.contents import COMPENSATE, TIMER, EventSubscription, Job
from process_engine.execution_tree.execution import SUSPENDED, Execution
from process_engine.expressions import Integer, Long, Short
from process_engine.model import (
    Activity,
    EventSubscriptionDeclaration,
    Moment,
    TimerDeclaration,
    TimerHandler,
    event_subscription_declarations,
    timeout_listener_declarations,
    timer_declarations,
)
from process_engine.operations.cancellation.on_trees import SuspendedEntityInteractionError
from process_engine.operations.migration.on_trees.instances import (
    MigratingActivityInstance,
    MigratingCompensation,
    MigratingEventScope,
    MigratingInstance,
)
from process_engine.operations.migration.on_trees.scopes import Scope
from process_engine.operations.migration.on_trees.tree import JobDefinition, StartedActivity, Tree
from process_engine.operations.migration.on_trees.triggers import event_name, set_due_date

MAX_ID_LENGTH = 64
CYCLE = re.compile(r"R(\d*)(/|$)")
MAX_RETRIES = 2**31 - 1
ACTIVE = 1
"""Of SUSPENSION_STATE_."""


def create_events(tree: Tree, instance: MigratingActivityInstance) -> None:
    """Make the timers and subscriptions that the target of a scope has more."""
    execution = instance.representative()
    for timer in instance.timers:
        create_timer(tree, timer, execution)
    for subscription in instance.subscriptions:
        create_subscription(tree, subscription, execution)


# ---------------------------------------------------------------- scopes


def instantiate_scopes(
    tree: Tree, ancestor: MigratingInstance, scopes: Sequence[Scope]
) -> list[MigratingActivityInstance]:
    """Start scopes inside each other, below an activity instance, without what is in them."""
    if not isinstance(ancestor, MigratingActivityInstance):
        raise ProcessEngineError("ENGINE-23011 Only an activity instance can have children that are activity instances")
    execution = ancestor.create_attachable(tree)
    if execution.is_suspended:
        raise SuspendedEntityInteractionError(f"ENGINE-03043 Execution with id '{tree.instance.id}' is suspended.")
    made: list[MigratingActivityInstance] = []
    for scope in scopes:
        activity = scope.definition.activity(scope.id)
        child = tree.structure.create_execution(execution)
        execution.is_active = False
        if made:
            execution.activity_id = None
        child.activity_id = activity.id
        _start(tree, child, activity)
        made.append(MigratingActivityInstance(id=None, execution=child, source=None, target=scope, current=scope))
        execution = child
    for instance in made:
        instance.execution.activity_id, instance.execution.is_active = None, False
    return made


def _start(tree: Tree, execution: Execution, activity: Activity) -> None:
    for subscription in event_subscription_declarations(execution.definition, activity.id):
        if not subscription.is_start_event:
            create_subscription(tree, subscription, execution)
    execution.sequence_counter += 1
    _enter(tree, execution, activity)
    record = ActivityEnd(
        execution.activity_instance_id or "",
        execution.parent_activity_instance_id,
        execution.id,
        execution.process_definition_id,
        execution.definition.key,
        activity.id,
        activity.name,
        activity.type,
        None,
    )
    tree.recorded.started.append(StartedActivity(record, execution, execution.sequence_counter))
    tree.ends.call_listeners(execution, activity.id, Moment.START)
    if Scope.of(execution.definition, activity.id).is_composite and execution.parent is not None:
        execution.parent.activity_instance_id = execution.activity_instance_id


def _enter(tree: Tree, execution: Execution, activity: Activity) -> None:
    id_ = tree.structure.new_id()
    named = f"{activity.id}:{id_}"
    execution.activity_instance_id = id_ if len(named) > MAX_ID_LENGTH else named
    tree.ends.map_inputs(execution)
    for timer in timer_declarations(execution.definition, activity.id):
        create_timer(tree, timer, execution)
    for timer in timeout_listener_declarations(execution.definition, activity.id):
        create_timer(tree, timer, execution)


def instantiate_event_scopes(
    tree: Tree, ancestor: MigratingInstance, scopes: Sequence[Scope]
) -> list[MigratingEventScope]:
    """Make event scopes inside each other, each with the subscription that leads to it."""
    parent = ancestor.representative()
    made: list[MigratingEventScope] = []
    for scope in scopes:
        activity = scope.definition.activity(scope.id)
        execution = tree.structure.create_execution(parent)
        execution.is_event_scope, execution.activity_id, execution.is_active = True, activity.id, False
        _enter(tree, execution, activity)
        subscription = _subscribe(tree, parent, COMPENSATE, None, activity.id)
        subscription.configuration = execution.id
        compensation = MigratingCompensation(subscription=subscription, source=None, target=scope, current=scope)
        made.append(
            MigratingEventScope(
                execution=execution, compensation=compensation, source=None, target=scope, current=scope
            )
        )
        parent = execution
    return made


# ---------------------------------------------------------------- events


def create_subscription(tree: Tree, declaration: EventSubscriptionDeclaration, execution: Execution) -> None:
    """Subscribe an execution to an event."""
    name = event_name(tree, declaration.event_name, execution, declaration.activity_id)
    _subscribe(tree, execution, str(declaration.event.kind), name, declaration.activity_id)


def _subscribe(
    tree: Tree, execution: Execution, event_type: str, name: str | None, activity_id: str
) -> EventSubscription:
    subscription = EventSubscription(
        id=tree.structure.new_id(),
        revision=1,
        execution=execution,
        is_new=True,
        event_type=event_type,
        event_name=name,
        activity_id=activity_id,
        configuration=None,
    )
    tree.contents.event_subscriptions.add(subscription)
    return subscription


def create_timer(tree: Tree, declaration: TimerDeclaration, execution: Execution) -> None:
    """Make a timer's job."""
    definition = _job_definition(tree, declaration)
    suspension = ACTIVE if definition is None else definition.suspension_state
    activity = tree.target.definition.activity(declaration.activity_id)
    job = Job(
        id=tree.structure.new_id(),
        revision=1,
        execution=execution,
        is_new=True,
        type=TIMER,
        handler_type=declaration.handler,
        handler_configuration=declaration.handler_configuration,
        activity_id=declaration.activity_id,
        process_definition_id=tree.target.id,
        process_definition_key=tree.target.key,
        deployment_id=tree.target.deployment_id,
        job_definition_id=None if definition is None else definition.id,
        due_date=None,
        repeat=None,
        suspension_state=SUSPENDED if execution.is_suspended else suspension,
        job_configuration=declaration.job_configuration,
        is_exclusive=declaration.timer.is_exclusive,
        tenant_id=execution.tenant_id,
    )
    if declaration.handler is not TimerHandler.TASK_LISTENER:
        job.retries = _retries(tree, activity, execution) or job.retries
    job.priority = _priority(tree, declaration, definition, execution)
    set_due_date(tree, job, declaration, execution)
    tree.contents.jobs.add(job)


def _retries(tree: Tree, activity: Activity, execution: Execution) -> int | None:
    """How often a job is tried by its activity's retry time cycle. Source: ParseUtil#parseRetryIntervals."""
    cycle = activity.retry_time_cycle
    if cycle is not None and "{" in cycle:
        value = tree.ends.evaluate(cycle, execution, f"retry time cycle of '{activity.id}'")
        cycle = value if isinstance(value, str) else None
    if not cycle:
        return None
    repeated = None if "," in cycle else CYCLE.match(cycle)
    if repeated is None:
        return cycle.count(",") + 2
    return max(int(repeated[1] or MAX_RETRIES), 1)


def _job_definition(tree: Tree, declaration: TimerDeclaration) -> JobDefinition | None:
    """That of a declaration; timeout listeners of one task have several, which their timers tell apart."""
    exact = (
        each
        for each in tree.target.job_definitions
        if (each.activity_id, each.type, each.configuration)
        == (declaration.activity_id, declaration.handler, declaration.job_configuration)
    )
    return next(exact, None) or tree.target.job_definition(declaration.activity_id, declaration.handler)


def _priority(tree: Tree, declaration: TimerDeclaration, definition: JobDefinition | None, execution: Execution) -> int:
    """The job definition's priority, or else the activity's, or else the process's. Source: DefaultPriorityProvider."""
    if definition is not None and definition.priority is not None:
        return definition.priority
    text = declaration.job_priority or tree.target.definition.job_priority
    if text is None:
        return 0
    if "{" not in text:
        return int(text)
    value = tree.ends.evaluate(text, execution, f"job priority of '{declaration.activity_id}'")
    if not isinstance(value, Integer | Long | Short):
        raise ProcessEngineError(f"Job priority of '{declaration.activity_id}': Priority value is not an Integer")
    return int(value)
