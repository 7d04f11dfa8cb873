"""Instructions and the activities that they are about, found by either end."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from process_engine.model import Activity, ProcessDefinition
from process_engine.operations.migration.plan.plan import MigrationInstruction


@dataclass(frozen=True)
class Instructions:
    """Instructions whose activities exist.

    Attributes:
        source_id: How messages name the source process definition, if it is a scope.
        target_id: The same for the target.
    """

    source: ProcessDefinition
    target: ProcessDefinition
    source_id: str
    target_id: str
    instructions: tuple[MigrationInstruction, ...] = ()

    def of_source(self, scope_id: str) -> tuple[MigrationInstruction, ...]:
        """What a source activity is mapped by; a process by nothing."""
        return self._by_source.get(scope_id, ())

    def of_target(self, scope_id: str) -> tuple[MigrationInstruction, ...]:
        """What is mapped to a target activity."""
        return self._by_target.get(scope_id, ())

    def source_activity(self, instruction: MigrationInstruction) -> Activity:
        """The activity that is mapped."""
        return self.source.activity(instruction.source_activity_id)

    def target_activity(self, instruction: MigrationInstruction) -> Activity:
        """The activity that it is mapped to."""
        return self.target.activity(instruction.target_activity_id)

    def name_in_source(self, scope_id: str) -> str:
        """How messages name a scope of the source."""
        return self.source_id if scope_id == self.source.key else scope_id

    def name_in_target(self, scope_id: str) -> str:
        """How messages name a scope of the target."""
        return self.target_id if scope_id == self.target.key else scope_id

    def but_with(self, instructions: Iterable[MigrationInstruction]) -> "Instructions":
        """Other instructions between the same process definitions."""
        return replace(self, instructions=tuple(instructions))

    @cached_property
    def _by_source(self) -> dict[str, tuple[MigrationInstruction, ...]]:
        return _grouped((each.source_activity_id, each) for each in self.instructions)

    @cached_property
    def _by_target(self) -> dict[str, tuple[MigrationInstruction, ...]]:
        return _grouped((each.target_activity_id, each) for each in self.instructions)


def _grouped(pairs: Iterable[tuple[str, MigrationInstruction]]) -> dict[str, tuple[MigrationInstruction, ...]]:
    groups: dict[str, tuple[MigrationInstruction, ...]] = {}
    for activity_id, instruction in pairs:
        groups[activity_id] = (*groups.get(activity_id, ()), instruction)
    return groups
