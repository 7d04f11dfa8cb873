"""Instructions between activities of the same id, as far as they are allowed.

Source: DefaultMigrationInstructionGenerator, CreateMigrationPlanCmd#generateInstructions.
"""

from collections.abc import Iterator, Sequence

from process_engine.model import Activity, ProcessDefinition, has_persistent_trigger
from process_engine.operations.migration.plan.instructions import Instructions
from process_engine.operations.migration.plan.kinds import is_conditional_event, is_migratable
from process_engine.operations.migration.plan.plan import MigrationInstruction
from process_engine.operations.migration.plan.rules import RULES, RULES_WITHOUT_INNER_ACTIVITIES, Rule, failures


def generate_instructions(
    source: ProcessDefinition, target: ProcessDefinition, *, update_event_triggers: bool = False
) -> tuple[MigrationInstruction, ...]:
    """Map activities to those of the same id, in scopes that are mapped to each other, where the rules allow it.

    Args:
        source: What instances are taken from.
        target: What they are taken to.
        update_event_triggers: Whether what waits is replaced by the target's, where there is anything that waits.
    """
    nothing = Instructions(source, target, source.key, target.key)
    found = _Generation(update_event_triggers).inside(nothing, source.key, target.key)
    return _allowed(found, RULES).instructions


class _Generation:
    def __init__(self, update_event_triggers: bool) -> None:
        self._update_event_triggers = update_event_triggers

    def inside(self, existing: Instructions, source_id: str, target_id: str) -> Instructions:
        """Add what is inside of two scopes, or waits for events on their behalf."""
        source, target = existing.source, existing.target
        flow = self._equal(source.children(source_id), target.children(target_id), existing)
        existing = existing.but_with((*existing.instructions, *flow))
        events = self._equal(source.event_activities(source_id), target.event_activities(target_id), existing)
        existing = existing.but_with((*existing.instructions, *events))
        existing = _allowed(existing, RULES_WITHOUT_INNER_ACTIVITIES)
        for each in flow:
            if each in existing.of_source(each.source_activity_id):
                existing = self.inside(existing, each.source_activity_id, each.target_activity_id)
        return existing

    def _equal(
        self, sources: Sequence[Activity], targets: Sequence[Activity], existing: Instructions
    ) -> list[MigrationInstruction]:
        migratable = {activity.id for activity in targets if is_migratable(activity)}
        return [
            MigrationInstruction(activity.id, activity.id, self._updates(activity, existing.source))
            for activity in _unmapped(sources, existing)
            if activity.id in migratable and is_migratable(activity)
        ]

    def _updates(self, activity: Activity, source: ProcessDefinition) -> bool:
        wanted = self._update_event_triggers and has_persistent_trigger(source, activity)
        return is_conditional_event(activity) or wanted


def _unmapped(activities: Sequence[Activity], existing: Instructions) -> Iterator[Activity]:
    return (activity for activity in activities if not existing.of_source(activity.id))


def _allowed(existing: Instructions, rules: tuple[Rule, ...]) -> Instructions:
    """Those instructions that the rules allow among all."""
    return existing.but_with(each for each in existing.instructions if not any(failures(each, existing, rules)))
