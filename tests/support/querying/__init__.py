"""Rows and questions for the four queries, asked of ours on both databases and of the Java engine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from process_engine.clock import Clock
from process_engine.queries.model import Query
from process_engine.queries.selection import select_ids
from support.rows import Rows

NOON = datetime(2030, 6, 1, 12)  # noqa: DTZ001 - local time of the engine, as the tables hold it
CLOCK = Clock("Europe/Berlin", lambda: datetime(2030, 6, 1, 10, tzinfo=UTC))
"""Noon in Berlin, two hours ahead of UTC."""


@dataclass(frozen=True)
class Case:
    """A query, and the ids of the stock that it selects.

    Attributes:
        filters: The query as it is written in a manifest.
        expected: What we select.
        java: What the Java engine selects where it differs, for the reason that the comment at the case gives.
    """

    filters: dict[str, Any]
    expected: set[str]
    java: set[str] | None = None

    def __str__(self) -> str:
        return str(self.filters)


@dataclass(frozen=True)
class Stock:
    """Rows that differ in what the filters of one query ask for.

    Attributes:
        name: Of the query in a manifest.
        kind: Its model.
        write: Writes the rows.
        cases: What is asked.
    """

    name: str
    kind: type[Query]
    write: Callable[[Rows], None]
    cases: Sequence[Case]


def ids(database: Engine, query: Query) -> list[str]:
    """The ids that a query selects, sorted; doubles stay visible."""
    with database.connect() as connection:
        return sorted(connection.scalars(select_ids(query, CLOCK)))


def selected(database: Engine, kind: type[Query], filters: Mapping[str, Any]) -> list[str]:
    """The same for a query as it is written in a manifest."""
    return ids(database, kind.model_validate(filters))
