"""The manifest of a `ProcessEngine`: where an engine's database is, and what the database does not say about it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, StringConstraints, model_validator

from batch_operator.resources.meta import ApiVersion, Condition, ObjectName, ResourceMeta, Status
from process_engine.configuration import (
    JAVA_FORMAT,
    EngineConfiguration,
    ListenersOutsideModel,
    RemovalTimeStrategy,
)
from process_engine.operation_base.manifest_model import ManifestModel, field_error

LARGEST_GENERATION = 2**53 - 1
MOST_ENTRIES = 64
MOST_TOLERATIONS = 32
LARGEST_QUANTITY = 2**40

SecretKey = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=253, pattern=r"^[-._a-zA-Z0-9]+$")]
Host = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:_-]+$")]
DatabaseName = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=63)]
# Quoted nowhere, so that it is the same to a person in psql
SchemaName = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=63, pattern=r"^[a-z_][a-z0-9_]*$")]
ZoneName = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64, pattern=r"^[A-Za-z0-9/_+-]+$")]
SerializationFormat = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=253, pattern=r"^[A-Za-z0-9/.+_-]+$")
]
Text = Annotated[str, StringConstraints(strict=True, max_length=253)]
Value = Annotated[str, StringConstraints(strict=True, max_length=4096)]
Texts = Annotated[Mapping[str, Text], Field(max_length=MOST_ENTRIES)]
Quantity = Annotated[
    int | str,
    Field(
        json_schema_extra={
            "x-kubernetes-int-or-string": True,
            "minimum": 0,
            "maximum": LARGEST_QUANTITY,
            "maxLength": 32,
        }
    ),
]
Quantities = Annotated[Mapping[str, Quantity], Field(max_length=MOST_ENTRIES)]


class SecretKeyRef(ManifestModel):
    """A key of a Secret of the same namespace."""

    name: ObjectName = Field(description="Name of the Secret.")
    key: SecretKey = Field(description="Key in it.")


class FromSecret(ManifestModel):
    """A value that stands in a Secret."""

    secret_key_ref: SecretKeyRef = Field(description="A key of a Secret of the same namespace.")


class Database(ManifestModel):
    """Where the engine's database is: urlFrom alone, or host, port, name, usernameFrom and passwordFrom."""

    url_from: FromSecret | None = Field(
        default=None,
        description="The database's URL: postgresql://user:password@host:port/name, also as the Java engine writes it.",
    )
    host: Host | None = Field(default=None, description="Host of the PostgreSQL server.")
    port: Annotated[int, Field(strict=True, ge=1, le=65_535)] | None = Field(
        default=None, description="Its port; left out, 5432."
    )
    name: DatabaseName | None = Field(default=None, description="Name of the database.")
    username_from: FromSecret | None = Field(default=None, description="The user.")
    password_from: FromSecret | None = Field(default=None, description="The password.")

    @model_validator(mode="after")
    def _is_union(self) -> Self:
        parts = {
            "host": self.host,
            "port": self.port,
            "name": self.name,
            "usernameFrom": self.username_from,
            "passwordFrom": self.password_from,
        }
        given = [name for name, value in parts.items() if value is not None]
        if self.url_from is not None and given:
            raise field_error(given[0], "stands beside urlFrom; give either urlFrom or the parts")
        missing = [name for name in parts if name not in given and name != "port"]
        if self.url_from is None and missing:
            raise field_error(missing[0], f"is missing; give urlFrom, or all of {', '.join(parts)}")
        return self


class LedgerSettings(ManifestModel):
    """Where the ledger's tables are; they stand in the engine's database."""

    schema_name: SchemaName = Field(
        default="process_batch", alias="schema", description="Schema of the ledger's tables."
    )
    create: bool = Field(
        default=True,
        strict=True,
        description="Make the schema and its tables where they are missing. false: a DBA ran process-batch ledger ddl.",
    )


