"""What belongs to the executions of a tree beside their variables: rows of other tables that move with them.

Each knows the execution that owns it. What was read is remembered, so that only rows that changed are saved, each with
its revision bumped once.

Source: TaskEntity, ExternalTaskEntity, JobEntity, EventSubscriptionEntity, IncidentEntity, ExecutionEntity.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.variables import Variables
from process_engine.executions import (
    EVENT_SUBSCRIPTIONS_BIT,
    EXTERNAL_TASKS_BIT,
    INCIDENT_BIT,
    JOBS_BIT,
    TASKS_BIT,
    VARIABLES_BIT,
)
from process_engine.schema.values import JobHandler, JobType

COMPENSATE = "compensate"
CALLED_INSTANCE_BIT, CALLED_CASE_BIT = 32, 64
CALLED_BITS = CALLED_INSTANCE_BIT | CALLED_CASE_BIT
"""Of CACHED_ENT_STATE_: the execution called a process or a case."""


@dataclass(eq=False, kw_only=True, slots=True)
class OwnedRow:
    """A row that belongs to an execution.

    Attributes:
        before: What was read of the columns that may change.
        is_new: It was made here.
        is_removed: It is gone.
    """

    id: str
    revision: int | None
    execution: Execution | None
    before: tuple[Any, ...] = ()
    is_new: bool = False
    is_removed: bool = False

    @property
    def columns(self) -> tuple[Any, ...]:
        """What is saved of it when it changed."""
        return ()

    @property
    def execution_id(self) -> str | None:
        """EXECUTION_ID_."""
        return None if self.execution is None else self.execution.id

    @property
    def is_changed(self) -> bool:
        """Whether its row has to be updated."""
        return not self.is_new and not self.is_removed and self.columns != self.before


@dataclass(eq=False, kw_only=True, slots=True)
class TaskVariable(OwnedRow):
    """A variable of a task; its execution is the task's."""

    process_definition_id: str | None

    @property
    def columns(self) -> tuple[Any, ...]:
        """The engine takes a variable for changed when its execution's definition did, but does not write that."""
        return self.execution_id, self.process_definition_id


@dataclass(eq=False, kw_only=True, slots=True)
class Task(OwnedRow):
    """A task of an execution, with its variables."""

    process_definition_id: str | None
    definition_key: str | None
    variables: list[TaskVariable] = field(default_factory=list[TaskVariable])

    @property
    def columns(self) -> tuple[Any, ...]:
        """Its key alone does not make it a changed one."""
        return self.execution_id, self.process_definition_id


@dataclass(eq=False, kw_only=True, slots=True)
class ExternalTask(OwnedRow):
    """An external task."""

    process_definition_id: str | None
    process_definition_key: str | None
    activity_id: str | None

    @property
    def columns(self) -> tuple[Any, ...]:
        """What is saved of it when it changed."""
        return self.execution_id, self.process_definition_id, self.process_definition_key, self.activity_id


@dataclass(eq=False, kw_only=True, slots=True)
class Job(OwnedRow):
    """A job; what stands after `job_configuration` is only known of one that was made here.

    Attributes:
        activity_id: The activity of its job definition, or else where its execution was.
        job_configuration: JOB_CONFIGURATION_ of its job definition.
    """

    type: str
    handler_type: str | None
    handler_configuration: str
    activity_id: str | None
    process_definition_id: str | None
    process_definition_key: str | None
    deployment_id: str | None
    job_definition_id: str | None
    due_date: datetime | None
    repeat: str | None
    suspension_state: int
    job_configuration: str | None = None
    retries: int = 3
    priority: int = 0
    is_exclusive: bool = True
    tenant_id: str | None = None

    @property
    def columns(self) -> tuple[Any, ...]:
        """What is saved of it when it changed."""
        return (
            self.execution_id,
            self.process_definition_id,
            self.process_definition_key,
            self.deployment_id,
            self.job_definition_id,
            self.handler_configuration,
            self.due_date,
            self.repeat,
            self.suspension_state,
        )

    @property
    def is_timer(self) -> bool:
        """Whether it waits for its due date."""
        return self.type == JobType.TIMER

    @property
    def is_async_continuation(self) -> bool:
        """Whether its execution goes on with it."""
        return self.handler_type == JobHandler.ASYNC_CONTINUATION


@dataclass(eq=False, kw_only=True, slots=True)
class EventSubscription(OwnedRow):
    """An event subscription."""

    event_type: str
    event_name: str | None
    activity_id: str | None
    configuration: str | None

    @property
    def columns(self) -> tuple[Any, ...]:
        """What is saved of it when it changed."""
        return self.execution_id, self.activity_id, self.event_name

    @property
    def compensates(self) -> bool:
        """Whether it waits for a compensation."""
        return self.event_type == COMPENSATE


@dataclass(eq=False, kw_only=True, slots=True)
class Incident(OwnedRow):
    """An incident."""

    type: str
    configuration: str | None
    activity_id: str | None
    process_definition_id: str | None
    job_definition_id: str | None

    @property
    def columns(self) -> tuple[Any, ...]:
        """What is saved of it when it changed."""
        return self.execution_id, self.process_definition_id, self.activity_id, self.job_definition_id


