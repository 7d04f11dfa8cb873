"""What waits for events: timers and event subscriptions, armed at an execution, set anew and removed.

Source: JobDeclaration#createJobInstance, TimerDeclarationImpl, EventSubscriptionDeclaration, DefaultPriorityProvider.
"""

import re
from datetime import datetime

from process_engine.errors import JvmCodeError, ProcessEngineError
from process_engine.execution_tree.definitions import JobDefinition
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.hooks import Hooks
from process_engine.execution_tree.owned_rows import EventSubscription, Job
from process_engine.execution_tree.tree import Tree
from process_engine.expressions import Integer, Long, Short
from process_engine.model import Activity, EventSubscriptionDeclaration, TimerDeclaration, TimerHandler
from process_engine.schema.values import ACTIVE, SUSPENDED, JobType
from process_engine.timers import CronError, due_date, repeat_of

CYCLE = re.compile(r"R(\d*)(/|$)")
MAX_RETRIES = 2**31 - 1


# ---------------------------------------------------------------- event subscriptions


def create_subscription(tree: Tree, declaration: EventSubscriptionDeclaration, execution: Execution) -> None:
    """Subscribe an execution to the event of a declaration.

    Raises:
        JvmCodeError: Only a JVM knows the event's name.
    """
    name = event_name(tree.hooks, declaration.event_name, execution, declaration.activity_id)
    subscribe(tree, execution, str(declaration.event.kind), name, declaration.activity_id)


def subscribe(
    tree: Tree, execution: Execution, event_type: str, name: str | None, activity_id: str
) -> EventSubscription:
    """Subscribe an execution to an event of a kind, for an activity."""
    subscription = EventSubscription(
        id=tree.editor.new_id(),
        revision=1,
        execution=execution,
        is_new=True,
        event_type=event_type,
        event_name=name,
        activity_id=activity_id,
        configuration=None,
    )
    tree.rows.event_subscriptions.add(subscription)
    return subscription


def event_name(hooks: Hooks, expression: str | None, execution: Execution, activity_id: str) -> str | None:
    """The name of a message or signal; a condition has none.

    Raises:
        JvmCodeError: Only a JVM knows it.
    """
    if expression is None:
        return None
    name = hooks.evaluate(expression, execution, f"name of the event '{activity_id}'")
    if name is not None and not isinstance(name, str):
        raise JvmCodeError(f"The name of the event '{activity_id}' is no string")
    return name


# ---------------------------------------------------------------- timers


def create_timer(tree: Tree, declaration: TimerDeclaration, execution: Execution) -> None:
    """Make a timer's job, due when its declaration says.

    Raises:
        JvmCodeError: Only a JVM can say when.
        ProcessEngineError: The Java engine cannot say either.
    """
    definition = _job_definition(tree, declaration)
    suspension = ACTIVE if definition is None else definition.suspension_state
    activity = tree.definition.model.activity(declaration.activity_id)
    job = Job(
        id=tree.editor.new_id(),
        revision=1,
        execution=execution,
        is_new=True,
        type=JobType.TIMER,
        handler_type=declaration.handler,
        handler_configuration=declaration.handler_configuration,
        activity_id=declaration.activity_id,
        process_definition_id=tree.definition.id,
        process_definition_key=tree.definition.key,
        deployment_id=tree.definition.deployment_id,
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
    tree.rows.jobs.add(job)


def _retries(tree: Tree, activity: Activity, execution: Execution) -> int | None:
    """How often a job is tried by its activity's retry time cycle. Source: ParseUtil#parseRetryIntervals."""
    cycle = activity.retry_time_cycle
    if cycle is not None and "{" in cycle:
        value = tree.hooks.evaluate(cycle, execution, f"retry time cycle of '{activity.id}'")
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
        for each in tree.definition.job_definitions
        if (each.activity_id, each.type, each.configuration)
        == (declaration.activity_id, declaration.handler, declaration.job_configuration)
    )
    return next(exact, None) or tree.definition.job_definition(declaration.activity_id, declaration.handler)


def _priority(tree: Tree, declaration: TimerDeclaration, definition: JobDefinition | None, execution: Execution) -> int:
    """The job definition's priority, or else the activity's, or else the process's. Source: DefaultPriorityProvider."""
    if definition is not None and definition.priority is not None:
        return definition.priority
    text = declaration.job_priority or tree.definition.model.job_priority
    if text is None:
        return 0
    if "{" not in text:
        return int(text)
    value = tree.hooks.evaluate(text, execution, f"job priority of '{declaration.activity_id}'")
    if not isinstance(value, Integer | Long | Short):
        raise ProcessEngineError(f"Job priority of '{declaration.activity_id}': Priority value is not an Integer")
    return int(value)


def set_due_date(tree: Tree, job: Job, declaration: TimerDeclaration, execution: Execution) -> None:
    """Let a timer's job fire when its declaration says, reckoned from now.

    Source: TimerDeclarationImpl#initializeConfiguration.

    Raises:
        JvmCodeError: Only a JVM can reckon that.
        ProcessEngineError: The Java engine cannot either.
    """
    timer, clock = declaration.timer, tree.hooks.clock
    value = tree.hooks.evaluate(timer.expression, execution, f"timer of '{declaration.activity_id}'")
    if isinstance(value, datetime):
        job.due_date = value
        text = ""
    elif isinstance(value, str):
        text = value
        job.due_date = _due_date(tree, declaration, text)
    else:
        raise ProcessEngineError(
            f"Timer '{execution.activity_id}' was not configured with a valid duration/time, either hand in a "
            "java.util.Date or a String in format 'yyyy-MM-dd'T'hh:mm:ss'"
        )
    if declaration.repeats:
        job.repeat = repeat_of(text, tree.now)
    if job.due_date is None:
        raise ProcessEngineError(f"The timer of '{declaration.activity_id}' never fires: duedate is null")
    job.due_date = job.due_date if job.due_date.tzinfo is None else clock.local(job.due_date)


def _due_date(tree: Tree, declaration: TimerDeclaration, text: str) -> datetime | None:
    try:
        return due_date(declaration.timer.kind, text, tree.now, tree.hooks.clock)
    except CronError as error:
        raise JvmCodeError(f"The timer of '{declaration.activity_id}' needs the Java engine: {error}") from None


def remove_job(tree: Tree, job: Job) -> None:
    """Remove a job of an execution that stays, with its incidents."""
    incidents = tree.rows.incidents
    if job.execution is not None:
        for incident in incidents.of(job.execution):
            if incident.configuration == job.id:
                incidents.remove(incident)
    tree.rows.jobs.remove(job)
