"""The tree of what migrates: activity instances, transition instances, event scopes and compensation subscriptions.

Each is detached from the execution tree and attached to it elsewhere in a way of its own, and takes along what depends
on it. The order in which siblings are handled has no meaning for the engine.

Source: MigratingActivityInstance, MigratingTransitionInstance, MigratingEventScopeInstance,
MigratingCompensationEventSubscriptionInstance.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from process_engine.execution_tree.changes import ActivityRecord
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.multi_instance import create_inner_instance, destroy_inner_instance
from process_engine.execution_tree.owned_rows import EventSubscription, Job
from process_engine.execution_tree.scopes import Scope
from process_engine.model import EventSubscriptionDeclaration, TimerDeclaration
from process_engine.operations.migration.on_trees.dependents import Dependent, MigratingJob
from process_engine.operations.migration.on_trees.tree import MigratingTree
from process_engine.operations.migration.plan import MigrationInstruction


@dataclass(eq=False, kw_only=True, slots=True)
class MigratingInstance(ABC):
    """A node of the tree.

    Attributes:
        source: What it is at; null if it is made by the migration.
        target: What it becomes; null if the plan does not map it.
        current: What it is at while it migrates.
        dependents: What migrates with it.
    """

    source: Scope | None
    target: Scope | None
    current: Scope
    instruction: MigrationInstruction | None = None
    parent: "MigratingInstance | None" = None
    children: "list[MigratingInstance]" = field(default_factory=list["MigratingInstance"])
    dependents: list[Dependent] = field(default_factory=list[Dependent])

    @property
    def migrates(self) -> bool:
        """Whether the plan maps it."""
        return self.target is not None

    @property
    def is_current_scope(self) -> bool:
        """Whether what it is at is a scope."""
        return self.current.is_scope

    @property
    def closest_activity_instance(self) -> "MigratingActivityInstance":
        """The nearest one around it that is an activity instance."""
        around = self.parent
        while not isinstance(around, MigratingActivityInstance):
            around = around.parent if around is not None else None
        return around

    @property
    def scope_children(self) -> "list[MigratingInstance]":
        """The children that may have children."""
        return [child for child in self.children if isinstance(child, MigratingActivityInstance | MigratingEventScope)]

    def set_parent(self, parent: "MigratingInstance | None") -> None:
        """Be a child of another, or of none."""
        if self.parent is not None and self in self.parent.children:
            self.parent.children.remove(self)
        self.parent = parent
        if parent is not None:
            parent.children.append(self)

    @abstractmethod
    def representative(self) -> Execution:
        """The execution that runs it."""

    @abstractmethod
    def detach(self, tree: MigratingTree) -> None:
        """Leave the execution tree, with what depends on it."""

    @abstractmethod
    def attach(self, tree: MigratingTree, parent: "MigratingInstance") -> None:
        """Join the execution tree below another instance."""

    @abstractmethod
    def migrate(self, tree: MigratingTree) -> None:
        """Become what the target says."""

    def migrate_dependents(self, tree: MigratingTree) -> None:
        """Let what depends on it become what the target says."""
        for dependent in self.dependents:
            dependent.migrate(tree)

    def detach_dependents(self, tree: MigratingTree) -> None:
        """Take what depends on it from its executions."""
        for dependent in self.dependents:
            if not dependent.is_detached:
                dependent.detach(tree)

    def attach_dependents(self, tree: MigratingTree) -> None:
        """Give what depends on it to its execution."""
        for dependent in self.dependents:
            dependent.attach(tree, self)


@dataclass(eq=False, kw_only=True, slots=True)
class MigratingActivityInstance(MigratingInstance):
    """An activity instance.

    Attributes:
        id: Of the activity instance; null if it is made by the migration.
        execution: Of a scope's, its own; else the one that is at the activity, or was before it was replaced.
        is_active: Whether the execution of a leaf is.
        runs_scope: Whether it has an execution of its own; changes when it becomes a scope or ceases to be one.
        removed_jobs: Timers that the target does not have.
        removed_subscriptions: Subscriptions that the target does not have.
        timers: What the target has more.
        subscriptions: What the target has more.
    """

    id: str | None
    execution: Execution
    is_active: bool = False
    runs_scope: bool = True
    removed_jobs: list[Job] = field(default_factory=list[Job])
    removed_subscriptions: list[EventSubscription] = field(default_factory=list[EventSubscription])
    timers: list[TimerDeclaration] = field(default_factory=list[TimerDeclaration])
    subscriptions: list[EventSubscriptionDeclaration] = field(default_factory=list[EventSubscriptionDeclaration])

    @property
    def activity_instance_id(self) -> str | None:
        """The id; that of a scope which the migration made is kept by the parent of its execution."""
        return self.representative().parent_activity_instance_id if self.id is None else self.id

    @property
    def keeps_id_on_parent(self) -> bool:
        """Whether the parent of its execution keeps its id."""
        return self.source is not None and self.source.is_composite

    def representative(self) -> Execution:
        """The execution that runs it."""
        return self.execution if self.runs_scope else self.execution.replacement()

    # ------------------------------------------------------------ the place in the tree

    def detach(self, tree: MigratingTree) -> None:
        """Leave the execution tree; what is around may shrink."""
        self.detach_dependents(tree)
        execution = self.representative()
        around = execution.parent if self.runs_scope else execution
        if self.runs_scope:
            execution.move_to(None)
            if self.keeps_id_on_parent and around is not None:
                around.leave_activity_instance()
        else:
            execution.activity_id = None
            execution.leave_activity_instance()
            execution.is_active = False
        parent = self.parent
        if isinstance(parent, MigratingActivityInstance) and around is not None:
            parent.destroy_attachable(tree, around)
        self.set_parent(None)

    def attach(self, tree: MigratingTree, parent: MigratingInstance) -> None:
        """Join the execution tree below another activity instance; what is around may grow."""
        self.set_parent(parent)
        around = _activity_instance(parent).create_attachable(tree)
        if self.runs_scope:
            self.execution.move_to(around)
            if self.keeps_id_on_parent:
                around.activity_instance_id = self.id
        else:
            self.execution = around
            around.activity_id = None if self.source is None else self.source.id
            around.activity_instance_id, around.is_active = self.id, self.is_active
        self.attach_dependents(tree)

    def create_attachable(self, tree: MigratingTree) -> Execution:
        """An execution for another instance in this one's scope."""
        scope = self.representative()
        if self.current.is_parallel_body or self.current.is_sequential_body:
            return create_inner_instance(tree.editor, scope, is_parallel=self.current.is_parallel_body)
        if scope.tokens or scope.activity_id is not None:
            created = tree.editor.create_concurrent_execution(scope)
            created.is_active = False
            return created
        return scope

    def destroy_attachable(self, tree: MigratingTree, execution: Execution) -> None:
        """Remove the execution of an instance that left this one's scope."""
        if self.current.is_parallel_body or self.current.is_sequential_body:
            destroy_inner_instance(tree.editor, execution, is_parallel=self.current.is_parallel_body)
        else:
            tree.editor.leave_scope(execution)

    # ------------------------------------------------------------ the way to the target

    def migrate(self, tree: MigratingTree) -> None:
        """Become what the target says, be it a scope or none."""
        if self.target is None:
            return
        execution = self.representative()
        tree.adopt(execution)
        if self.runs_scope and execution.parent is not None and execution.parent.is_concurrent:
            tree.adopt(execution.parent)
        self.current = self.target
        if not self.runs_scope:
            execution.activity_id = self.target.id
            if self.target.is_scope:
                self._become_scope(tree)
        else:
            self._migrate_scope(tree, self.target)
        self._record(tree, self.target)

    def _migrate_scope(self, tree: MigratingTree, target: Scope) -> None:
        if not target.is_scope:
            self._become_non_scope(tree)
        execution = self.representative()
        if target.is_leaf:
            execution.activity_id = target.id
        if self.source is not None and self.source.is_parallel_body:
            for child in execution.children:
                if not child.is_active:
                    tree.adopt(child)

    def _become_scope(self, tree: MigratingTree) -> None:
        for dependent in self.dependents:
            dependent.detach(tree)
        around = self.representative()
        self.execution = tree.editor.create_execution(around)
        around.activity_id = None
        if not around.is_concurrent:
            around.leave_activity_instance()
        self.attach_dependents(tree)
        self.runs_scope = True

    def _become_non_scope(self, tree: MigratingTree) -> None:
        for dependent in self.dependents:
            dependent.detach(tree)
        execution = self.execution
        around = execution.parent
        if around is None:
            return
        around.activity_id, around.activity_instance_id = execution.activity_id, execution.activity_instance_id
        around.is_active = execution.is_active
        tree.editor.remove(execution)
        self.execution = around
        self.attach_dependents(tree)
        self.runs_scope = False

    def _record(self, tree: MigratingTree, target: Scope) -> None:
        execution = self.representative()
        activity = target.activity
        if activity is None:
            tree.recorded.instances.append(execution)
            return
        around = self.parent
        around_id = around.activity_instance_id if isinstance(around, MigratingActivityInstance) else None
        called = None if execution.called is None else execution.called.id
        record = ActivityRecord.of(execution, activity, self.id, around_id, called)
        tree.recorded.activities[record.id] = record


