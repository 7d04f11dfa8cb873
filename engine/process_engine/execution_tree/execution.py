"""An execution in memory: a row of ACT_RU_EXECUTION with its parent, children, caller and called instance.

What one execution does to itself and its parent stands here; where several take part, in the modules beside.

Source: PvmExecutionImpl, ExecutionEntity.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from process_engine.model import Activity, ProcessDefinition


class State(NamedTuple):
    """The columns of an execution that operations change."""

    parent_id: str | None
    super_execution_id: str | None
    activity_id: str | None
    activity_instance_id: str | None
    is_active: bool
    is_concurrent: bool
    is_scope: bool
    sequence_counter: int


@dataclass(eq=False, slots=True)
class Execution:
    """A node of an execution tree.

    Attributes:
        revision: REV_ as it was read.
        definition: The model of `process_definition_id`.
        root_process_instance_id: Of the topmost caller.
        caller: The execution of another instance that called this one; only a process instance has it.
        called: The process instance that this execution calls.
        cached_state: CACHED_ENT_STATE_; the engine trusts a cleared bit.
        content: The bits of `cached_state`, and of what it took over from others since.
        before: What was read, to see what changed.
        bumps_revision: Its revision is bumped whether a column changed or not: the set of its children did.
        is_preserved: Transient: a modification keeps this process instance although it gets empty.
        replaced_by: Transient: the execution that runs what this one ran, since the tree grew or shrank.
    """

    id: str
    revision: int | None
    process_instance_id: str
    process_definition_id: str
    root_process_instance_id: str | None
    tenant_id: str | None
    definition: ProcessDefinition
    activity_id: str | None
    activity_instance_id: str | None
    is_active: bool
    is_concurrent: bool
    is_scope: bool
    is_event_scope: bool
    is_suspended: bool
    cached_state: int
    sequence_counter: int
    parent: "Execution | None" = None
    children: "list[Execution]" = field(default_factory=list["Execution"])
    caller: "Execution | None" = None
    called: "Execution | None" = None
    content: int = 0
    before: State | None = None
    bumps_revision: bool = False
    is_deletion_root: bool = False
    is_canceled: bool = False
    is_removed: bool = False
    is_preserved: bool = False
    replaced_by: "Execution | None" = None

    @property
    def activity(self) -> Activity | None:
        """The activity that it is at."""
        return None if self.activity_id is None else self.definition.activity(self.activity_id)

    @property
    def state(self) -> State:
        """The columns as they are now."""
        return State(
            None if self.parent is None else self.parent.id,
            None if self.caller is None else self.caller.id,
            self.activity_id,
            self.activity_instance_id,
            self.is_active,
            self.is_concurrent,
            self.is_scope,
            self.sequence_counter,
        )

    @property
    def tokens(self) -> "list[Execution]":
        """The children that are no event scopes, which only keep what compensation needs."""
        return [child for child in self.children if not child.is_event_scope]

    @property
    def parent_activity_instance_id(self) -> str | None:
        """The activity instance around; for a process instance its own id."""
        return self.id if self.parent is None else self.parent.activity_instance_id

    @property
    def parent_scope(self) -> "Execution | None":
        """The execution of the scope around, within the process instance."""
        parent = self.parent
        return parent if parent is None or parent.is_scope else parent.parent

    @property
    def calling_scope(self) -> "Execution | None":
        """The execution of the scope around; for a called instance the caller's."""
        if self.parent is not None or self.caller is None:
            return self.parent_scope
        return self.caller if self.caller.is_scope else self.caller.parent

    def leave_activity_instance(self) -> None:
        """Be in the activity instance around."""
        self.activity_instance_id = self.parent_activity_instance_id
        self.is_canceled = False

    def family(self) -> "Iterator[Execution]":
        """It and everything below in its process instance."""
        yield self
        for child in self.children:
            yield from child.family()

    def move_to(self, parent: "Execution | None") -> None:
        """Become a child of another execution, or of none for the time being."""
        if self.parent is not None and self in self.parent.children:
            self.parent.children.remove(self)
        self.parent = parent
        if parent is not None:
            parent.children.append(self)

    def replacement(self) -> "Execution":
        """The execution that runs what this one ran: a tree that shrank may have grown again since."""
        first = self.replaced_by
        if first is None:
            return self
        return first if first.replaced_by is None else first.replaced_by

    def leave_parent(self) -> None:
        """Be no child any more; the parent takes over a higher sequence counter. The pointer to it stays."""
        self.is_active, self.is_removed = False, True
        if self.parent is None:
            return
        if self in self.parent.children:
            self.parent.children.remove(self)
        self.parent.sequence_counter = max(self.parent.sequence_counter, self.sequence_counter)


def flow_scope(definition: ProcessDefinition, activity: Activity) -> str | None:
    """The activity around an activity; null where that is the process."""
    return None if activity.flow_scope_id == definition.key else activity.flow_scope_id


def is_composite(activity: Activity) -> bool:
    """Whether the engine keeps the activity's instance id on the parent of its execution.

    Source: CompositeActivityBehavior.
    """
    return activity.is_sub_process or activity.is_multi_instance_body


def throws_compensation(execution: Execution) -> bool:
    """Whether the execution waits for others to be compensated. Source: CompensationBehavior#isCompensationThrowing."""
    activity = execution.activity
    return activity is not None and activity.throws_compensation
