"""Java's types where Python has fewer, and how Java writes values down.

Variables are Python values: None, str, bool, `Short`, `Integer`, `Long`, float (a Double), datetime (a Date), bytes,
and lists and dicts of these. A plain int counts as a Long, which is what arithmetic on whole numbers gives.
"""

import math
from datetime import datetime
from decimal import Decimal
from typing import Any, Self, cast

from process_engine.expressions.errors import NeedsJvmError

PLAIN_FROM, PLAIN_BELOW = 1e-3, 1e7
"""Doubles in between are written without an exponent."""


class _Whole(int):
    """A whole number of so many bits, which wraps around."""

    bits = 64

    def __new__(cls, value: int) -> Self:
        half = 1 << (cls.bits - 1)
        return super().__new__(cls, (value + half) % (2 * half) - half)


class Short(_Whole):
    """A java.lang.Short."""

    bits = 16


class Integer(_Whole):
    """A java.lang.Integer."""

    bits = 32


class Long(_Whole):
    """A java.lang.Long."""


class InputStream(bytes):
    """What is in a file; an object of its own whenever it is read."""


SERIALIZERS: dict[type, str] = {
    bool: "boolean",
    Short: "short",
    Integer: "integer",
    Long: "long",
    int: "long",
    float: "double",
    str: "string",
    bytes: "bytes",
    InputStream: "bytes",
}


def serializer(value: Any) -> str | None:
    """ACT_RU_VARIABLE.TYPE_ of a value; null for lists, maps and others, which the family stores as Java objects."""
    if value is None:
        return "null"
    if isinstance(value, datetime):
        return "date"
    return next((name for kind, name in SERIALIZERS.items() if type(value) is kind), None)


def is_whole(value: Any) -> bool:
    """Whether it is a Short, Integer or Long."""
    return isinstance(value, int) and not isinstance(value, bool)


def text_of(value: Any) -> str:
    """What Java's toString makes of a value; of a Double, what it makes of it since Java 19: never a digit too many.

    Raises:
        NeedsJvmError: It depends on more than the value: a date's on the time zone, a map's on its implementation.
    """
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(int(value))
    return _double_text(value) if isinstance(value, float) else _text_of_object(value)


def _text_of_object(value: Any) -> str:
    kind = type(value).__name__
    if isinstance(value, list):
        return "[" + ", ".join(text_of(item) for item in cast("list[Any]", value)) + "]"
    if isinstance(value, dict):
        entries = cast("dict[Any, Any]", value)
        if len(entries) < 2:  # noqa: PLR2004 - of more, only the map knows the order
            return "{" + "".join(f"{text_of(key)}={text_of(item)}" for key, item in entries.items()) + "}"
    raise NeedsJvmError(f"only a JVM writes a value of type {kind} as text")


def _double_text(value: float) -> str:
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "-0.0" if math.copysign(1, value) < 0 else "0.0"
    if PLAIN_FROM <= abs(value) < PLAIN_BELOW:
        text = format(Decimal(repr(value)), "f")
        return text if "." in text else f"{text}.0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    written = "".join(map(str, digits))
    power = int(exponent) + len(written) - 1
    return f"{'-' if sign else ''}{written[0]}.{written[1:] or '0'}E{power}"