class EngineFacts(ManifestModel):
    """What the database does not say about its Java engine. Names and defaults are the family's."""

    listeners_outside_model: ListenersOutsideModel = Field(
        description="Listeners that plugins add and no model shows, such as the event bridge of Spring Boot: None; "
        "Skippable, those that skipCustomListeners skips; or Always, those that nothing skips."
    )
    time_zone: ZoneName = Field(
        default="UTC", description="IANA name of the zone of the engine's JVM; times in its tables are local ones."
    )
    history_removal_time_strategy: RemovalTimeStrategy = Field(
        default=RemovalTimeStrategy.END, description="When the engine sets the removal time of history rows."
    )
    skip_output_mapping_on_canceled_activities: bool = Field(
        default=False, strict=True, description="The engine runs no output mappings of what is cancelled."
    )
    default_serialization_format: SerializationFormat = Field(
        default=JAVA_FORMAT,
        description="How the engine keeps variables that are objects, such as lists and maps of output mappings.",
    )
    ensure_job_due_date_not_null: bool = Field(
        default=False, strict=True, description="A due date that is set to null becomes the current time."
    )
    create_incident_on_failed_job: bool = Field(
        default=True, strict=True, description="Retries that go to 0 make an incident."
    )
    restrict_user_operation_log_to_authenticated_users: bool = Field(
        default=True, strict=True, description="Without a user, no user operation log is written."
    )

    @model_validator(mode="after")
    def _zone_exists(self) -> Self:
        if self.time_zone not in available_timezones():
            raise field_error("timeZone", f"{self.time_zone!r} is not an IANA time zone; write it like Europe/Berlin")
        ZoneInfo(self.time_zone)
        return self

    def configuration(self) -> EngineConfiguration:
        """The same for the engine."""
        return EngineConfiguration(**dict(self))


class LocalObjectReference(ManifestModel):
    """An object of the same namespace."""

    name: ObjectName = Field(description="Its name.")


class ResourceRequirements(ManifestModel):
    """Resources of a worker's container, as in a pod."""

    requests: Quantities | None = Field(default=None, description="What it is sure to get.")
    limits: Quantities | None = Field(default=None, description="What it gets at most.")


class Toleration(ManifestModel):
    """A taint that worker pods tolerate, as in a pod."""

    key: Text | None = Field(default=None, description="Key of the taint; left out, all.")
    operator: Literal["Exists", "Equal"] | None = Field(default=None, description="How key and value are compared.")
    value: Text | None = Field(default=None, description="Value of the taint.")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = Field(
        default=None, description="Effect of the taint; left out, all."
    )
    toleration_seconds: Annotated[int, Field(strict=True, ge=0, le=LARGEST_GENERATION)] | None = Field(
        default=None, description="For NoExecute: how long."
    )


class WorkerSettings(ManifestModel):
    """The pods that work on this engine's Batches."""

    image: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=512)] | None = Field(
        default=None, description="Image with process-batch; left out, the operator's own."
    )
    image_pull_secrets: Annotated[tuple[LocalObjectReference, ...], Field(max_length=16)] | None = Field(
        default=None, description="Secrets for pulling it."
    )
    service_account_name: ObjectName | None = Field(
        default=None, description="Service account of the pods; they get no token of it."
    )
    resources: ResourceRequirements | None = Field(default=None, description="Resources of each pod.")
    node_selector: Texts | None = Field(default=None, description="Labels of the nodes that pods may run on.")
    tolerations: Annotated[tuple[Toleration, ...], Field(max_length=MOST_TOLERATIONS)] | None = Field(
        default=None, description="Taints that pods tolerate."
    )
    priority_class_name: ObjectName | None = Field(default=None, description="Priority class of the pods.")
    pod_labels: Texts | None = Field(default=None, description="Further labels of the pods.")
    pod_annotations: Annotated[Mapping[str, Value], Field(max_length=MOST_ENTRIES)] | None = Field(
        default=None, description="Further annotations of the pods."
    )


class ProcessEngineSpec(ManifestModel):
    """An engine's database, what it does not say about its engine, and the pods that work on it."""

    database: Database = Field(description="The engine's database.")
    ledger: LedgerSettings = Field(
        default_factory=LedgerSettings,
        description="The tables in which Batches are kept.",
        json_schema_extra={"default": {}},
    )
    engine: EngineFacts = Field(description="What the database does not say about its Java engine.")
    worker: WorkerSettings = Field(
        default_factory=WorkerSettings,
        description="The pods that work on this engine's Batches.",
        json_schema_extra={"default": {}},
    )


class ProcessEngine(ManifestModel):
    """A `ProcessEngine` as it is written in a manifest."""

    api_version: ApiVersion
    kind: Literal["ProcessEngine"]
    metadata: ResourceMeta
    spec: ProcessEngineSpec
    status: Mapping[str, Any] | None = None


class ProcessEngineStatus(Status):
    """Whether the engine's database can be worked on; written by the operator."""

    observed_generation: Annotated[int, Field(ge=-1, le=LARGEST_GENERATION)] | None = Field(
        default=None, description="Generation of the spec that this status is about."
    )
    conditions: Annotated[tuple[Condition, ...], Field(max_length=16)] | None = Field(
        default=None,
        description="Ready, Reconciling and Stalled.",
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]},
    )
    history_level: str | None = Field(default=None, max_length=32, description="What the engine keeps of the past.")
    schema_version: str | None = Field(default=None, max_length=64, description="Version of the engine's tables.")
