"""Fields that the options of several operations have."""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

LARGEST_INTEGER = 2**31 - 1

UNSET: Final = "unset"
"""A value that is not given, which is something else than one set to null."""

Retries = Annotated[int, Field(strict=True, ge=0, le=LARGEST_INTEGER)]
DeleteReason = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=4000)]
