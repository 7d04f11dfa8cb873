"""What a batch does with items that fail, that are not there, and that need a JVM."""

from enum import StrEnum

from pydantic import Field

from process_engine.operation_base.manifest_model import ManifestModel

LARGEST_COUNT = 100_000_000
MOST_ATTEMPTS = 100


class UnknownIds(StrEnum):
    """What becomes of an id in `ids` that is not there when the set is resolved."""

    SKIP = "Skip"
    FAIL = "Fail"
    REJECT = "Reject"


class OnJvmCode(StrEnum):
    """What becomes of an item that only a JVM can finish."""

    FAIL = "Fail"
    HAND_OVER = "HandOver"


class FailurePolicy(ManifestModel):
    """How many failures a batch bears."""

    tolerated_failed_items: int = Field(
        default=0,
        strict=True,
        ge=0,
        le=LARGEST_COUNT,
        description="The batch is Complete with up to so many failed items.",
    )
    stop_after_failed_items: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=LARGEST_COUNT,
        description="Stop, as Stalled, once so many items failed; raising it goes on. Left out, it never stops.",
    )
    max_attempts: int = Field(
        default=3,
        strict=True,
        ge=1,
        le=MOST_ATTEMPTS,
        description="Attempts at a chunk that kills its worker, before it is split to find the item that does it.",
    )
