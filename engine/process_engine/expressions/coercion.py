"""How JUEL makes a value of one type of a value of another.

Source: TypeConverterImpl.
"""

import math
import re
from typing import Any

from process_engine.expressions.errors import ExpressionError, NeedsJvmError
from process_engine.expressions.java_types import Long, text_of

WHOLE = re.compile(r"[+-]?0{0,1000}[0-9]{1,19}")
DOUBLE = re.compile(r"[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)(?=[fFdD]?$)")
HEXADECIMAL = re.compile(r"[+-]?0[xX]")
TRIMMED = "".join(map(chr, range(33)))
"""What Java cuts off at both ends of a number."""
LONGS = range(-(2**63), 2**63)


def to_boolean(value: Any) -> bool:
    """A Boolean; null and the empty string are false."""
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value.lower() == "true"
    raise _refused(value, "Boolean")


def to_text(value: Any) -> str:
    """A String; null is empty."""
    return "" if value is None else text_of(value)


def to_long(value: Any) -> Long:
    """A Long; null and the empty string are 0, fractions are cut off."""
    if value is None or value == "":
        return Long(0)
    if isinstance(value, str):
        if WHOLE.fullmatch(value) and int(value) in LONGS:
            return Long(int(value))
    elif isinstance(value, float):
        return _cut(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        return Long(value)
    raise _refused(value, "Long")


def to_double(value: Any) -> float:
    """A Double; null and the empty string are 0."""
    if value is None or value == "":
        return 0.0
    if isinstance(value, str):
        return _double_in(value.strip(TRIMMED))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise _refused(value, "Double")


def _double_in(text: str) -> float:
    number = DOUBLE.match(text)
    if number:
        return float(number[0].replace("Infinity", "inf"))
    if HEXADECIMAL.match(text):
        raise NeedsJvmError(f"only a JVM reads the number {text}")
    raise _refused(text, "Double")


def _cut(value: float) -> Long:
    if math.isnan(value):
        return Long(0)
    if math.isinf(value) or int(value) not in LONGS:
        return Long(LONGS[-1] if value > 0 else LONGS[0])
    return Long(int(value))


def _refused(value: Any, wanted: str) -> ExpressionError:
    return ExpressionError(f"Cannot coerce from {type(value).__name__} to {wanted}: {value!r}")