@dataclass(eq=False, kw_only=True, slots=True)
class CalledCase(OwnedRow):
    """A case instance; its execution is the one that called it."""

    @property
    def columns(self) -> tuple[Any, ...]:
        """What is saved of it when it changed."""
        return (self.execution_id,)


R = TypeVar("R", bound=OwnedRow)


@dataclass(slots=True)
class OwnedRows(Generic[R]):
    """All rows of one kind, by the executions that they belong to."""

    all: list[R] = field(default_factory=list[R])
    _by_execution: dict[str, list[R]] = field(default_factory=dict[str, list[R]])

    def add(self, item: R) -> None:
        """Take one more; it belongs to its execution."""
        self.all.append(item)
        if item.execution is not None:
            self._by_execution.setdefault(item.execution.id, []).append(item)

    def of(self, execution: Execution) -> list[R]:
        """Those of an execution, as a copy."""
        return list(self._by_execution.get(execution.id, ()))

    def has(self, execution: Execution) -> bool:
        """Whether an execution has any."""
        return bool(self._by_execution.get(execution.id))

    def move(self, item: R, execution: Execution | None) -> None:
        """Let it belong to another execution, or to none for the time being."""
        if item.execution is not None:
            self._by_execution[item.execution.id].remove(item)
        item.execution = execution
        if execution is not None:
            self._by_execution.setdefault(execution.id, []).append(item)

    def remove(self, item: R) -> None:
        """Let it be gone."""
        self.move(item, None)
        item.is_removed = True

    def changed(self) -> Iterator[R]:
        """Those whose rows have to be updated."""
        return (item for item in self.all if item.is_changed)

    def made(self) -> Iterator[R]:
        """Those whose rows have to be inserted."""
        return (item for item in self.all if item.is_new and not item.is_removed)

    def removed(self) -> Iterator[R]:
        """Those whose rows have to be deleted."""
        return (item for item in self.all if item.is_removed and not item.is_new)


@dataclass(slots=True)
class ExecutionRows:
    """What belongs to the executions of a process instance, loaded.

    Attributes:
        loaded_variables: By variable, its execution and process definition as they were read.
        away: Variables that belong to no execution for the time being.
    """

    tasks: OwnedRows[Task] = field(default_factory=OwnedRows[Task])
    external_tasks: OwnedRows[ExternalTask] = field(default_factory=OwnedRows[ExternalTask])
    jobs: OwnedRows[Job] = field(default_factory=OwnedRows[Job])
    event_subscriptions: OwnedRows[EventSubscription] = field(default_factory=OwnedRows[EventSubscription])
    incidents: OwnedRows[Incident] = field(default_factory=OwnedRows[Incident])
    cases: OwnedRows[CalledCase] = field(default_factory=OwnedRows[CalledCase])
    variables: Variables = field(default_factory=Variables)
    loaded_variables: dict[str, tuple[str, str | None]] = field(default_factory=dict[str, tuple[str, str | None]])
    away: set[str] = field(default_factory=set[str])

    def mark_moved_variables(self) -> None:
        """Mark the variables that have to be saved for where they are."""
        for local in self.variables.by_execution.values():
            for variable in local.values():
                now = variable.execution.id, variable.process_definition_id
                variable.is_moved = not variable.is_new and now != self.loaded_variables[variable.id]

    def bits(self, execution: Execution) -> int:
        """CACHED_ENT_STATE_ as it has to be."""
        found = execution.cached_state & CALLED_BITS
        for bit, has in (
            (EVENT_SUBSCRIPTIONS_BIT, self.event_subscriptions.has(execution)),
            (TASKS_BIT, self.tasks.has(execution)),
            (JOBS_BIT, self.jobs.has(execution)),
            (INCIDENT_BIT, self.incidents.has(execution)),
            (VARIABLES_BIT, bool(self.variables.by_execution.get(execution.id))),
            (EXTERNAL_TASKS_BIT, self.external_tasks.has(execution)),
        ):
            if has:
                found |= bit
        return found

    def move_activity(self, source: Execution, target: Execution) -> None:
        """Move what belongs to the activity that an execution is at."""
        for task in self.tasks.of(source):
            self.move_task(task, target)
        for external_task in self.external_tasks.of(source):
            self.external_tasks.move(external_task, target)
        for job in self.jobs.of(source):
            if source.activity_id is not None and job.activity_id == source.activity_id:
                self.jobs.move(job, target)

    def move_task(self, task: Task, execution: Execution) -> None:
        """Move a task with its variables, all of which get the process definition of their execution."""
        self.tasks.move(task, execution)
        task.process_definition_id = execution.process_definition_id
        for variable in task.variables:
            variable.execution, variable.process_definition_id = execution, execution.process_definition_id

    def inherit(self, removed: Execution, heir: Execution) -> None:
        """Move what an execution still has when it goes to the one that replaced it."""
        for subscription in self.event_subscriptions.of(removed):
            self.event_subscriptions.move(subscription, heir)
        if heir is removed.parent:
            for job in self.jobs.of(removed):
                self.jobs.move(job, heir)
            for incident in self.incidents.of(removed):
                self.incidents.move(incident, heir)
