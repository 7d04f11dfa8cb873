"""What operations on execution trees leave to be saved, beside the changed executions themselves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.variables import Variables
from process_engine.model import Activity

RUNNING, CANCELED = 0, 2
"""ACT_INST_STATE_ of an activity that goes on, and of one that was cancelled."""


class ActivityRecord(NamedTuple):
    """What history says of an activity instance that starts, ends or migrates: what its execution says at that moment.

    Attributes:
        id: Of the activity instance.
        parent_id: Of the activity instance around.
        called_id: The process instance that the execution called; null leaves what history knows.
    """

    id: str
    parent_id: str | None
    execution_id: str
    process_definition_id: str
    process_definition_key: str
    activity_id: str
    name: str | None
    type: str
    called_id: str | None

    @classmethod
    def of(
        cls, execution: Execution, activity: Activity, id_: str | None, parent_id: str | None, called_id: str | None
    ) -> "ActivityRecord":
        """The record of an activity instance that an execution runs now."""
        return cls(
            id_ or "",
            parent_id,
            execution.id,
            execution.process_definition_id,
            execution.definition.key,
            activity.id,
            activity.name,
            activity.type,
            called_id,
        )


@dataclass(frozen=True, slots=True)
class StartedActivity:
    """An activity instance that was made."""

    record: ActivityRecord
    execution: Execution
    sequence_counter: int


@dataclass(slots=True)
class Changes:
    """Effects, in the order in which they happened.

    Attributes:
        executions: All that were loaded and may have changed.
        activity_ends: By activity instance id; the last end of one counts.
        ended_instances: Process instances that were cancelled.
        removed: Executions that are gone, and with them what belongs to them.
        cancelled_with_reason: Executions whose tasks go for the reason of the whole operation.
        detached: Called instances that lost their caller.
        replacements: Pairs (from, to) of executions; what belongs to the first moves to the second.
        ended_jobs: Pairs of an execution that stays and an activity whose jobs on it go.
    """

    executions: list[Execution] = field(default_factory=list[Execution])
    activity_ends: dict[str, ActivityRecord] = field(default_factory=dict[str, ActivityRecord])
    ended_instances: list[Execution] = field(default_factory=list[Execution])
    removed: list[Execution] = field(default_factory=list[Execution])
    cancelled_with_reason: list[Execution] = field(default_factory=list[Execution])
    detached: list[Execution] = field(default_factory=list[Execution])
    replacements: list[tuple[Execution, Execution]] = field(default_factory=list[tuple[Execution, Execution]])
    ended_jobs: list[tuple[Execution, str]] = field(default_factory=list[tuple[Execution, str]])
    variables: Variables = field(default_factory=Variables)

    @classmethod
    def of_all(cls, changes: Iterable["Changes"]) -> "Changes":
        """Those of many trees."""
        found = cls()
        for each in changes:
            found.add(each)
        return found

    def add(self, other: "Changes") -> None:
        """Take over the changes of another tree."""
        self.executions += other.executions
        self.activity_ends |= other.activity_ends
        self.ended_instances += other.ended_instances
        self.removed += other.removed
        self.cancelled_with_reason += other.cancelled_with_reason
        self.detached += other.detached
        self.replacements += other.replacements
        self.ended_jobs += other.ended_jobs
        self.variables.add(other.variables)

    def changed_executions(self) -> Iterator[Execution]:
        """Those that stay and whose row or revision changes."""
        for execution in self.executions:
            if not execution.is_removed and (execution.bumps_revision or execution.state != execution.before):
                yield execution
