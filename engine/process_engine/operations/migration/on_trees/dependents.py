"""What migrates with an activity or transition instance: tasks, jobs, event subscriptions, variables, incidents.

While its instance is taken elsewhere in the tree it is detached from the one execution and attached to another.

Source: MigratingInstance and its implementations.
"""

from dataclasses import dataclass, field
from typing import Protocol

from process_engine.execution_tree.contents import (
    CALLED_CASE_BIT,
    CalledCase,
    EventSubscription,
    ExternalTask,
    Incident,
    Job,
    Task,
)
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.variables import Variable
from process_engine.model import TimerDeclaration
from process_engine.operations.migration.on_trees.scopes import Scope
from process_engine.operations.migration.on_trees.tree import JobDefinition, Tree
from process_engine.operations.migration.on_trees.triggers import event_name, set_due_date

PROCESS_START = "process-start"
START, TAKEN_TO, END = "activity-start-create-scope", "transition-create-scope", "activity-end"
LEAVING = "transition-notify-listener-take"
CALLED_INSTANCE_BIT = 32


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

    def detach(self, tree: Tree) -> None:
        """Take it from its execution."""
        ...

    def attach(self, tree: Tree, owner: Owner) -> None:
        """Give it to its owner's execution."""
        ...

    def migrate(self, tree: Tree) -> None:
        """Take it to the target definition, with what depends on it."""
        ...


@dataclass(slots=True)
class MigratingTask:
    """A user task's task with its variables."""

    task: Task
    owner: Owner

    @property
    def is_detached(self) -> bool:
        """Whether it belongs to no execution for the time being."""
        return self.task.execution is None

    def detach(self, tree: Tree) -> None:
        """Take it from its execution."""
        tree.contents.tasks.move(self.task, None)
        self.task.process_definition_id = None

    def attach(self, tree: Tree, owner: Owner) -> None:
        """Give it to its owner's execution; its variables go along."""
        execution = owner.representative()
        tree.contents.tasks.move(self.task, execution)
        self.task.process_definition_id = execution.process_definition_id
        for variable in self.task.variables:
            variable.execution, variable.process_definition_id = execution, execution.process_definition_id

    def migrate(self, tree: Tree) -> None:
        """What the target says of the task's name, assignee and dates is not looked at."""
        if self.owner.target is not None:
            self.task.process_definition_id, self.task.definition_key = tree.target.id, self.owner.target.id
        tree.recorded.tasks[self.task.id] = self.task.execution_id


@dataclass(slots=True)
class MigratingIncident:
    """An incident."""

    incident: Incident
    target: Scope | None
    job_definition_id: str | None = None

    @property
    def is_detached(self) -> bool:
        """Whether it belongs to no execution for the time being."""
        return self.incident.execution is None

    def detach(self, tree: Tree) -> None:
        """Take it from its execution."""
        tree.contents.incidents.move(self.incident, None)

    def attach(self, tree: Tree, owner: Owner) -> None:
        """Give it to its owner's execution."""
        tree.contents.incidents.move(self.incident, owner.representative())

    def migrate(self, tree: Tree) -> None:
        """Take it to the target's activity and job definition; one of the process itself names its definition."""
        if self.target is not None:
            self.incident.activity_id = tree.target.id if self.target.is_process else self.target.id
            self.incident.process_definition_id = tree.target.id
        self.incident.job_definition_id = self.job_definition_id
        tree.recorded.incidents[self.incident.id] = self.incident.columns


@dataclass(slots=True)
class MigratingExternalTask:
    """An external task; its incidents do not move with it."""

    task: ExternalTask
    owner: Owner
    incidents: list[MigratingIncident] = field(default_factory=list[MigratingIncident])

    @property
    def is_detached(self) -> bool:
        """Whether it belongs to no execution for the time being."""
        return self.task.execution is None

    def detach(self, tree: Tree) -> None:
        """Take it from its execution."""
        tree.contents.external_tasks.move(self.task, None)

    def attach(self, tree: Tree, owner: Owner) -> None:
        """Give it to its owner's execution."""
        tree.contents.external_tasks.move(self.task, owner.representative())

    def migrate(self, tree: Tree) -> None:
        """Its topic, priority and lock stay."""
        if self.owner.target is not None:
            self.task.activity_id = self.owner.target.id
        self.task.process_definition_id, self.task.process_definition_key = tree.target.id, tree.target.key
        for incident in self.incidents:
            incident.migrate(tree)


