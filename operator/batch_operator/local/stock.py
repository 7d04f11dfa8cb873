"""A stock of process instances: rows that a Java engine made, written once, and again under new ids as often as wanted.

The project runs no processes; whoever wants to try it out needs instances all the same.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, Engine, LargeBinary, Table, insert

from process_engine.ids import IdGenerator, TimeOrderedIds
from process_engine.schema import creation
from process_engine.schema.metadata import metadata

COPIES_AT_ONCE = 50
BETWEEN_COPIES = timedelta(minutes=1)
ONCE = frozenset({"act_re_deployment", "act_re_procdef", "act_ru_jobdef"})
"""Tables about definitions and not about instances."""
BUSINESS_KEY = "business_key_"

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows by table, in an order in which they can be inserted."""


def read_stock(path: Path) -> Rows:
    """Read a stock file: for each table its columns and its rows, times as text and bytes in base64."""
    if not creation.TABLE_MODULES:
        raise ValueError("no tables are declared")  # the import fills the metadata
    content = json.loads(path.read_text(encoding="utf-8"))
    return {
        table.name: _referred_first(
            [_row(table, content[table.name]["columns"], row) for row in content[table.name]["rows"]]
        )
        for table in metadata.sorted_tables
        if table.name in content
    }


def _row(table: Table, columns: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    return {name: _value(table, name, value) for name, value in zip(columns, values, strict=True)}


def _value(table: Table, column: str, value: Any) -> Any:
    if value is None:
        return None
    kind = table.c[column].type
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    return base64.b64decode(value) if isinstance(kind, LargeBinary) else value


def _referred_first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in an order in which foreign keys to the same table hold at once: callers and parents before others."""
    waiting, ordered = {row.get("id_"): row for row in rows}, list[dict[str, Any]]()
    while waiting:
        free = [row for id_, row in waiting.items() if not (waiting.keys() & _texts(row)) - {id_}]
        for row in free or [next(iter(waiting.values()))]:
            ordered.append(waiting.pop(row.get("id_")))
    return ordered


def _texts(row: Mapping[str, Any]) -> set[str]:
    return {value for value in row.values() if isinstance(value, str)}


def fill(database: Engine, stock: Rows, copies: int, new_id: IdGenerator | None = None) -> int:
    """Insert a stock into an engine's database, its instances `copies` times.

    Returns:
        The number of process instances.
    """
    generate = new_id or TimeOrderedIds()
    shift = datetime.now(UTC).replace(tzinfo=None) - _newest(stock)
    with database.begin() as connection:
        _insert(connection, {name: [row for row in rows if _is_once(name, row)] for name, rows in stock.items()})
    for start in range(0, copies, COPIES_AT_ONCE):
        with database.begin() as connection:
            for number in range(start, min(start + COPIES_AT_ONCE, copies)):
                _insert(connection, dict(_Copy(stock, number, shift, generate).rows()))
    return copies * len(stock.get("act_hi_procinst", ()))


def _newest(stock: Rows) -> datetime:
    times = [value for rows in stock.values() for row in rows for value in row.values() if isinstance(value, datetime)]
    return max(times, default=datetime.now(UTC).replace(tzinfo=None))


def _is_once(table: str, row: Mapping[str, Any]) -> bool:
    return table in ONCE or (table == "act_ge_bytearray" and row.get("deployment_id_") is not None)


def _insert(connection: Connection, rows: Rows) -> None:
    for table in metadata.sorted_tables:
        if found := rows.get(table.name):
            connection.execute(insert(table), list(found))


class _Copy:
    """The instances of a stock under new ids; the first copy keeps the old ones, so that manifests can name some."""

    def __init__(self, stock: Rows, number: int, shift: timedelta, new_id: IdGenerator) -> None:
        self._stock = stock
        self._number = number
        self._shift = shift - number * BETWEEN_COPIES
        rows = [row for name, table in stock.items() for row in table if not _is_once(name, row)]
        ids = [row["id_"] for row in rows if "id_" in row]
        self._ids = {id_: self._renewed(id_, new_id()) for id_ in ids} if number else {}

    @staticmethod
    def _renewed(old: str, new: str) -> str:
        activity, colon, _ = old.rpartition(":")  # an activity instance is named by its activity and an id
        return f"{activity}{colon}{new}"

    def rows(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """The rows of each table."""
        for name, rows in self._stock.items():
            yield name, [self._renamed(row) for row in rows if not _is_once(name, row)]

    def _renamed(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {column: self._value(column, value) for column, value in row.items()}

    def _value(self, column: str, value: Any) -> Any:
        if isinstance(value, datetime):
            return value + self._shift
        if not isinstance(value, str):
            return value
        if column == BUSINESS_KEY:
            return f"{value}-{self._number + 1}"
        return self._ids.get(value, value)
