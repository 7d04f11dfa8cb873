"""What both kinds of resources have in common: metadata, conditions, and bounds."""

from typing import Annotated, Final, Literal, get_args

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from process_engine.operation_base.manifest_model import ManifestModel

ApiVersion = Literal["process-batch.io/v1alpha1"]
API_VERSION: Final[str] = get_args(ApiVersion)[0]
GROUP, VERSION = API_VERSION.split("/")

BATCH_KIND = "Batch"
ENGINE_KIND = "ProcessEngine"

LONGEST_BATCH_NAME = 52
"""A Job's name is the Batch's name and a suffix of eleven characters, and it must fit in a label."""

LARGEST_GENERATION = 2**53 - 1

_DNS_NAME = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"
Namespace = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=63, pattern=_DNS_NAME)]
ObjectName = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=253, pattern=_DNS_NAME)]
BatchName = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=LONGEST_BATCH_NAME, pattern=_DNS_NAME)
]
Moment = Annotated[str, Field(max_length=40, json_schema_extra={"format": "date-time"})]


class ResourceMeta(ManifestModel):
    """Metadata of a manifest; what only the API server uses is let through."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)

    name: ObjectName
    namespace: Namespace | None = None


class Status(ManifestModel):
    """A part of a status. Its models are the CRD's schema; what is written is made by `lifecycle.status`."""


class Condition(Status):
    """A condition, as in every Kubernetes resource."""

    type: str = Field(max_length=64, description="What is said.")
    status: Literal["True", "False", "Unknown"] = Field(description="Whether it is so.")
    reason: str = Field(max_length=128, description="Why, in one word for programs.")
    message: str | None = Field(default=None, max_length=4096, description="Why, in words for people.")
    observed_generation: Annotated[int, Field(ge=0, le=LARGEST_GENERATION)] | None = Field(
        default=None, description="Generation of the spec that it is about."
    )
    last_transition_time: Moment = Field(description="When its status changed last.")
