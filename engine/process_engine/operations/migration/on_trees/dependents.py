"""What migrates with an activity or transition instance: tasks, jobs, event subscriptions, variables, incidents.

While its instance is taken elsewhere in the tree it is detached from the one execution and attached to another.

Source: MigratingInstance and its implementations.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from process_engine.execution_tree.definitions import JobDefinition
from process_engine.execution_tree.events import event_name, set_due_date
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.owned_rows import (
    CALLED_CASE_BIT,
    CALLED_INSTANCE_BIT,
    CalledCase,
    EventSubscription,
    ExternalTask,
    Incident,
    Job,
    OwnedRow,
    OwnedRows,
    Task,
)
from process_engine.execution_tree.scopes import Scope
from process_engine.execution_tree.variables import Variable
from process_engine.model import TimerDeclaration
from process_engine.operations.migration.on_trees.tree import MigratingTree


class Owner(Protocol):
    """An instance that something depends on."""

    @property
    def target(self) -> Scope | None:
        """What it becomes."""
        ...

    @property
    def is_current_scope(self) -> bool:
        """Whether what it is at is a scope."""
        ...

    def representative(self) -> Execution:
        """The execution that runs it."""
        ...


class Dependent(Protocol):
    """What migrates with an instance."""

    @property
    def is_detached(self) -> bool:
        """Whether it belongs to no execution for the time being."""
        ...

    def detach(self, tree: MigratingTree) -> None:
        """Take it from its execution."""
        ...

    def attach(self, tree: MigratingTree, owner: Owner) -> None:
        """Give it to its owner's execution."""
        ...

    def migrate(self, tree: MigratingTree) -> None:
        """Take it to the target definition, with what depends on it."""
        ...


R = TypeVar("R", bound=OwnedRow)


@dataclass
class MigratingRow(ABC, Generic[R]):
    """A row that belongs to an execution.

    Attributes:
        row: What migrates.
    """

    row: R

    @abstractmethod
    def kind(self, tree: MigratingTree) -> OwnedRows[R]:
        """All rows of its kind."""

    @abstractmethod
    def migrate(self, tree: MigratingTree) -> None:
        """Take it to the target definition, with what depends on it."""

    @property
    def is_detached(self) -> bool:
        """Whether it belongs to no execution for the time being."""
        return self.row.execution is None

    def detach(self, tree: MigratingTree) -> None:
        """Take it from its execution."""
        self.kind(tree).move(self.row, None)

    def attach(self, tree: MigratingTree, owner: Owner) -> None:
        """Give it to its owner's execution."""
        self.kind(tree).move(self.row, owner.representative())


@dataclass
class MigratingTask(MigratingRow[Task]):
    """A user task's task with its variables."""

    owner: Owner

    def kind(self, tree: MigratingTree) -> OwnedRows[Task]:
        """Tasks."""
        return tree.rows.tasks

    def detach(self, tree: MigratingTree) -> None:
        """Take it from its execution."""
        super().detach(tree)
        self.row.process_definition_id = None

    def attach(self, tree: MigratingTree, owner: Owner) -> None:
        """Give it to its owner's execution; its variables go along."""
        tree.rows.move_task(self.row, owner.representative())

    def migrate(self, tree: MigratingTree) -> None:
        """What the target says of the task's name, assignee and dates is not looked at."""
        if self.owner.target is not None:
            self.row.process_definition_id, self.row.definition_key = tree.target.id, self.owner.target.id
        tree.recorded.tasks[self.row.id] = self.row.execution_id


@dataclass
class MigratingIncident(MigratingRow[Incident]):
    """An incident."""

    target: Scope | None
    job_definition_id: str | None = None

    def kind(self, tree: MigratingTree) -> OwnedRows[Incident]:
        """Incidents."""
        return tree.rows.incidents

    def migrate(self, tree: MigratingTree) -> None:
        """Take it to the target's activity and job definition; one of the process itself names its definition."""
        if self.target is not None:
            self.row.activity_id = tree.target.id if self.target.is_process else self.target.id
            self.row.process_definition_id = tree.target.id
        self.row.job_definition_id = self.job_definition_id
        tree.recorded.incidents[self.row.id] = self.row.columns


@dataclass
class MigratingExternalTask(MigratingRow[ExternalTask]):
    """An external task; its incidents do not move with it."""

    owner: Owner
    incidents: list[MigratingIncident] = field(default_factory=list[MigratingIncident])

    def kind(self, tree: MigratingTree) -> OwnedRows[ExternalTask]:
        """External tasks."""
        return tree.rows.external_tasks

    def migrate(self, tree: MigratingTree) -> None:
        """Its topic, priority and lock stay."""
        if self.owner.target is not None:
            self.row.activity_id = self.owner.target.id
        self.row.process_definition_id, self.row.process_definition_key = tree.target.id, tree.target.key
        for incident in self.incidents:
            incident.migrate(tree)