def _activity_instance(instance: MigratingInstance) -> MigratingActivityInstance:
    if not isinstance(instance, MigratingActivityInstance):
        raise TypeError("only an activity instance has room for others")
    return instance


@dataclass(eq=False, kw_only=True, slots=True)
class MigratingTransitionInstance(MigratingInstance):
    """An execution that waits before or after an activity for a job.

    Attributes:
        job: Null if the plan does not map it.
        waiting_job: The job, whatever the plan says.
    """

    execution: Execution
    is_active: bool
    job: MigratingJob | None = None
    waiting_job: Job | None = None

    def representative(self) -> Execution:
        """The execution that waits."""
        return self.execution.replacement()

    def detach(self, tree: MigratingTree) -> None:
        """Leave the execution tree; what is around may shrink."""
        if self.job is not None:
            self.job.detach(tree)
        for dependent in self.dependents:
            dependent.detach(tree)
        execution = self.representative()
        execution.is_active = False
        if isinstance(self.parent, MigratingActivityInstance):
            self.parent.destroy_attachable(tree, execution)
        self.set_parent(None)

    def attach(self, tree: MigratingTree, parent: MigratingInstance) -> None:
        """Join the execution tree below an activity instance; what is around may grow."""
        self.set_parent(parent)
        self.execution = _activity_instance(parent).create_attachable(tree)
        self.execution.activity_instance_id, self.execution.is_active = None, self.is_active
        if self.job is not None:
            self.job.attach(tree, self)
        self.attach_dependents(tree)

    @property
    def is_current_scope(self) -> bool:
        """A variable is given to the execution itself."""
        return False

    def migrate(self, tree: MigratingTree) -> None:
        """Wait before or after the target."""
        execution = self.representative()
        tree.adopt(execution)
        execution.activity_id = None if self.target is None else self.target.id

    def migrate_dependents(self, tree: MigratingTree) -> None:
        """Let the job and the variables become what the target says."""
        if self.job is not None:
            self.job.migrate(tree)
        MigratingInstance.migrate_dependents(self, tree)


