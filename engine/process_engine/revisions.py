"""Optimistic locking: writes that compare REV_ with what was read, many rows in one statement.

A statement that reads and writes a row at once, or writes one that was locked before it was read, needs no comparison:
what it saw cannot have changed.

Source: DbEntityManager, OptimisticLockingException.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, FromClause, Integer, String, Table, Update, bindparam, update
from sqlalchemy.types import TypeEngine

from process_engine.database import row_values, values_parameter
from process_engine.errors import OptimisticLockingError

Revision = tuple[str, int | None]
"""``ID_`` and ``REV_`` of a row as they were read."""

REVISION_COLUMNS: dict[str, TypeEngine[Any]] = {"id": String(), "rev": Integer()}


def update_revised(
    connection: Connection, table: Table, revisions: Sequence[Revision], values: Mapping[str, Any]
) -> None:
    """Set the same `values` in many rows and bump their revisions.

    Raises:
        OptimisticLockingError: A row is gone or has another revision.
    """
    if not revisions:
        return
    given = row_values(connection, REVISION_COLUMNS, revisions)
    common = {f"new_{name}": value for name, value in values.items()}
    done = connection.execute(_updating(table, tuple(values)), given | common)
    _expect(table, len(revisions), done.rowcount)


def update_each(
    connection: Connection, table: Table, types: Mapping[str, TypeEngine[Any]], rows: Sequence[Sequence[Any]]
) -> None:
    """Set columns of many rows, each its own values, and bump their revisions.

    Args:
        connection: The caller commits.
        table: Of the rows.
        types: The columns that are set; declared once, for the statement is kept with the very types.
        rows: ``ID_``, ``REV_`` as it was read, and the values.

    Raises:
        OptimisticLockingError: A row is gone or has another revision.
    """
    if not rows:
        return
    given = row_values(connection, REVISION_COLUMNS | dict(types), rows)
    done = connection.execute(_updating_each(table, tuple(types.items())), given)
    _expect(table, len(rows), done.rowcount)


@cache
def _updating(table: Table, names: tuple[str, ...]) -> Update:
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    return _revised(table, values_parameter(REVISION_COLUMNS)).values(values)


@cache
def _updating_each(table: Table, types: tuple[tuple[str, TypeEngine[Any]], ...]) -> Update:
    given = values_parameter(REVISION_COLUMNS | dict(types))
    return _revised(table, given).values({name: given.c[name] for name, _ in types})


def _revised(table: Table, given: FromClause) -> Update:
    at_revision = table.c.id_ == given.c.id, table.c.rev_ == given.c.rev
    return update(table).where(*at_revision).values(rev_=table.c.rev_ + 1)


def _expect(table: Table, expected: int, actual: int) -> None:
    if actual != expected:
        raise OptimisticLockingError(table.name.upper(), expected, actual)
