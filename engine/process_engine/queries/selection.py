"""From a query to the statement that finds its ids."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from process_engine.clock import Clock
from process_engine.queries.model import Query, QueryPart
from process_engine.queries.vocabulary import Asked, Filter, Related


def select_ids(query: Query, clock: Clock) -> Select[str]:
    """The statement for the ids that a query selects, in no order, each once.

    Args:
        query: What was asked.
        clock: The engine's time; the present decides what is locked or due.
    """
    vocabulary = query.vocabulary
    statement = select(vocabulary.id).where(*vocabulary.base, *_conditions(query, clock))
    if related := _related(query):
        statement = statement.select_from(vocabulary.rows).distinct()  # one row for each related row otherwise
        for each in related:
            statement = statement.outerjoin(each.rows, each.on)
    return statement


def effective(query: Query) -> dict[str, Any]:
    """What was understood, as plain JSON."""
    return query.model_dump(mode="json")


def _conditions(query: Query, clock: Clock) -> Iterator[ColumnElement[bool]]:
    yield from _part(query, clock, by_or=False)
    for each in query.or_queries:
        yield or_(*_part(each, clock, by_or=True))


def _part(part: QueryPart, clock: Clock, *, by_or: bool) -> Iterator[ColumnElement[bool]]:
    asked = Asked(part.filters, clock, by_or)
    for each, value in _given(part):
        yield from each.condition(value, asked)


def _given(part: QueryPart) -> Sequence[tuple[Filter, Any]]:
    filters = part.filters
    return [(each, filters[each.name]) for each in part.vocabulary.filters if each.name in filters]


def _related(query: Query) -> Sequence[Related]:
    given = [each for part in (query, *query.or_queries) for each, _ in _given(part)]
    return list(dict.fromkeys(each.related for each in given if each.related is not None))
