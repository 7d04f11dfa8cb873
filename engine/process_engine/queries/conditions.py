"""How a filter's value is compared: small builders of SQL conditions, each over one column."""

from collections.abc import Sequence
from operator import ge, gt, le, lt
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Dialect, Select, String, bindparam, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from process_engine.database import database_of, in_values
from process_engine.queries.vocabulary import Asked, Condition


def equals(column: ColumnElement[Any]) -> Condition:
    """The column is the value."""
    return lambda value, _: [column == value]


def among(column: ColumnElement[Any]) -> Condition:
    """The column is one of the values."""
    return lambda values, _: [in_values(column, values)]


def not_among(column: ColumnElement[Any]) -> Condition:
    """The column is set, and none of the values."""
    return lambda values, _: [~in_values(column, values)]


def like(column: ColumnElement[Any]) -> Condition:
    """The column matches the pattern."""
    return lambda pattern, _: [matches(column, pattern)]


def at_least(column: ColumnElement[Any]) -> Condition:
    """The column is a number not below the value."""
    return lambda value, _: [column >= value]


def at_most(column: ColumnElement[Any]) -> Condition:
    """The column is a number not above the value."""
    return lambda value, _: [column <= value]


def since(column: ColumnElement[Any]) -> Condition:
    """The column is a time at or after the value."""
    return _in_time(column, ge)


def until(column: ColumnElement[Any]) -> Condition:
    """The column is a time at or before the value."""
    return _in_time(column, le)


def after(column: ColumnElement[Any]) -> Condition:
    """The column is a time after the value."""
    return _in_time(column, gt)


def before(column: ColumnElement[Any]) -> Condition:
    """The column is a time before the value."""
    return _in_time(column, lt)


def _in_time(column: ColumnElement[Any], compare: Any) -> Condition:
    return lambda moment, asked: [compare(column, asked.clock.local(moment))]


def is_true(*conditions: ColumnElement[bool]) -> Condition:
    """A flag that stands for all of these."""
    return lambda _value, _asked: [_all(conditions)]


def is_in(column: ColumnElement[Any], rows: Select[Any], inner: Condition) -> Condition:
    """The column is in a subquery that the inner condition restricts."""

    def condition(value: Any, asked: Asked) -> Sequence[ColumnElement[bool]]:
        return [column.in_(rows.where(*inner(value, asked)))]

    return condition


def _all(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    first, *rest = conditions
    for each in rest:
        first = first & each
    return first


class _Pattern(TypeDecorator[str]):
    """A LIKE pattern, escaped by a backslash. Where LIKE ignores case it becomes a GLOB pattern."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Translate for the database."""
        return glob_pattern(value) if value is not None and database_of(dialect).likes_by_glob else value


def glob_pattern(pattern: str) -> str:
    """The GLOB pattern that matches what a LIKE pattern does."""
    result: list[str] = []
    characters = iter(pattern)
    for character in characters:
        wildcard = {"%": "*", "_": "?"}.get(character)
        literal = next(characters, "") if character == "\\" else character
        result.append(wildcard or (f"[{literal}]" if literal in ("*", "?", "[") else literal))
    return "".join(result)


class _Matches(FunctionElement[bool]):
    """A column that matches a LIKE pattern, upper and lower case being different."""

    type = Boolean()
    inherit_cache = True
    name = "matches"
    _is_implicitly_boolean = True


def matches(expression: ColumnElement[Any], pattern: str, *, ignore_case: bool = False) -> ColumnElement[bool]:
    """`expression` matches `pattern`: ``%`` any text, ``_`` one character, a backslash escapes."""
    parameter: ColumnElement[Any] = bindparam(None, pattern, type_=_Pattern(), unique=True)
    if ignore_case:
        expression, parameter = func.upper(expression), func.upper(parameter)
    return _Matches(expression, parameter)


@compiles(_Matches)
def _matches(element: _Matches, compiler: SQLCompiler, **options: Any) -> str:
    expression, pattern = (compiler.process(each, **options) for each in element.clauses)
    return f"{expression} LIKE {pattern} ESCAPE '\\'"


@compiles(_Matches, "sqlite")
def _matches_sqlite(element: _Matches, compiler: SQLCompiler, **options: Any) -> str:
    expression, pattern = (compiler.process(each, **options) for each in element.clauses)
    return f"{expression} GLOB {pattern}"


__all__ = [
    "after", "among", "at_least", "at_most", "before", "equals", "glob_pattern", "is_in", "is_true", "like",
    "matches", "not_among", "since", "until",
]  # fmt: skip
