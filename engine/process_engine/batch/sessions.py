"""Database sessions, by which a claim of a chunk is told to be alive: no leases, no clocks."""

from typing import cast

from sqlalchemy import ColumnElement, Connection, false, func, select, text

from process_engine.batch.tables import chunk
from process_engine.database import has_row_locks

SESSION = "pid || '/' || extract(epoch from backend_start)"
"""Names a PostgreSQL session so that no later one has the same name."""

EMBEDDED = "embedded"
"""The one session of SQLite, which has no sessions to ask about."""


def session_name(connection: Connection) -> str:
    """The name under which this connection claims chunks."""
    if not has_row_locks(connection):
        return EMBEDDED
    query = text(f"SELECT {SESSION} FROM pg_stat_activity WHERE pid = pg_backend_pid()")  # noqa: S608 - a constant
    return cast("str", connection.scalar(query))


def is_claimed(*, has_sessions: bool) -> ColumnElement[bool]:
    """The session that claimed a chunk lives: a pending chunk of which this is so is running."""
    if not has_sessions:
        return chunk.c.session.is_not(None)
    alive = select(text(f"{SESSION} FROM pg_stat_activity WHERE backend_type = 'client backend'"))
    return func.coalesce(chunk.c.session.in_(alive), False)


def is_claimed_by_another(session: ColumnElement[str | None], *, has_sessions: bool) -> ColumnElement[bool]:
    """The session that claimed a chunk lives and is not `session`; on SQLite, whose workers take turns, never."""
    if not has_sessions:
        return false()
    return is_claimed(has_sessions=True) & (chunk.c.session != session)