@dataclass
class MigratingJob(MigratingRow[Job]):
    """A timer or an asynchronous continuation.

    Attributes:
        configuration: HANDLER_CFG_ at the target.
        updated_by: What the target declares, where the plan says to update the trigger.
    """

    target: Scope
    configuration: str
    job_definition: JobDefinition | None
    updated_by: TimerDeclaration | None = None
    incidents: list[MigratingIncident] = field(default_factory=list[MigratingIncident])

    def kind(self, tree: MigratingTree) -> OwnedRows[Job]:
        """Jobs."""
        return tree.rows.jobs

    def detach(self, tree: MigratingTree) -> None:
        """Take it from its execution, with its incidents."""
        super().detach(tree)
        for incident in self.incidents:
            incident.detach(tree)

    def attach(self, tree: MigratingTree, owner: Owner) -> None:
        """Give it to its owner's execution, with its incidents."""
        super().attach(tree, owner)
        for incident in self.incidents:
            incident.attach(tree, owner)

    def migrate(self, tree: MigratingTree) -> None:
        """Retries, due date and lock stay."""
        job, target = self.row, tree.target
        job.activity_id, job.handler_configuration = self.target.id, self.configuration
        if self.updated_by is not None and job.execution is not None:
            set_due_date(tree, job, self.updated_by, job.execution)
        if self.job_definition is not None:
            job.job_definition_id = self.job_definition.id
        job.process_definition_id, job.process_definition_key = target.id, target.key
        job.deployment_id = target.deployment_id
        for incident in self.incidents:
            incident.migrate(tree)


@dataclass
class MigratingSubscription(MigratingRow[EventSubscription]):
    """A subscription to a message, signal or condition.

    Attributes:
        event_name: That of the target, where the plan says to update the trigger; an expression.
    """

    target: Scope
    updates: bool
    event_name: str | None

    def kind(self, tree: MigratingTree) -> OwnedRows[EventSubscription]:
        """Event subscriptions."""
        return tree.rows.event_subscriptions

    def migrate(self, tree: MigratingTree) -> None:
        """It waits for what it waited for, unless the plan says to update it."""
        execution = self.row.execution
        if self.updates and execution is not None:
            self.row.event_name = event_name(tree.hooks, self.event_name, execution, self.target.id)
        self.row.activity_id = self.target.id


@dataclass(slots=True)
class MigratingVariable:
    """A variable of an execution.

    Attributes:
        is_local_to_wrapper: It belongs to the concurrent execution around a scope's.
        away: The variables that belong to no execution for the time being.
    """

    variable: Variable
    is_local_to_wrapper: bool
    away: set[str]

    @property
    def is_detached(self) -> bool:
        """Whether it belongs to no execution for the time being."""
        return self.variable.id in self.away

    def detach(self, tree: MigratingTree) -> None:
        """Take it from its execution."""
        local = tree.rows.variables.local(self.variable.execution)
        if local.get(self.variable.name) is self.variable:
            del local[self.variable.name]
            self.away.add(self.variable.id)

    def attach(self, tree: MigratingTree, owner: Owner) -> None:
        """Give it to its owner's execution or to the wrapper; one that is there already takes its value."""
        execution = owner.representative()
        if owner.is_current_scope and self.is_local_to_wrapper and execution.parent is not None:
            execution = execution.parent
        self.away.discard(self.variable.id)
        tree.give_variable(self.variable, execution)

    def migrate(self, tree: MigratingTree) -> None:
        """History says of which definition it is."""
        tree.recorded.variables[self.variable.id] = self.variable


@dataclass(slots=True)
class MigratingCalledInstance:
    """A process instance that is called by an execution which is no scope's."""

    instance: Execution

    @property
    def is_detached(self) -> bool:
        """Whether nothing calls it for the time being."""
        return self.instance.caller is None

    def detach(self, tree: MigratingTree) -> None:  # noqa: ARG002 - as all dependents
        """Let nothing call it for the time being."""
        caller = self.instance.caller
        if caller is not None:
            caller.called = None
            caller.cached_state &= ~CALLED_INSTANCE_BIT
        self.instance.caller = None

    def attach(self, tree: MigratingTree, owner: Owner) -> None:  # noqa: ARG002 - as all dependents
        """Let the owner's execution call it."""
        caller = owner.representative()
        self.instance.caller, caller.called = caller, self.instance
        caller.cached_state |= CALLED_INSTANCE_BIT

    def migrate(self, tree: MigratingTree) -> None:
        """It is not migrated."""


@dataclass
class MigratingCalledCase(MigratingRow[CalledCase]):
    """A case instance that is called by an execution which is no scope's."""

    def kind(self, tree: MigratingTree) -> OwnedRows[CalledCase]:
        """Called cases."""
        return tree.rows.cases

    def detach(self, tree: MigratingTree) -> None:
        """Let nothing call it for the time being."""
        if self.row.execution is not None:
            self.row.execution.cached_state &= ~CALLED_CASE_BIT
        super().detach(tree)

    def attach(self, tree: MigratingTree, owner: Owner) -> None:
        """Let the owner's execution call it."""
        super().attach(tree, owner)
        owner.representative().cached_state |= CALLED_CASE_BIT

    def migrate(self, tree: MigratingTree) -> None:
        """It is not migrated."""
