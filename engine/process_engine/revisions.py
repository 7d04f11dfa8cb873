"""Optimistic locking: writes that compare REV_ with what was read, many rows in one statement.

A statement that reads and writes a row at once, or writes one that was locked before it was read, needs no comparison:
what it saw cannot have changed.

Source: DbEntityManager, OptimisticLockingException.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, FromClause, Integer, String, Table, update
from sqlalchemy.types import TypeEngine

from process_engine.database import rows_of
from process_engine.errors import OptimisticLockingError

Revision = tuple[str, int | None]
"""``ID_`` and ``REV_`` of a row as they were read."""

REVISION_COLUMNS: dict[str, TypeEngine[Any]] = {"id": String(), "rev": Integer()}


def update_revised(
    connection: Connection, table: Table, revisions: Sequence[Revision], values: Mapping[str, Any]
) -> None:
    """Set the same `values` (literals or SQL expressions) in many rows and bump their revisions.

    Raises:
        OptimisticLockingError: A row is gone or has another revision.
    """
    if not revisions:
        return
    given = rows_of(connection, "given", REVISION_COLUMNS, revisions)
    statement = update(table).where(*_at_revision(table, given)).values(rev_=table.c.rev_ + 1, **values)
    _expect(table, len(revisions), connection.execute(statement).rowcount)


def update_each(
    connection: Connection, table: Table, types: Mapping[str, TypeEngine[Any]], rows: Sequence[Sequence[Any]]
) -> None:
    """Set columns of many rows, each its own values, and bump their revisions.

    Args:
        connection: The caller commits.
        table: Of the rows.
        types: The columns that are set.
        rows: ``ID_``, ``REV_`` as it was read, and the values.

    Raises:
        OptimisticLockingError: A row is gone or has another revision.
    """
    if not rows:
        return
    given = rows_of(connection, "given", REVISION_COLUMNS | dict(types), rows)
    values = {name: given.c[name] for name in types}
    statement = update(table).where(*_at_revision(table, given)).values(rev_=table.c.rev_ + 1, **values)
    _expect(table, len(rows), connection.execute(statement).rowcount)


def _at_revision(table: Table, given: FromClause) -> tuple[Any, ...]:
    return table.c.id_ == given.c.id, table.c.rev_ == given.c.rev


def _expect(table: Table, expected: int, actual: int) -> None:
    if actual != expected:
        raise OptimisticLockingError(table.name.upper(), expected, actual)
