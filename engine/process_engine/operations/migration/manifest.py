"""Options of Migration, and how a manifest writes a variable."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, StringConstraints, model_validator

from process_engine.operation_base.manifest_model import ManifestModel, field_error
from process_engine.operation_base.process_definitions import DefinitionName
from process_engine.queries.kinds import Text

MOST_INSTRUCTIONS = 500
MOST_VARIABLES = 100

ValueInfo = Annotated[str, StringConstraints(strict=True, max_length=4000)]
TypeName = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]


class Instruction(ManifestModel):
    """What becomes of the instances of an activity."""

    source_activity_id: Text = Field(
        description="The activity in the source; a multi-instance body is named by the activity's id and "
        "#multiInstanceBody."
    )
    target_activity_id: Text = Field(description="What its instances are in the target.")
    update_event_trigger: bool = Field(
        default=False, strict=True, description="The target's message, signal or timer replaces the one that waits."
    )


class VariableValue(ManifestModel):
    """A variable as in the family's REST interface."""

    nullable = frozenset({"value"})

    value: StrictBool | StrictInt | StrictFloat | StrictStr | None = Field(
        default=None, description="Text, number, true, false or null; bytes and files in Base64, objects serialized."
    )
    type: TypeName | None = Field(
        default=None,
        description="String, Boolean, Integer, Long, Short, Double, Date, Bytes, File, Object or Null; without it the "
        "value says which.",
    )
    value_info: Annotated[Mapping[TypeName, ValueInfo], Field(max_length=8)] = Field(
        default_factory=dict[str, str],
        description="Of an object its objectTypeName and serializationDataFormat, of a file its filename, mimetype and "
        "encoding.",
    )


class MigrationOptions(ManifestModel):
    """Options of Migration."""

    source: DefinitionName = Field(description="The process definition whose instances are migrated.")
    target: DefinitionName = Field(description="The process definition that they get.")
    map_equal_activities: bool = Field(
        default=False, strict=True, description="Map activities of the same id and kind to each other."
    )
    update_event_triggers: bool = Field(
        default=False, strict=True, description="Where mapEqualActivities maps events, their triggers are updated."
    )
    instructions: Annotated[tuple[Instruction, ...], Field(max_length=MOST_INSTRUCTIONS)] = Field(
        default=(), description="Further activities, each with what its instances become."
    )
    variables: Annotated[Mapping[Text, VariableValue], Field(max_length=MOST_VARIABLES)] = Field(
        default_factory=dict[str, VariableValue], description="Variables that each instance gets when it is migrated."
    )
    skip_custom_listeners: bool = Field(
        default=False, strict=True, description="Run no listeners of scopes that come and go."
    )
    skip_io_mappings: bool = Field(
        default=False, strict=True, description="Run no input and output mappings of scopes that come and go."
    )

    @model_validator(mode="after")
    def _maps_something(self) -> Self:
        if self.update_event_triggers and not self.map_equal_activities:
            raise field_error(
                "updateEventTriggers", "goes with mapEqualActivities; instructions have updateEventTrigger"
            )
        return self
