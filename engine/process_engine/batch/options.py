"""What a batch can do: the operations by their types, each with its options.

A new operation is a type and a member of `Operation` here, a row in `TAKES` of the definition, and a class in
`process_engine.batch.operations`.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from process_engine.operation_base.manifest_model import ManifestModel, field_error
from process_engine.operations.migration.manifest import Migration
from process_engine.queries.kinds import MOMENT_PATTERN, Moment

LARGEST_INTEGER = 2**31 - 1


class OperationType(StrEnum):
    """What can be done to a set."""

    CANCELLATION = "Cancellation"
    HISTORIC_DELETION = "HistoricDeletion"
    JOB_RETRIES = "JobRetries"
    EXTERNAL_TASK_RETRIES = "ExternalTaskRetries"
    MIGRATION = "Migration"


def _to_the_millisecond(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


Retries = Annotated[int, Field(strict=True, ge=0, le=LARGEST_INTEGER)]
NO_DUE_DATE = "None"
"""Null as a text: clients such as `kubectl apply` drop a null before the API server sees it."""


def _null_if_none(value: Any) -> Any:
    return None if value == NO_DUE_DATE else value


DueDate = Annotated[
    Annotated[Moment, AfterValidator(_to_the_millisecond)] | None,
    BeforeValidator(_null_if_none),
    WithJsonSchema(
        {"type": "string", "maxLength": 40, "pattern": f"{MOMENT_PATTERN}|^{NO_DUE_DATE}$", "nullable": True}
    ),
]
DeleteReason = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=4000)]


class Cancellation(ManifestModel):
    """Options of Cancellation."""

    delete_reason: DeleteReason | None = Field(
        default=None, description="Why; the history keeps it with each process instance that was cancelled."
    )
    skip_custom_listeners: bool = Field(
        default=False, strict=True, description="Run no listeners of the model; those of the engine itself do run."
    )
    skip_io_mappings: bool = Field(default=False, strict=True, description="Run no output mappings.")
    skip_subprocesses: bool = Field(
        default=False, strict=True, description="Leave called process instances running, without their caller."
    )


class HistoricDeletion(ManifestModel):
    """Options of HistoricDeletion."""

    delete_reason: DeleteReason | None = Field(
        default=None, description="Why, for the user operation log; written only with a userId."
    )


class JobRetries(ManifestModel):
    """Options of JobRetries."""

    nullable = frozenset({"due_date"})

    retries: Retries = Field(description="Retries that each job is left with; 0 makes an incident.")
    due_date: DueDate = Field(
        default=None,
        description="When the jobs become due, with an offset from UTC. Left out, due dates stay as they are; None, or "
        "null where the client lets it through, makes the jobs due at once.",
    )

    @property
    def is_due_date_set(self) -> bool:
        """Whether a due date, or null, was given."""
        return "due_date" in self.model_fields_set


class ExternalTaskRetries(ManifestModel):
    """Options of ExternalTaskRetries."""

    retries: Retries = Field(description="Retries that each external task is left with; 0 makes an incident.")


class Operation(ManifestModel):
    """What is done: a type, and beside it the member of that name with its options."""

    type: OperationType = Field(description="What is done to each item of the set.")
    cancellation: Cancellation | None = Field(
        default=None, description="Options of type Cancellation, which ends running process instances."
    )
    historic_deletion: HistoricDeletion | None = Field(
        default=None, description="Options of type HistoricDeletion, which removes ended process instances."
    )
    job_retries: JobRetries | None = Field(
        default=None, description="Options of type JobRetries, which sets the retries of jobs."
    )
    external_task_retries: ExternalTaskRetries | None = Field(
        default=None, description="Options of type ExternalTaskRetries, which sets the retries of external tasks."
    )
    migration: Migration | None = Field(
        default=None,
        description="Options of type Migration, which takes running process instances to another process definition.",
    )

    @model_validator(mode="after")
    def _is_union(self) -> Self:
        ours = member_of(self.type)
        for name, value in self._members().items():
            if value is not None and name != ours:
                raise field_error(name, f"does not belong to operation.type {self.type}, which takes {ours}")
        if self._members()[ours] is None and self.type in NEEDS_OPTIONS:
            raise field_error(ours, f"is missing; operation.type {self.type} needs {NEEDS_OPTIONS[self.type]}")
        return self

    def _members(self) -> Mapping[str, ManifestModel | None]:
        return {
            "cancellation": self.cancellation,
            "historicDeletion": self.historic_deletion,
            "jobRetries": self.job_retries,
            "externalTaskRetries": self.external_task_retries,
            "migration": self.migration,
        }


NEEDS_OPTIONS: Mapping[OperationType, str] = {
    OperationType.JOB_RETRIES: "jobRetries.retries",
    OperationType.EXTERNAL_TASK_RETRIES: "externalTaskRetries.retries",
    OperationType.MIGRATION: "migration.source and migration.target",
}
"""Operations that mean nothing without their options, and the least of these."""


def member_of(operation: OperationType) -> str:
    """The name of the member of `operation` that has the options of a type."""
    return operation[0].lower() + operation[1:]
