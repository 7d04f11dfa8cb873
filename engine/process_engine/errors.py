"""The engine's errors: the family's names and conditions, with Python's spelling.

    ProcessEngineError
    ├── BadUserRequestError            input that no state of the database can make right
    │   ├── NotValidError
    │   ├── NotFoundError              what an id names is not there
    │   ├── MigrationPlanValidationError   a plan breaks rules
    │   └── StillRunningError          a process instance should have ended
    ├── MissingInstanceError           a process instance that was to be migrated is not there
    ├── DefinitionMismatchError        an instance is of another process definition than it should be
    ├── TenantMismatchError            an instance, or a process definition, belongs to another tenant
    ├── NullValueError                 a parameter that must be given is null
    ├── JvmCodeError                   only a JVM can run what a model has there
    ├── OptimisticLockingError         a row changed since it was read; the same call may succeed again
    ├── UnsupportedSchemaError         the database is none of the family's, or of a kind not known here
    ├── EngineFactError                what was said of the engine contradicts what its database shows
    └── InvalidDatabaseUrlError

The family's error codes (``ENGINE-13053`` …) are part of the message where the family puts them there.
"""

from collections.abc import Mapping, Sequence


class ProcessEngineError(Exception):
    """Anything the engine refuses or cannot do.

    Attributes:
        reason: CamelCase word by which failures of many items are grouped.
        is_missing: What the request is about is not there.
    """

    reason = "EngineError"
    is_missing = False

    @property
    def rule(self) -> str:
        """What is the same in the messages of all items that fail alike."""
        return str(self)


class BadUserRequestError(ProcessEngineError):
    """The request is wrong; nothing was changed."""

    reason = "BadRequest"


class NotValidError(BadUserRequestError):
    """A parameter has a value that is not allowed."""

    reason = "NotValid"


class NotFoundError(BadUserRequestError):
    """What an id names does not exist."""

    reason = "NotFound"
    is_missing = True


class StillRunningError(BadUserRequestError):
    """An instance that must have ended is running."""

    reason = "StillRunning"


class MigrationPlanValidationError(BadUserRequestError):
    """A migration plan breaks rules; the message tells all that is wrong with it, as the Java engine's does.

    Attributes:
        instructions: Each wrong instruction, and what is wrong with it.
        variables: By name, what is wrong with the variables.
    """

    reason = "InvalidMigrationPlan"

    def __init__(
        self,
        message: str,
        instructions: Sequence[tuple[object, tuple[str, ...]]] = (),
        variables: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        super().__init__(message)
        self.instructions = tuple(instructions)
        self.variables = dict(variables or {})


class MissingInstanceError(ProcessEngineError):
    """A process instance does not exist; migration does not take that for a bad request, nor does the family."""

    reason = "NotFound"
    is_missing = True


class DefinitionMismatchError(ProcessEngineError):
    """A process instance is of another process definition than the request says."""

    reason = "DefinitionMismatch"

    @property
    def rule(self) -> str:
        """The message names the instance."""
        return "The process instance is of another process definition"


class TenantMismatchError(ProcessEngineError):
    """A process instance or definition belongs to another tenant than the definition it is taken to."""

    reason = "TenantMismatch"

    @property
    def rule(self) -> str:
        """The message names the instance."""
        return "The tenants differ"


class NullValueError(ProcessEngineError):
    """A parameter that must be given is null."""


class JvmCodeError(ProcessEngineError):
    """Something on the way needs a JVM; the item is left as it is."""

    reason = "NeedsJvm"


class OptimisticLockingError(ProcessEngineError):
    """A row was changed or removed by somebody else between reading and writing."""

    reason = "OptimisticLocking"

    def __init__(self, table: str, expected: int, actual: int) -> None:
        super().__init__(
            f"Expected to change {expected} rows of {table} at the revisions that were read, but found {actual}: "
            "another transaction changed them"
        )
        self.table = table


class UnsupportedSchemaError(ProcessEngineError):
    """The database's tables, columns or history level are not those of a supported engine."""

    reason = "UnsupportedSchema"


class EngineFactError(ProcessEngineError):
    """A fact given about the engine contradicts the evidence in its database."""

    reason = "EngineFactMismatch"


class InvalidDatabaseUrlError(ProcessEngineError):
    """A database URL names a driver or an option that is not allowed. The message never holds the password."""

    reason = "InvalidDatabaseURL"
