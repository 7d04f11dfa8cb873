"""Filters on variables: typed by their value, as the family's REST interface types them.

A whole number is compared with variables of all four number types, a number with a fraction only with doubles; text in
the family's date format is a date. A given ``type`` takes exactly that type.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter, eq, ge, gt, le, lt
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    model_serializer,
    model_validator,
)
from sqlalchemy import ColumnElement, FromClause, and_, func, not_, or_, select

from process_engine.queries.conditions import matches
from process_engine.queries.kinds import LARGEST_LONG, MOMENT_PATTERN, Bounded, Text
from process_engine.queries.vocabulary import Asked, Condition

MOST_VARIABLES = 20
LONGEST_VALUE = 4000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DATE_PATTERN = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}$"
WHOLE_NUMBERS = {"short": 2**15 - 1, "integer": 2**31 - 1, "long": LARGEST_LONG}

Operator = Literal["eq", "neq", "gt", "gteq", "lt", "lteq", "like", "notLike"]
TypeName = Literal["String", "Integer", "Short", "Long", "Double", "Boolean", "Date", "Null"]
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "eq": eq, "neq": eq, "gt": gt, "gteq": ge, "lt": lt, "lteq": le,
}  # fmt: skip
NEGATED = frozenset({"neq", "notLike"})  # the family negates the whole comparison, so another type counts as unequal
ONLY_EQUALITY = frozenset({"eq", "neq"})


@dataclass(frozen=True)
class Stored:
    """A value as a variable of one type stores it.

    Attributes:
        type_name: Of the serializer; None where any type will do.
        column: Where the value stands; None for a value that is nowhere.
        value: What stands there.
    """

    type_name: str | None
    column: str | None
    value: Any = None


class VariableCondition(BaseModel):
    """A comparison with a variable, for example {name: amount, operator: gteq, value: 1000}."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text = Field(description="Name of the variable.")
    operator: Operator = Field(description="eq, neq, gt, gteq, lt, lteq, like or notLike.")
    value: StrictBool | StrictInt | StrictFloat | StrictStr | None = Field(
        default=None,
        description="Text, number, true, false or null; it also says which types of variables are compared. "
        "Where nulls get lost on the way, null is written as type: Null without a value.",
    )
    type: TypeName | None = Field(
        default=None, description="Compare only with variables of this type; without it the value says which."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if "value" not in self.model_fields_set and self.type != "Null":
            raise ValueError("value is missing; null is written as type: Null")
        if isinstance(self.value, str) and len(self.value) > LONGEST_VALUE:
            raise ValueError(f"value has more than {LONGEST_VALUE} characters")
        stored = self.stored()
        if self.operator in ("like", "notLike"):
            if not isinstance(self.value, str) or stored[0].type_name != "string":
                raise ValueError(f"operator {self.operator} needs a text as value")
        elif self.operator not in ONLY_EQUALITY and (self.value is None or isinstance(self.value, bool)):
            raise ValueError(f"true, false and null can be compared by eq and neq only, not by {self.operator}")
        return self

    @model_serializer(mode="wrap")
    def _without_unset_type(self, serialise: Any) -> dict[str, Any]:
        return {name: value for name, value in serialise(self).items() if name != "type" or value is not None}

    def stored(self) -> Sequence[Stored]:
        """The value as variables of all types that it is compared with would store it."""
        if self.type is not None:
            return [_of_type(self.type, self.value)]
        if isinstance(self.value, bool):
            return [Stored("boolean", "long_", int(self.value))]
        if isinstance(self.value, int | float):
            return _numbers(self.value)
        if self.value is None:
            return [Stored(None, None)]
        is_date = self.operator not in ("like", "notLike") and re.match(DATE_PATTERN, self.value)
        return [_date(self.value) if is_date else Stored("string", "text_", self.value)]


def _numbers(value: float) -> Sequence[Stored]:
    """All number types that hold the value without losing anything of it."""
    if value in (float("inf"), float("-inf")) or value != value:  # noqa: PLR0124  (only NaN differs from itself)
        raise ValueError("value must be a finite number")
    fitting = [Stored(name, "long_", int(value)) for name, most in WHOLE_NUMBERS.items() if _fits(value, most)]
    return [*fitting, Stored("double", "double_", _double(value))]


def _double(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        raise ValueError("value is too large") from None


def _fits(value: float, most: int) -> bool:
    return value == int(value) and -most - 1 <= value <= most


def _date(text: str) -> Stored:
    moment = datetime.fromisoformat(text)
    return Stored("date", "long_", (moment - EPOCH) // timedelta(milliseconds=1))


def _of_type(name: TypeName, value: Any) -> Stored:
    lower = name.lower()
    if value is None:
        return Stored(None if name == "Null" else lower, None)
    if name == "String" and isinstance(value, str):
        return Stored(lower, "text_", value)
    if name == "Boolean" and isinstance(value, bool):
        return Stored(lower, "long_", int(value))
    if name == "Date" and isinstance(value, str) and re.match(MOMENT_PATTERN, value):
        return _date(value)
    if not isinstance(value, bool) and isinstance(value, int | float):
        for stored in _numbers(value):
            if stored.type_name == lower:
                return stored
    raise ValueError(f"{value!r} is no value of type {name}")


@dataclass(frozen=True, eq=False)
class VariableTable:
    """The table that variables are looked up in.

    Attributes:
        table: ``ACT_RU_VARIABLE`` or ``ACT_HI_VARINST``.
        type_column: Name of the column with the serializer's name.
        belongs: Makes a variable one of the selected row.
        by_name: Conditions on one name are about one and the same variable.
    """

    table: FromClause
    type_column: str
    belongs: ColumnElement[bool]
    by_name: bool = False

    def condition(self) -> Condition:
        """The condition of the filter."""
        return self._of_all

    def _of_all(self, conditions: Sequence[VariableCondition], asked: Asked) -> Sequence[ColumnElement[bool]]:
        if not self.by_name or asked.by_or:
            return [self._exists([each], asked) for each in conditions]
        ordered = sorted(conditions, key=attrgetter("name"))
        return [self._exists(group, asked) for _, group in groupby(ordered, key=attrgetter("name"))]

    def _exists(self, conditions: Iterable[VariableCondition], asked: Asked) -> ColumnElement[bool]:
        columns = self.table.c
        ignore_names = bool(asked.values.get("variableNamesIgnoreCase"))
        ignore_values = bool(asked.values.get("variableValuesIgnoreCase"))
        parts = [
            part
            for each in conditions
            for part in (
                _text_equals(columns["name_"], each.name, ignore_case=ignore_names),
                self._compare(each, ignore_case=ignore_values),
            )
        ]
        return select(columns["id_"]).where(self.belongs, *parts).exists()

    def _compare(self, condition: VariableCondition, *, ignore_case: bool) -> ColumnElement[bool]:
        either = or_(*(self._compare_stored(condition, each, ignore_case) for each in condition.stored()))
        return not_(either) if condition.operator in NEGATED else either

    def _compare_stored(self, condition: VariableCondition, stored: Stored, ignore_case: bool) -> ColumnElement[bool]:
        columns = self.table.c
        type_name = columns[self.type_column]
        # type_ is not null and type_ = :type and long_ is not null and long_ >= :value: never unknown, so NOT is safe
        typed = [] if stored.type_name is None else [type_name.is_not(None), type_name == stored.type_name]
        if stored.column is None:
            empty = [columns[each].is_(None) for each in ("text_", "text2_", "long_", "double_", "bytearray_id_")]
            return and_(*typed, *empty)
        column = columns[stored.column]
        return and_(*typed, column.is_not(None), _compare_column(condition.operator, column, stored, ignore_case))


def _compare_column(
    operator: Operator, column: ColumnElement[Any], stored: Stored, ignore_case: bool
) -> ColumnElement[bool]:
    ignore_case = ignore_case and stored.column == "text_"
    if operator in ("like", "notLike"):
        return matches(column, stored.value, ignore_case=ignore_case)
    compare = COMPARE[operator]
    if ignore_case:
        return compare(func.upper(column), func.upper(stored.value))
    return compare(column, stored.value)


def _text_equals(column: ColumnElement[Any], text: str, *, ignore_case: bool) -> ColumnElement[bool]:
    return func.upper(column) == func.upper(text) if ignore_case else column == text


VariableConditions = Annotated[tuple[VariableCondition, ...], Bounded(MOST_VARIABLES)]
