"""Builds plans step by step. Source: MigrationPlanBuilderImpl."""

from collections.abc import Mapping
from typing import Self

from process_engine.model import ProcessDefinition
from process_engine.operations.migration.plan.generation import generate_instructions
from process_engine.operations.migration.plan.plan import MigrationInstruction, MigrationPlan
from process_engine.operations.migration.plan.validation import validate_plan
from process_engine.typed_values import TypedValue


class MigrationPlanBuilder:
    """Collects what a plan is to say; nothing is checked before it is built."""

    def __init__(
        self,
        source_process_definition_id: str,
        target_process_definition_id: str,
        source: ProcessDefinition,
        target: ProcessDefinition,
        *,
        java_serialization_enabled: bool = False,
    ) -> None:
        self._ids = (source_process_definition_id, target_process_definition_id)
        self._source = source
        self._target = target
        self._java_serialization_enabled = java_serialization_enabled
        self._maps_equal_activities = False
        self._updates_event_triggers = False
        self._explicit: list[MigrationInstruction] = []
        self._variables: dict[str, TypedValue] | None = None

    def map_equal_activities(self) -> Self:
        """Generate instructions for activities of the same id."""
        self._maps_equal_activities = True
        return self

    def update_event_triggers(self) -> Self:
        """Let the instructions generated update what waits for events."""
        self._updates_event_triggers = True
        return self

    def map_activities(
        self, source_activity_id: str, target_activity_id: str, *, update_event_trigger: bool = False
    ) -> Self:
        """Add an instruction of one's own; it replaces none that is generated."""
        self._explicit.append(MigrationInstruction(source_activity_id, target_activity_id, update_event_trigger))
        return self

    def set_variables(self, variables: Mapping[str, TypedValue]) -> Self:
        """Say which variables are set on each instance when it has been migrated."""
        self._variables = dict(variables)
        return self

    def build(self) -> MigrationPlan:
        """The plan.

        Raises:
            MigrationPlanValidationError: It breaks rules; all that is wrong is told.
        """
        instructions = (*self._generated(), *self._explicit)
        plan = MigrationPlan(*self._ids, instructions, self._variables)
        validate_plan(plan, self._source, self._target, java_serialization_enabled=self._java_serialization_enabled)
        return plan

    def _generated(self) -> tuple[MigrationInstruction, ...]:
        if not self._maps_equal_activities:
            return ()
        return generate_instructions(self._source, self._target, update_event_triggers=self._updates_event_triggers)