@dataclass(slots=True)
class MigratingJob:
    """A timer or an asynchronous continuation.

    Attributes:
        configuration: HANDLER_CFG_ at the target.
        updated_by: What the target declares, where the plan says to update the trigger.
    """

    job: Job
    target: Scope
    configuration: str
    job_definition: JobDefinition | None
    updated_by: TimerDeclaration | None = None
    incidents: list[MigratingIncident] = field(default_factory=list[MigratingIncident])

    @property
    def is_detached(self) -> bool:
        """Whether it belongs to no execution for the time being."""
        return self.job.execution is None

    def detach(self, tree: Tree) -> None:
        """Take it from its execution, with its incidents."""
        tree.contents.jobs.move(self.job, None)
        for incident in self.incidents:
            incident.detach(tree)

    def attach(self, tree: Tree, owner: Owner) -> None:
        """Give it to its owner's execution, with its incidents."""
        tree.contents.jobs.move(self.job, owner.representative())
        for incident in self.incidents:
            incident.attach(tree, owner)

    def migrate(self, tree: Tree) -> None:
        """Retries, due date and lock stay."""
        job, target = self.job, tree.target
        job.activity_id, job.handler_configuration = self.target.id, self.configuration
        if self.updated_by is not None and job.execution is not None:
            set_due_date(tree, job, self.updated_by, job.execution)
        if self.job_definition is not None:
            job.job_definition_id = self.job_definition.id
        job.process_definition_id, job.process_definition_key = target.id, target.key
        job.deployment_id = target.deployment_id
        for incident in self.incidents:
            incident.migrate(tree)


@dataclass(slots=True)
class MigratingSubscription:
    """A subscription to a message, signal or condition.

    Attributes:
        event_name: That of the target, where the plan says to update the trigger; an expression.
    """

    subscription: EventSubscription
    target: Scope
    updates: bool
    event_name: str | None

    @property
    def is_detached(self) -> bool:
        """Whether it belongs to no execution for the time being."""
        return self.subscription.execution is None

    def detach(self, tree: Tree) -> None:
        """Take it from its execution."""
        tree.contents.event_subscriptions.move(self.subscription, None)

    def attach(self, tree: Tree, owner: Owner) -> None:
        """Give it to its owner's execution."""
        tree.contents.event_subscriptions.move(self.subscription, owner.representative())

    def migrate(self, tree: Tree) -> None:
        """It waits for what it waited for, unless the plan says to update it."""
        execution = self.subscription.execution
        if self.updates and execution is not None:
            self.subscription.event_name = event_name(tree, self.event_name, execution, self.target.id)
        self.subscription.activity_id = self.target.id


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

    def detach(self, tree: Tree) -> None:
        """Take it from its execution."""
        local = tree.contents.variables.local(self.variable.execution)
        if local.get(self.variable.name) is self.variable:
            del local[self.variable.name]
            self.away.add(self.variable.id)

    def attach(self, tree: Tree, owner: Owner) -> None:
        """Give it to its owner's execution or to the wrapper; one that is there already takes its value."""
        execution = owner.representative()
        if owner.is_current_scope and self.is_local_to_wrapper and execution.parent is not None:
            execution = execution.parent
        self.away.discard(self.variable.id)
        tree.give_variable(self.variable, execution)

    def migrate(self, tree: Tree) -> None:
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

    def detach(self, tree: Tree) -> None:  # noqa: ARG002 - as all dependents
        """Let nothing call it for the time being."""
        caller = self.instance.caller
        if caller is not None:
            caller.called = None
            caller.cached_state &= ~CALLED_INSTANCE_BIT
        self.instance.caller = None

    def attach(self, tree: Tree, owner: Owner) -> None:  # noqa: ARG002 - as all dependents
        """Let the owner's execution call it."""
        caller = owner.representative()
        self.instance.caller, caller.called = caller, self.instance
        caller.cached_state |= CALLED_INSTANCE_BIT

    def migrate(self, tree: Tree) -> None:
        """It is not migrated."""


@dataclass(slots=True)
class MigratingCalledCase:
    """A case instance that is called by an execution which is no scope's."""

    case: CalledCase

    @property
    def is_detached(self) -> bool:
        """Whether nothing calls it for the time being."""
        return self.case.execution is None

    def detach(self, tree: Tree) -> None:
        """Let nothing call it for the time being."""
        if self.case.execution is not None:
            self.case.execution.cached_state &= ~CALLED_CASE_BIT
        tree.contents.cases.move(self.case, None)

    def attach(self, tree: Tree, owner: Owner) -> None:
        """Let the owner's execution call it."""
        caller = owner.representative()
        tree.contents.cases.move(self.case, caller)
        caller.cached_state |= CALLED_CASE_BIT

    def migrate(self, tree: Tree) -> None:
        """It is not migrated."""


def continuation(job: Job, target: Scope) -> str:
    """HANDLER_CFG_ of an asynchronous continuation at its target.

    Source: MigratingAsyncJobInstance.
    """
    operation, _, flow_id = job.handler_configuration.partition("$")
    if not is_async_after(job):
        if operation == PROCESS_START:
            return PROCESS_START
        return TAKEN_TO if target.definition.incoming(target.id) else START
    outgoing = target.definition.outgoing(target.id)
    if not outgoing:
        return END
    flow = outgoing[0].id if len(outgoing) == 1 else flow_id
    return f"{LEAVING}${flow}"


def is_async_after(job: Job) -> bool:
    """Whether its activity has ended already."""
    return job.job_configuration == "async-after"
