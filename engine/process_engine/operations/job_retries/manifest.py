"""Options of JobRetries."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from process_engine.operation_base.manifest_model import ManifestModel
from process_engine.operation_base.options import Retries
from process_engine.queries.kinds import MOMENT_PATTERN, Moment

NO_DUE_DATE = "None"
"""Null as a text: clients such as `kubectl apply` drop a null before the API server sees it."""


def _to_the_millisecond(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _null_if_none(value: Any) -> Any:
    return None if value == NO_DUE_DATE else value


DueDate = Annotated[
    Annotated[Moment, AfterValidator(_to_the_millisecond)] | None,
    BeforeValidator(_null_if_none),
    WithJsonSchema(
        {"type": "string", "maxLength": 40, "pattern": f"{MOMENT_PATTERN}|^{NO_DUE_DATE}$", "nullable": True}
    ),
]


class JobRetriesOptions(ManifestModel):
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
