"""What a query is made of: one table of filters, from which both its model and its SQL come.

A filter is a row: the family's REST name, the kind of its value, one line that describes it, and how it becomes SQL.
To know more of the family's vocabulary is to add rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, FromClause

from process_engine.clock import Clock


@dataclass(frozen=True)
class Asked:
    """The query, or the entry of its ``orQueries``, that a filter belongs to.

    Attributes:
        values: Its filters by name.
        clock: Turns instants into what the tables hold.
        by_or: The filters are joined by OR.
    """

    values: Mapping[str, Any]
    clock: Clock
    by_or: bool = False


Condition = Callable[[Any, Asked], Sequence[ColumnElement[bool]]]


@dataclass(frozen=True, eq=False)
class Related:
    """Rows of another table that filters speak of.

    They are joined once for the whole query, as the family does: two filters on incidents are about one incident.

    Attributes:
        rows: The table.
        on: Joins it to the rows that are selected.
    """

    rows: FromClause
    on: ColumnElement[bool]


def nothing(_value: Any, _asked: Asked) -> Sequence[ColumnElement[bool]]:
    """No condition of its own: the filter changes what another one means."""
    return ()


@dataclass(frozen=True, eq=False)
class Filter:
    """One row of a vocabulary.

    Attributes:
        name: The family's name in its REST interface.
        kind: Type of the value, with its bounds.
        description: One line for people.
        condition: The SQL; several conditions are joined as the filters are.
        related: The table it speaks of, where that is not the selected one.
        modifies: The filter whose meaning it changes, for one that restricts nothing itself.
    """

    name: str
    kind: Any
    description: str
    condition: Condition
    related: Related | None = None
    modifies: str | None = None


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The filters of one query and the rows they select from.

    Attributes:
        subject: What is selected, in words.
        rows: The table.
        id: The column with the ids.
        base: What is true of every selected row.
        filters: The rows of the table.
        exclusive: Names that contradict each other, or of which one would make the other vanish.
        ascending: Pairs (after, before) that must leave something between them.
        single: Names of which at most one can be true of an instance.
        has_or_queries: The family has ``orQueries`` for it.
    """

    subject: str
    rows: FromClause
    id: ColumnElement[str]
    filters: Sequence[Filter]
    base: Sequence[ColumnElement[bool]] = ()
    exclusive: Sequence[tuple[str, str]] = ()
    ascending: Sequence[tuple[str, str]] = ()
    single: Sequence[str] = ()
    has_or_queries: bool = False
    by_name: Mapping[str, Filter] = field(init=False)

    def __post_init__(self) -> None:
        """Index the filters."""
        object.__setattr__(self, "by_name", {each.name: each for each in self.filters})
