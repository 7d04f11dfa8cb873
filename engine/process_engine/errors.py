"""The engine's errors: the family's names and conditions, with Python's spelling.

    ProcessEngineError
    ├── BadUserRequestError            input that no state of the database can make right
    │   ├── NotValidError
    │   └── NotFoundError              what an id names is not there
    ├── OptimisticLockingError         a row changed since it was read; the same call may succeed again
    ├── UnsupportedSchemaError         the database is none of the family's, or of a kind not known here
    ├── EngineFactError                what was said of the engine contradicts what its database shows
    └── InvalidDatabaseUrlError

The family's error codes (``ENGINE-13053`` …) are part of the message where the family puts them there.
"""


class ProcessEngineError(Exception):
    """Anything the engine refuses or cannot do."""


class BadUserRequestError(ProcessEngineError):
    """The request is wrong; nothing was changed."""


class NotValidError(BadUserRequestError):
    """A parameter has a value that is not allowed."""


class NotFoundError(BadUserRequestError):
    """What an id names does not exist."""


class OptimisticLockingError(ProcessEngineError):
    """A row was changed or removed by somebody else between reading and writing."""

    def __init__(self, table: str, expected: int, actual: int) -> None:
        super().__init__(
            f"Expected to change {expected} rows of {table} at the revisions that were read, but found {actual}: "
            "another transaction changed them"
        )
        self.table = table


class UnsupportedSchemaError(ProcessEngineError):
    """The database's tables, columns or history level are not those of a supported engine."""


class EngineFactError(ProcessEngineError):
    """A fact given about the engine contradicts the evidence in its database."""


class InvalidDatabaseUrlError(ProcessEngineError):
    """A database URL names a driver or an option that is not allowed. The message never holds the password."""
