"""All rows of all ACT_* tables of a database, whole, as plain values.

Nothing is left out but what a caller asks for: `REV_`, where transactions are cut differently, and the rows of the Java
engine's own batches, where they are only the way in which an operation was run.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from process_engine.schema import creation
from process_engine.schema.metadata import metadata
from support.peer.databases import Databases

Row = dict[str, Any]
"""Columns that are not null, by their names in upper case."""
Tables = dict[str, list[Row]]

assert creation.TABLE_MODULES  # importing it is what fills the metadata

BATCH_TYPES = {
    "batch-seed-job",
    "batch-monitor-job",
    "instance-migration",
    "instance-modification",
    "instance-restart",
    "instance-deletion",
    "historic-instance-deletion",
    "set-job-retries",
    "set-external-task-retries",
}
TYPE_COLUMNS = {"ACT_RU_JOB": "HANDLER_TYPE_", "ACT_RU_JOBDEF": "JOB_TYPE_", "ACT_HI_JOB_LOG": "JOB_DEF_TYPE_"}
NAMES = """
    select table_name from information_schema.tables
    where table_schema = 'public' and table_name like 'act\\_%' order by 1
"""


def read(server: Databases, database: str) -> Tables:
    """The dump of a PostgreSQL database."""
    tables: Tables = {}
    with server.connect(database) as connection:
        for (name,) in connection.execute(NAMES).fetchall():
            cursor = connection.execute(f'select * from "{name}"')
            columns = [column.name.upper() for column in cursor.description or ()]
            tables[name.upper()] = [_row(columns, values) for values in cursor]
    return tables


def read_embedded(engine: Engine) -> Tables:
    """The dump of a SQLite database with our schema."""
    tables: Tables = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            columns = [column.name.upper() for column in table.columns]
            rows = connection.execute(select(table)).all()
            tables[table.name.upper()] = [_row(columns, tuple(values)) for values in rows]
    return tables


def _row(columns: list[str], values: tuple[Any, ...]) -> Row:
    pairs = zip(columns, values, strict=True)
    return {column: _plain(value) for column, value in pairs if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return _text(bytes(value))
    return value


def _text(value: bytes) -> str:
    """Bytes readably: the text that they are, or their size and digest."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = "\0"
    return f"{len(value)} bytes, sha256 {hashlib.sha256(value).hexdigest()}" if "\0" in text else text


def without_revisions(tables: Tables) -> Tables:
    """The dump without the columns that count transactions."""
    return {
        table: [{column: value for column, value in row.items() if column != "REV_"} for row in rows]
        for table, rows in tables.items()
    }


def without_batches(tables: Tables) -> Tables:
    """The dump without the rows of the Java engine's own batches and of their jobs."""
    return {table: [row for row in rows if not _of_a_batch(table, row)] for table, rows in tables.items()}


def _of_a_batch(table: str, row: Row) -> bool:
    if table in ("ACT_RU_BATCH", "ACT_HI_BATCH"):
        return True
    is_batch_type = table in TYPE_COLUMNS and row.get(TYPE_COLUMNS[table]) in BATCH_TYPES
    return is_batch_type or (table.startswith("ACT_RU") and "BATCH_ID_" in row)


def only(tables: Tables, *names: str) -> Tables:
    return {name: rows for name, rows in tables.items() if name in names}


def without(tables: Tables, *names: str) -> Tables:
    return {name: rows for name, rows in tables.items() if name not in names}


def rows_of(tables: Tables) -> Iterator[tuple[str, Row]]:
    for table, rows in tables.items():
        for row in rows:
            yield table, row
