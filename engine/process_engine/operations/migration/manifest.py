"""Options of Migration, and how a manifest names a process definition and writes a variable."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, StringConstraints, model_validator

from process_engine.operation_base.manifest_model import ManifestModel, field_error
from process_engine.queries.kinds import Id, Text

MOST_INSTRUCTIONS = 500
MOST_VARIABLES = 100
LARGEST_VERSION = 2**31 - 1

ValueInfo = Annotated[str, StringConstraints(strict=True, max_length=4000)]
TypeName = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]


class DefinitionName(ManifestModel):
    """A process definition: its id, or its key with exactly one of version, versionTag and latest."""

    id: Id | None = Field(default=None, description="Its id in the database; nothing else goes with it.")
    key: Text | None = Field(default=None, description="Its key: the id of the process in its BPMN file.")
    version: Annotated[int, Field(strict=True, ge=1, le=LARGEST_VERSION)] | None = Field(
        default=None, description="The version of that key."
    )
    version_tag: Text | None = Field(default=None, description="The version tag that its BPMN file gives it.")
    latest: bool = Field(
        default=False,
        strict=True,
        description="The latest version of that key when the set is resolved; one deployed later is not taken.",
    )
    tenant_id: Id | None = Field(
        default=None, description="Its tenant; needed where several tenants have a definition of that key."
    )

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        ways = [self.version is not None, self.version_tag is not None, self.latest]
        if self.id is not None:
            if self.key is not None or any(ways) or self.tenant_id is not None:
                raise field_error("id", "does not go with key, version, versionTag, latest or tenantId")
            return self
        if self.key is None:
            raise field_error("", "names no process definition; give its id, or its key")
        if sum(ways) != 1:
            raise field_error("key", "takes exactly one of version, versionTag and latest: true")
        return self

    def __str__(self) -> str:
        """As messages name it."""
        if self.id is not None:
            return f"id {self.id}"
        tag = None if self.version_tag is None else f"versionTag {self.version_tag}"
        which = f"version {self.version}" if self.version is not None else tag or "latest version"
        return f"key {self.key}, {which}" + (f", tenant {self.tenant_id}" if self.tenant_id else "")


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


class Migration(ManifestModel):
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
