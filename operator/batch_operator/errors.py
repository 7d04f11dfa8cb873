"""What commands end with, and how an error of the database is told."""

from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError


class ManifestError(Exception):
    """Manifests break rules; each problem names document, field, value and rule."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class WorkersFailedError(Exception):
    """A worker ended by an error; the ledger knows what is left, and the next run goes on."""


def driver_message(error: SQLAlchemyError) -> str:
    """What the database said, without the statement and its parameters."""
    cause = getattr(error, "orig", None)
    return str(cause or error).strip().partition("\n")[0]
