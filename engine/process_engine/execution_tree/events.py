"""What events wait for: names of messages and signals, and due dates of timers, evaluated at an execution."""

from datetime import datetime

from process_engine.errors import JvmCodeError, ProcessEngineError
from process_engine.execution_tree.contents import Job
from process_engine.execution_tree.execution import Execution
from process_engine.model import TimerDeclaration
from process_engine.operations.migration.on_trees.tree import Tree
from process_engine.timers import CronError, due_date, repeat_of


def event_name(tree: Tree, expression: str | None, execution: Execution, activity_id: str) -> str | None:
    """The name of a message or signal; a condition has none."""
    if expression is None:
        return None
    name = tree.ends.evaluate(expression, execution, f"name of the event '{activity_id}'")
    if name is not None and not isinstance(name, str):
        raise JvmCodeError(f"The name of the event '{activity_id}' is no string")
    return name


def set_due_date(tree: Tree, job: Job, declaration: TimerDeclaration, execution: Execution) -> None:
    """Let a timer's job fire when its declaration says, reckoned from now.

    Source: TimerDeclarationImpl#initializeConfiguration.
    """
    timer, clock = declaration.timer, tree.ends.clock
    value = tree.ends.evaluate(timer.expression, execution, f"timer of '{declaration.activity_id}'")
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
        return due_date(declaration.timer.kind, text, tree.now, tree.ends.clock)
    except CronError as error:
        raise JvmCodeError(f"The timer of '{declaration.activity_id}' needs the Java engine: {error}") from None
