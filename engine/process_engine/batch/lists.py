"""Lists in columns of the ledger, made of many rows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from process_engine.database import StringList


class _ListOf(FunctionElement[Sequence[str]]):
    """An aggregate: the values of a column in the order of another, as one list."""

    type = StringList()
    inherit_cache = True
    name = "list_of"


def list_of(expression: ColumnElement[Any], order: ColumnElement[Any]) -> ColumnElement[Sequence[str]]:
    """Aggregate to a list. The rows must come in that order too: not every database orders within an aggregate."""
    return _ListOf(expression, order)


@compiles(_ListOf, "postgresql")
def _list_of_postgresql(element: _ListOf, compiler: SQLCompiler, **options: Any) -> str:
    expression, order = element.clauses
    return f"array_agg({compiler.process(expression, **options)} ORDER BY {compiler.process(order, **options)})"


@compiles(_ListOf)
def _list_of_elsewhere(element: _ListOf, compiler: SQLCompiler, **options: Any) -> str:
    expression, _ = element.clauses
    return f"json_group_array({compiler.process(expression, **options)})"
