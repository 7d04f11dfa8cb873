"""JUEL's arithmetic and comparisons.

Whole numbers are added up as Longs, which wrap around; everything else as Doubles. Division is always that of Doubles.

Source: NumberOperations, BooleanOperations.
"""

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

from process_engine.expressions.coercion import to_boolean, to_double, to_long, to_text
from process_engine.expressions.errors import ExpressionError, NeedsJvmError
from process_engine.expressions.java_types import Integer, Long, Short, is_whole


def _is_fraction(value: Any) -> bool:
    """Whether a number, also one in a string, is a Double."""
    return isinstance(value, float) or (isinstance(value, str) and any(sign in value for sign in ".eE"))


def _calculation(on_doubles: Callable[[float, float], float], on_longs: Callable[[int, int], int]) -> Any:
    def calculate(left: Any, right: Any) -> Any:
        if left is None and right is None:
            return Long(0)
        if _is_fraction(left) or _is_fraction(right):
            return on_doubles(to_double(left), to_double(right))
        return Long(on_longs(to_long(left), to_long(right)))

    return calculate


def _double_product(left: float, right: float) -> float:
    return left * right


def _double_remainder(left: float, right: float) -> float:
    if math.isnan(left) or math.isnan(right) or math.isinf(left) or right == 0:
        return math.nan
    return math.fmod(left, right)


def _long_remainder(left: int, right: int) -> int:
    if right == 0:
        raise ExpressionError("/ by zero")
    return int(math.copysign(1, left)) * (abs(left) % abs(right))


add = _calculation(lambda left, right: left + right, lambda left, right: left + right)
subtract = _calculation(lambda left, right: left - right, lambda left, right: left - right)
multiply = _calculation(_double_product, lambda left, right: left * right)
remainder = _calculation(_double_remainder, _long_remainder)


def divide(left: Any, right: Any) -> Any:
    """The quotient, a Double."""
    if left is None and right is None:
        return Long(0)
    dividend, divisor = to_double(left), to_double(right)
    if divisor == 0:
        if dividend == 0 or math.isnan(dividend):
            return math.nan
        return math.copysign(math.inf, dividend) * math.copysign(1, divisor)
    return dividend / divisor


def minus(value: Any) -> Any:
    """The number with the opposite sign, of the same type."""
    if value is None:
        return Long(0)
    if isinstance(value, str):
        return -to_double(value) if _is_fraction(value) else Long(-to_long(value))
    if isinstance(value, float):
        return -value
    if isinstance(value, Short | Integer):
        return type(value)(-value)
    if is_whole(value):
        return Long(-value)
    raise ExpressionError(f"Cannot negate {type(value).__name__}")


def is_empty(value: Any) -> bool:
    """Whether it is null, an empty string, an empty list or an empty map."""
    return value is None or (isinstance(value, str | list | tuple | dict) and not value)


def _is_double(value: Any) -> bool:
    return isinstance(value, float)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


COMPARED_AS: tuple[tuple[Callable[[Any], bool], Callable[[Any], Any]], ...] = (
    (_is_double, to_double),
    (is_whole, to_long),
    (_is_boolean, to_boolean),
    (_is_text, to_text),
)
"""The first type that one of two values has is the one in which they are compared."""


def equal(left: Any, right: Any) -> bool:
    """Whether two values are equal, once they are of one type."""
    if left is right:
        return True
    if left is None or right is None:
        return False
    for is_of_type, convert in COMPARED_AS:
        if is_of_type(left) or is_of_type(right):
            return _same(convert(left), convert(right))
    return _same_object(left, right)


def _same(left: Any, right: Any) -> bool:
    """As Java's equals: not-a-number equals itself, 0.0 is not -0.0."""
    if not isinstance(left, float):
        return left == right
    if math.isnan(left) or math.isnan(right):
        return math.isnan(left) and math.isnan(right)
    return left == right and math.copysign(1, left) == math.copysign(1, right)


def _same_object(left: Any, right: Any) -> bool:
    if isinstance(left, datetime) and isinstance(right, datetime):
        return left == right
    raise NeedsJvmError(f"only a JVM compares {type(left).__name__} with {type(right).__name__}")


def less(left: Any, right: Any) -> bool:
    """Whether one value is less than another; nothing is less than null, and null is not less than anything."""
    return left is not right and None not in (left, right) and _compare(left, right) == -1


def greater(left: Any, right: Any) -> bool:
    """The other way round."""
    return left is not right and None not in (left, right) and _compare(left, right) == 1


def less_or_equal(left: Any, right: Any) -> bool:
    """Whether one value is not greater than another."""
    return left is right or (left is not None and right is not None and _compare(left, right) != 1)


def greater_or_equal(left: Any, right: Any) -> bool:
    """Whether one value is not less than another."""
    return left is right or (left is not None and right is not None and _compare(left, right) != -1)


def _compare(left: Any, right: Any) -> int:
    """-1, 0 or 1; also 0 if not-a-number is among them, which is neither less nor greater."""
    if isinstance(left, float) or isinstance(right, float):
        return _sign(to_double(left), to_double(right))
    if is_whole(left) or is_whole(right):
        return _sign(to_long(left), to_long(right))
    if isinstance(left, str) or isinstance(right, str):
        return _sign(_units(to_text(left)), _units(to_text(right)))
    if isinstance(left, bool) and isinstance(right, bool):
        return _sign(left, right)
    if isinstance(left, datetime) and isinstance(right, datetime):
        return _sign(left, right)
    raise ExpressionError(f"Cannot compare {type(left).__name__} with {type(right).__name__}")


def _sign(left: Any, right: Any) -> int:
    return int(left > right) - int(left < right)


def _units(text: str) -> bytes:
    """Java compares strings by their UTF-16 units."""
    return text.encode("utf-16-be", "surrogatepass")