@dataclass(eq=False, kw_only=True, slots=True)
class MigratingCompensation(MigratingInstance):
    """A subscription to the compensation of an activity; it has no execution."""

    subscription: EventSubscription

    def representative(self) -> Execution:
        """There is none: nothing is below a subscription, and nothing depends on it.

        Raises:
            TypeError: Always.
        """
        raise TypeError("a subscription to a compensation has no execution")

    def detach(self, tree: MigratingTree) -> None:
        """Belong to no execution for the time being."""
        tree.rows.event_subscriptions.move(self.subscription, None)

    def attach(self, tree: MigratingTree, parent: MigratingInstance) -> None:
        """Belong to another instance's execution."""
        self.set_parent(parent)
        tree.rows.event_subscriptions.move(self.subscription, parent.representative())

    def migrate(self, tree: MigratingTree) -> None:  # noqa: ARG002 - as all instances
        """Compensate the target."""
        if self.target is not None:
            self.subscription.activity_id = self.target.id
            self.current = self.target


@dataclass(eq=False, kw_only=True, slots=True)
class MigratingEventScope(MigratingInstance):
    """What is kept of a scope that has ended, for its compensation.

    Attributes:
        compensation: The subscription that leads to it.
    """

    execution: Execution
    compensation: MigratingCompensation

    def representative(self) -> Execution:
        """The execution that keeps its variables."""
        return self.execution

    def detach(self, tree: MigratingTree) -> None:
        """Leave the execution tree."""
        self.compensation.detach(tree)
        self.execution.move_to(None)

    def attach(self, tree: MigratingTree, parent: MigratingInstance) -> None:
        """Join the execution tree below another scope."""
        self.set_parent(parent)
        subscriptions = tree.rows.event_subscriptions
        subscriptions.move(self.compensation.subscription, parent.representative())
        self.execution.move_to(parent.representative())

    def migrate(self, tree: MigratingTree) -> None:
        """Be what is kept of the target."""
        self.compensation.migrate(tree)
        if self.target is not None:
            self.execution.activity_id = self.target.id
            self.current = self.target
        tree.adopt(self.execution)
