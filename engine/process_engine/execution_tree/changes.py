"""What operations on execution trees leave to be saved, beside the changed executions themselves."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.variables import Variables

CANCELED = 2
"""ACT_INST_STATE_ of an activity that was cancelled."""


class ActivityEnd(NamedTuple):
    """The end of an activity instance; history repeats of the execution what it says at that moment.

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


@dataclass(slots=True)
class Changes:
    """Effects, in the order in which they happened.

    Attributes:
        executions: All that were loaded and may have changed.
        activity_ends: By activity instance id; the last end of one counts.
        ended_instances: Process instances that were cancelled.
        removed: Executions that are gone, and with them what belongs to them.
        dismissed: Executions whose tasks are removed with the reason of the whole cancellation.
        detached: Called instances that lost their caller.
        replacements: Pairs (from, to) of executions; what belongs to the first moves to the second.
        ended_jobs: Pairs of an execution that stays and an activity whose jobs on it go.
    """

    executions: list[Execution] = field(default_factory=list[Execution])
    activity_ends: dict[str, ActivityEnd] = field(default_factory=dict[str, ActivityEnd])
    ended_instances: list[Execution] = field(default_factory=list[Execution])
    removed: list[Execution] = field(default_factory=list[Execution])
    dismissed: list[Execution] = field(default_factory=list[Execution])
    detached: list[Execution] = field(default_factory=list[Execution])
    replacements: list[tuple[Execution, Execution]] = field(default_factory=list[tuple[Execution, Execution]])
    ended_jobs: list[tuple[Execution, str]] = field(default_factory=list[tuple[Execution, str]])
    variables: Variables = field(default_factory=Variables)

    def add(self, other: "Changes") -> None:
        """Take over the changes of another tree."""
        self.executions += other.executions
        self.activity_ends |= other.activity_ends
        self.ended_instances += other.ended_instances
        self.removed += other.removed
        self.dismissed += other.dismissed
        self.detached += other.detached
        self.replacements += other.replacements
        self.ended_jobs += other.ended_jobs
        self.variables.add(other.variables)

    def changed_executions(self) -> Iterator[Execution]:
        """Those that stay and whose row or revision changes."""
        for execution in self.executions:
            if not execution.is_removed and (execution.is_touched or execution.state != execution.before):
                yield execution
