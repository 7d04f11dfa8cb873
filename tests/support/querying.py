"""What the tests of all four queries share: a clock that stands, and running a query against a database."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from process_engine.clock import Clock
from process_engine.queries import Query, select_ids

NOON = datetime(2030, 6, 1, 12)  # noqa: DTZ001 - local time of the engine, as the tables hold it
CLOCK = Clock("Europe/Berlin", lambda: datetime(2030, 6, 1, 10, tzinfo=UTC))
"""Noon in Berlin, two hours ahead of UTC."""


def ids(database: Engine, query: Query) -> list[str]:
    """The ids that a query selects, sorted; doubles stay visible."""
    with database.connect() as connection:
        return sorted(connection.scalars(select_ids(query, CLOCK)))


def selected(database: Engine, kind: type[Query], filters: Mapping[str, Any]) -> list[str]:
    """The same for a query as it is written in a manifest."""
    return ids(database, kind.model_validate(filters))
