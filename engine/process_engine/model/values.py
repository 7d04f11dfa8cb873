"""Values that a model gives as constants, expressions, lists, maps or scripts, and who evaluates them.

An expression is kept as its text: text without ``${`` is a constant for the family as well.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Text:
    """A constant or an expression."""

    text: str


@dataclass(frozen=True)
class Script:
    """A script, which only a JVM runs.

    Attributes:
        language: Its format, such as ``javascript``.
        source: The script itself, if it stands in the model.
        resource: Where else it is: a path, or an expression.
    """

    language: str
    source: str
    resource: str | None = None


@dataclass(frozen=True)
class ListValue:
    """A list; the family makes a ``java.util.ArrayList`` of it."""

    items: tuple["Value", ...]


@dataclass(frozen=True)
class MapValue:
    """A map; the family makes a ``java.util.TreeMap`` of it.

    Attributes:
        entries: Keys are expressions, ordered by their text as the family evaluates them.
    """

    entries: tuple[tuple[Text, "Value"], ...]


@dataclass(frozen=True)
class NullValue:
    """An empty element: null."""


Value = Text | Script | ListValue | MapValue | NullValue
"""The value of a mapping's parameter."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of an input or output mapping.

    Attributes:
        name: The variable that is set; no expression.
    """

    name: str
    value: Value


class ListenerKind(StrEnum):
    """How a listener is implemented."""

    CLASS = "class"
    DELEGATE_EXPRESSION = "delegateExpression"
    EXPRESSION = "expression"
    SCRIPT = "script"


class TimerKind(StrEnum):
    """What a timer's expression says."""

    DATE = "DATE"
    CYCLE = "CYCLE"
    DURATION = "DURATION"


@dataclass(frozen=True)
class Timer:
    """When a timer fires.

    Attributes:
        is_exclusive: No other exclusive job of the instance runs beside its job.
    """

    kind: TimerKind
    expression: str
    is_exclusive: bool = True


@dataclass(frozen=True)
class Listener:
    """An execution or task listener.

    Attributes:
        event: ``start``, ``end``, ``take``, ``create``, ``assignment``, ``complete``, ``update``, ``delete`` or
            ``timeout``.
        text: The class, the expression, or the script's source.
        script: With its language, if it is a script.
        id: Only timeout listeners need one.
        timer: When a timeout listener is called.
    """

    event: str
    kind: ListenerKind
    text: str
    script: Script | None = None
    id: str | None = None
    timer: Timer | None = None
