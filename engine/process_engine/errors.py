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
    ├── SuspendedEntityInteractionError    something has to be done with an execution that is suspended
    ├── NullValueError                 a parameter that must be given is null
    ├── JvmCodeError                   only a JVM can run what a model has there
    │   └── OutsideListenersError      or what plugins have added to it
    ├── OptimisticLockingError         a row changed since it was read; the same call may succeed again
    ├── UnsupportedSchemaError         the database is none of the family's, or of a kind not known here
    ├── EngineFactError                what was said of the engine contradicts what its database shows
    └── InvalidDatabaseUrlError

The family's error codes (``ENGINE-13053`` …) are part of the message where the family puts them there.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum


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
    """A migration plan breaks rules; the message says all that is wrong with it, as the Java engine's does.

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


class SuspendedEntityInteractionError(ProcessEngineError):
    """Something has to be done with an execution that is suspended."""

    reason = "Suspended"

    @classmethod
    def of(cls, execution_id: str) -> "SuspendedEntityInteractionError":
        """The error of an execution."""
        return cls(f"ENGINE-03043 Execution with id '{execution_id}' is suspended.")


class NullValueError(ProcessEngineError):
    """A parameter that must be given is null."""


class WayOut(StrEnum):
    """What would leave out what only a JVM can run: options of operations, without the words of those who set them."""

    SKIP_CUSTOM_LISTENERS = "skip custom listeners"
    SKIP_IO_MAPPINGS = "skip input and output mappings"
    SET_NO_VARIABLES = "set no variables"


class JvmCodeError(ProcessEngineError):
    """Something on the way needs a JVM; the item is left as it is.

    Attributes:
        ways_out: Each of them may leave it out; none where no option does.
    """

    reason = "NeedsJvm"

    def __init__(self, message: str, *, ways_out: Iterable[WayOut] = ()) -> None:
        super().__init__(message)
        self.ways_out = tuple(ways_out)

    @classmethod
    def because(cls, refusal: str, why: str, *, ways_out: Iterable[WayOut] = ()) -> "JvmCodeError":
        """An operation is refused for a reason.

        Args:
            refusal: What cannot be done: `An instance of p:1 cannot be cancelled`.
            why: The rest of the sentence.
            ways_out: What would leave it out.
        """
        return cls(f"{refusal} without the Java engine: {why}", ways_out=ways_out)

    @classmethod
    def for_codes(cls, refusal: str, codes: Iterable[object]) -> "JvmCodeError":
        """An operation is refused for code of listeners and mappings, which the message names once each."""
        shown = "; ".join(dict.fromkeys(map(str, codes)))
        return cls(
            f"{refusal} without the Java engine, which would run: {shown}",
            ways_out=(WayOut.SKIP_CUSTOM_LISTENERS, WayOut.SKIP_IO_MAPPINGS),
        )


class OutsideListenersError(JvmCodeError):
    """Plugins add listeners that no model shows, and the operation would call them.

    Attributes:
        refusal: What cannot be done.
        where: The engine's `listeners_outside_model`.
    """

    def __init__(self, refusal: str, where: str, *, is_skippable: bool) -> None:
        rule = "only skip_custom_listeners skips them" if is_skippable else "nothing skips them"
        super().__init__(
            f"{refusal} without the Java engine: listeners_outside_model is {where}, plugins add listeners to every "
            f"activity, and {rule}",
            ways_out=(WayOut.SKIP_CUSTOM_LISTENERS,) if is_skippable else (),
        )
        self.refusal = refusal
        self.where = where


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
