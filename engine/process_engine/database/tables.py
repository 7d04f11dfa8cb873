"""Rows from Python as a table that statements can join; a constant number of parameters, whatever that of rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, BindParameter, Connection, FromClause, Text, bindparam, column
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from process_engine.database.database import database_of
from process_engine.database.lists import list_of_type


class ValuesTable(FunctionElement[Any]):
    """Rows as a table: an array a column on PostgreSQL, one JSON text elsewhere. Each way its own parameters."""

    inherit_cache = True
    name = "rows"

    def __init__(self, *arguments: BindParameter[Any], columns: Mapping[str, TypeEngine[Any]]) -> None:
        super().__init__(*arguments)
        self.given_columns = list(columns)


def values_parameter(types: Mapping[str, TypeEngine[Any]]) -> FromClause:
    """Rows that a statement is given when it is executed, see `row_values`, as a table that it can join.

    Args:
        types: Columns in the order of each row's values.
    """
    arrays = [bindparam(f"given_{label}", type_=_array_of(kind)) for label, kind in types.items()]
    return _table(ValuesTable(*arrays, bindparam("given", type_=Text()), columns=types), "given", types)


def row_values(
    connection: Connection, types: Mapping[str, TypeEngine[Any]], rows: Sequence[Sequence[Any]]
) -> dict[str, Any]:
    """The parameters of a statement that is given `rows`."""
    return database_of(connection).row_values(connection.dialect, types, rows)


def values_table(
    connection: Connection, name: str, types: Mapping[str, TypeEngine[Any]], rows: Sequence[Sequence[Any]]
) -> FromClause:
    """Rows from Python as a table that statements can join; a constant number of parameters.

    Args:
        connection: Tells the dialect.
        name: Of the table in the statement.
        types: Columns in the order of each row's values.
        rows: The values.
    """
    values = row_values(connection, types, rows)
    arrays = [
        bindparam(None, values.get(f"given_{label}"), type_=_array_of(kind), unique=True)
        for label, kind in types.items()
    ]
    text = bindparam(None, values.get("given"), type_=Text(), unique=True)
    return _table(ValuesTable(*arrays, text, columns=types), name, types)


def _table(rows: ValuesTable, name: str, types: Mapping[str, TypeEngine[Any]]) -> FromClause:
    return rows.table_valued(*(column(label, kind) for label, kind in types.items()), name=name)


def _array_of(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return list_of_type(kind) or ARRAY(kind)
