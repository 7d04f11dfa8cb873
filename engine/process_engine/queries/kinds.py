"""The kinds of values that filters take: what is accepted, and how much of it.

Everything is bounded, so that a manifest cannot carry more than a statement and a status should hold. Text is never
made from numbers, and numbers never from text: ``processInstanceBusinessKey: 007`` in YAML is a mistake, not a key.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_after_validator_function

MOST_IDS = 3000
MOST_VALUES = 100
LARGEST_LONG = 2**63 - 1
MOMENT_PATTERN = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)$"


def _written_moment(value: Any) -> Any:
    """RFC 3339 with an offset, or the family's ``2026-05-03T14:00:00.000+0200``."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no offset from UTC; write it like 2026-05-03T14:00:00+02:00")
        return value
    if not isinstance(value, str) or not re.match(MOMENT_PATTERN, value):
        raise ValueError("expected a date and time with an offset from UTC, like 2026-05-03T14:00:00+02:00")
    return datetime.fromisoformat(value)


def _utc_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _only_true(value: bool) -> bool:  # a kind's check
    if not value:
        # In the family's REST false means "not given". Accepted here, `finished: false` would select the finished ones.
        raise ValueError("only true is allowed; leave the filter out instead of setting it to false")
    return value


def _complete_pattern(pattern: str) -> str:
    if re.fullmatch(r"(?s)(?:[^\\]|\\.)*", pattern) is None:
        raise ValueError("the pattern ends with the escape character \\; write \\\\ for a backslash")
    return pattern


@dataclass(frozen=True)
class Bounded:
    """Bounds of a list; unlike a plain length they do not add a second error where an element is wrong."""

    most: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check the length after the elements."""
        return no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Show the bounds."""
        return {**handler(core_schema), "minItems": 1, "maxItems": self.most}

    def _check(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        if not 1 <= len(values) <= self.most:
            raise ValueError(f"expected 1 to {self.most} values, but got {len(values)}")
        return values


Id = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]
Text = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255)]
Message = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=4000)]
Pattern = Annotated[Text, AfterValidator(_complete_pattern)]
MessagePattern = Annotated[Message, AfterValidator(_complete_pattern)]
Ids = Annotated[tuple[Id, ...], Bounded(MOST_IDS)]
Texts = Annotated[tuple[Text, ...], Bounded(MOST_VALUES)]
Patterns = Annotated[tuple[Pattern, ...], Bounded(MOST_VALUES)]
Flag = Annotated[
    bool, Field(strict=True), AfterValidator(_only_true), WithJsonSchema({"type": "boolean", "enum": [True]})
]
IncidentStatus = Literal["open", "resolved"]
Long = Annotated[int, Field(strict=True, ge=-LARGEST_LONG - 1, le=LARGEST_LONG)]
Moment = Annotated[
    datetime,
    BeforeValidator(_written_moment),
    PlainSerializer(_utc_text, return_type=str),
    WithJsonSchema({"type": "string", "maxLength": 40, "pattern": MOMENT_PATTERN}),
]
