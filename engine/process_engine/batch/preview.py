"""What a dry run finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Preview:
    """What a batch would work on now.

    Attributes:
        total: Items.
        sample_ids: The first of them.
        unknown_ids: Listed ids that are not there.
        effective_query: The queries as they were understood, guards included.
    """

    total: int
    sample_ids: list[str]
    unknown_ids: list[str]
    effective_query: Mapping[str, Any]
