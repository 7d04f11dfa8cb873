"""What became of each item of an operation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from process_engine.errors import ProcessEngineError


class SkipReason(StrEnum):
    """Why there was nothing to do for an item."""

    NOT_FOUND = "NotFound"
    VALUE_UNCHANGED = "ValueUnchanged"
    ALREADY_ENDED = "AlreadyEnded"
    COVERED_BY_CALLER = "CoveredByCaller"


@dataclass
class Outcome:
    """Items by what became of them; each item is in one of the four.

    Attributes:
        succeeded: Rows were changed.
        skipped: There was nothing to do.
        failed: Why nothing was done, by item.
        handed_over: The Java engine's batch that an item was given to, by item.
    """

    succeeded: Sequence[str] = ()
    skipped: dict[str, SkipReason] = field(default_factory=dict[str, SkipReason])
    failed: dict[str, ProcessEngineError] = field(default_factory=dict[str, ProcessEngineError])
    handed_over: dict[str, str] = field(default_factory=dict[str, str])

    def raise_first_failure(self) -> None:
        """Make the call fail as a whole, as a synchronous method does."""
        for error in self.failed.values():
            raise error
