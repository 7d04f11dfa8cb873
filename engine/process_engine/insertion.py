"""Inserts many rows of one table with one statement."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from process_engine.database import rows_of


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`; all have the keys of the first, columns that are not named stay null."""
    if not rows:
        return
    types = {name: table.c[name].type for name in rows[0]}
    given = rows_of(connection, "given", types, [[row[name] for name in types] for row in rows])
    connection.execute(insert(table).from_select(list(types), select(given)))
