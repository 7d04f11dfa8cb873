"""Conditions and expressions that each database says in its own words; how, its module tells.

Names tell when values are known: `in_values` when the statement is made, `in_parameter` when it is executed,
`in_subquery` by the database alone.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, DateTime, Row, String, bindparam
from sqlalchemy.sql.functions import FunctionElement

from process_engine.database.lists import StringList

AnyRow = Row[*tuple[Any, ...]]
"""A row of a statement whose columns a caller picks by name."""


class InValues(FunctionElement[bool]):
    """A column that equals one of many values, which are one parameter."""

    type = Boolean()
    inherit_cache = True
    name = "in_values"
    _is_implicitly_boolean = True  # or SQLite gets "= 1" behind it and does not use its index


def in_values(expression: ColumnElement[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """`expression` is one of `values`: one parameter, whatever their number."""
    return InValues(expression, bindparam(None, tuple(values), type_=StringList(), unique=True))


def in_parameter(expression: ColumnElement[Any], name: str = "ids") -> ColumnElement[bool]:
    """`expression` is one of the values that a statement is given under `name` when it is executed.

    For statements that are made once: to make one anew for each chunk takes longer than to send it.
    """
    return InValues(expression, bindparam(name, type_=StringList()))


def holds(values: ColumnElement[Any], value: str) -> ColumnElement[bool]:
    """The list in column `values` holds `value`; true of no null list."""
    return InValues(bindparam(None, value, type_=String(), unique=True), values)


class InSubquery(FunctionElement[bool]):
    """A column that equals one of a subquery's values, which the database computes first."""

    type = Boolean()
    inherit_cache = True
    name = "in_subquery"
    _is_implicitly_boolean = True  # or SQLite gets "= 1" behind it and does not use its index


def in_subquery(expression: ColumnElement[Any], subquery: Any) -> ColumnElement[bool]:
    """`expression` is in `subquery`, planned as look-ups of its values.

    PostgreSQL plans ``IN (SELECT …)`` over a large table as a hash join that scans it whole; an array of the
    subquery's values makes it use the index.
    """
    return InSubquery(expression, subquery.scalar_subquery())


class MillisecondsBetween(FunctionElement[int]):
    """The milliseconds from one local time to a later one."""

    type = BigInteger()
    inherit_cache = True
    name = "milliseconds_between"


NOW = bindparam("now", type_=DateTime())
"""The transaction's time, which a statement is given when it is executed."""


def milliseconds_since(earlier: ColumnElement[Any]) -> ColumnElement[int]:
    """How many milliseconds a column's time is before `NOW`."""
    return MillisecondsBetween(earlier, NOW)


class ListOf(FunctionElement[Sequence[str]]):
    """An aggregate: the values of a column in the order of another, as one list."""

    type = StringList()
    inherit_cache = True
    name = "list_of"


def list_of(expression: ColumnElement[Any], order: ColumnElement[Any]) -> ColumnElement[Sequence[str]]:
    """Aggregate to a list. The rows must come in that order too: not every database orders within an aggregate."""
    return ListOf(expression, order)
