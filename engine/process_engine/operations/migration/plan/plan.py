"""What a migration plan says."""

from collections.abc import Mapping
from dataclasses import dataclass

from process_engine.typed_values import TypedValue


@dataclass(frozen=True, slots=True)
class MigrationInstruction:
    """What becomes of the instances of an activity.

    Attributes:
        source_activity_id: The activity; a multi-instance body is one of its own.
        target_activity_id: What its instances are afterwards.
        update_event_trigger: The trigger of the target replaces the one that waits.
    """

    source_activity_id: str
    target_activity_id: str
    update_event_trigger: bool = False

    def __str__(self) -> str:
        """As the Java engine prints it."""
        return (
            f"MigrationInstructionImpl{{sourceActivityId='{_printed(self.source_activity_id)}', "
            f"targetActivityId='{_printed(self.target_activity_id)}', "
            f"updateEventTrigger='{str(self.update_event_trigger).lower()}'}}"
        )


def _printed(activity_id: str | None) -> str:
    return "null" if activity_id is None else activity_id


@dataclass(frozen=True)
class MigrationPlan:
    """How instances of one process definition are taken to another.

    Attributes:
        instructions: Those generated first; their order has no meaning.
        variables: They are set on each instance when it has been migrated. None of them is not the same as null: the
            Java engine then looks what other changes of variables have triggered, and logs their number.
    """

    source_process_definition_id: str
    target_process_definition_id: str
    instructions: tuple[MigrationInstruction, ...] = ()
    variables: Mapping[str, TypedValue] | None = None
