"""Inserts many rows of one table with one statement."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, Table, insert, select
from sqlalchemy.types import TypeEngine

from process_engine.database import row_values, values_parameter


def insert_rows(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    missing: Collection[tuple[str, str]] = (),
) -> None:
    """Insert many rows.

    Args:
        connection: The caller commits.
        table: Where.
        rows: All have the keys of the first; columns that are not named stay null.
        missing: Columns, as table and name, that the database does not have; they are left out.
    """
    if not rows:
        return
    names = tuple(name for name in rows[0] if (table.name, name) not in missing)
    given = row_values(connection, _types(table, names), [[row[name] for name in names] for row in rows])
    connection.execute(_inserting(table, names), given)


def _types(table: Table, names: Sequence[str]) -> dict[str, TypeEngine[Any]]:
    return {name: table.c[name].type for name in names}


@cache
def _inserting(table: Table, names: tuple[str, ...]) -> Insert:
    return insert(table).from_select(list(names), select(values_parameter(_types(table, names))))
