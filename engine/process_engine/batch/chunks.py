"""Chunks: claimed in one short transaction, run and marked in another.

The row lock of the second transaction is the sign of life: a worker that dies leaves either nothing or everything of
its chunk, and the attempt that the first transaction counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from process_engine.batch.tables import ChunkState, batch, chunk, failure, hand_over
from process_engine.database import Database, database_of
from process_engine.errors import ProcessEngineError
from process_engine.insertion import insert_rows
from process_engine.operation_base.outcome import Outcome

BATCH = bindparam("of_batch", type_=chunk.c.batch_id.type)
POSITION = bindparam("at_position", type_=chunk.c.position.type)
SESSION = bindparam("by_session", type_=chunk.c.session.type)
CLAIMED = bindparam("claimed_at", type_=chunk.c.claimed_time.type)
"""What the statements of each chunk are given."""

DIRECTIVES = select(
    batch.c.suspended,
    batch.c.max_attempts,
    batch.c.stop_after_failed_items,
    select(func.count()).where(failure.c.batch_id == BATCH).scalar_subquery(),
).where(batch.c.batch_id == BATCH)
IS_PENDING = (
    chunk.c.batch_id == BATCH,
    chunk.c.position == POSITION,
    chunk.c.state == ChunkState.PENDING.value,
)
HELD = select(chunk.c.attempts).where(*IS_PENDING).with_for_update(nowait=True)
CHANGED = update(chunk).where(*IS_PENDING)


@cache
def _claiming(database: Database) -> ReturningUpdate[int, int, list[str], list[str | None] | None]:
    """Claim the first pending chunk that no other session has, and count the attempt."""
    # UPDATE chunk SET attempts = attempts + 1, session = :by_session, claimed_time = coalesce(claimed_time, …)
    # WHERE batch_id = … AND position = (SELECT position FROM chunk WHERE … AND NOT <claimed by a session
    #   that lives and is another> ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING …
    first = (
        select(chunk.c.position)
        .where(chunk.c.batch_id == BATCH, chunk.c.state == ChunkState.PENDING.value)
        .where(~database.is_alive_elsewhere(chunk.c.session, SESSION))
        .order_by(chunk.c.position)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    return (
        update(chunk)
        .where(chunk.c.batch_id == BATCH, chunk.c.position == first)
        .values(
            attempts=chunk.c.attempts + 1,
            session=SESSION,
            claimed_time=func.coalesce(chunk.c.claimed_time, CLAIMED),
        )
        .returning(chunk.c.position, chunk.c.attempts, chunk.c.item_ids, chunk.c.instance_ids)
    )


@dataclass(frozen=True)
class Claim:
    """A chunk that a worker may run.

    Attributes:
        attempts: Claims of it so far, this one included.
        instance_ids: Process instance of each item; null where the items are process instances.
    """

    batch_id: str
    position: int
    attempts: int
    item_ids: list[str]
    instance_ids: list[str | None] | None

    @property
    def size(self) -> int:
        """Number of items."""
        return len(self.item_ids)

    @property
    def place(self) -> dict[str, Any]:
        """What finds the chunk in statements."""
        return {BATCH.key: self.batch_id, POSITION.key: self.position}


@dataclass(frozen=True)
class Directives:
    """What the ledger says to workers now."""

    suspended: bool
    max_attempts: int
    too_many_failures: bool


def read_directives(connection: Connection, batch_id: str) -> Directives:
    """Read whether to go on; nothing is locked."""
    suspended, max_attempts, limit, count = connection.execute(DIRECTIVES, {BATCH.key: batch_id}).one()
    return Directives(suspended, max_attempts, limit is not None and (count or 0) >= limit)


def claim_next(connection: Connection, batch_id: str, session: str) -> Claim | None:
    """Claim the first pending chunk that no other session has, and count the attempt. The caller commits.

    A session has a chunk from this claim on while it lives, locked or about to be: workers that start together must
    not count each other's claims as attempts.

    The commit need not wait for the disk: what a crash of the database could lose is the counted attempt.
    """
    database = database_of(connection)
    database.commit_without_waiting(connection)
    given = {BATCH.key: batch_id, SESSION.key: session, CLAIMED.key: datetime.now(UTC)}
    row = connection.execute(_claiming(database), given).first()
    return Claim(batch_id, row[0], row[1], row[2], row[3]) if row is not None else None


def has_pending(connection: Connection, batch_id: str) -> bool:
    """Whether a chunk is pending or being run."""
    query = select(chunk.c.position).where(chunk.c.batch_id == batch_id, chunk.c.state == ChunkState.PENDING.value)
    return connection.execute(query.limit(1)).first() is not None


def hold(connection: Connection, claim: Claim) -> bool:
    """Lock a claimed chunk for the transaction that runs it.

    Returns:
        Whether the claim still stands: nobody else claimed, ran or split the chunk since.

    Raises:
        OperationalError: Somebody else has it locked.
    """
    return connection.scalar(HELD, claim.place) == claim.attempts


def mark_done(connection: Connection, claim: Claim, outcome: Outcome) -> None:
    """Record what became of a chunk's items, in the transaction that did it."""
    skipped: dict[str, list[str]] = {}
    for item_id, reason in outcome.skipped.items():
        skipped.setdefault(reason.value, []).append(item_id)
    done = {
        "state": ChunkState.DONE.value,
        "finished_time": datetime.now(UTC),
        "succeeded": len(outcome.succeeded),
        "failed": len(outcome.failed),
        "skipped": len(outcome.skipped),
        "skipped_items": skipped or None,
        "handed_over": len(outcome.handed_over),
    }
    connection.execute(CHANGED, claim.place | done)
    instances = dict(zip(claim.item_ids, claim.instance_ids or claim.item_ids, strict=True))
    insert_rows(connection, failure, failure_rows(claim.batch_id, instances, outcome.failed))
    _record_hand_overs(connection, claim, outcome.handed_over)


def failure_rows(
    batch_id: str, instances: Mapping[str, str | None], failed: Mapping[str, ProcessEngineError]
) -> list[dict[str, Any]]:
    """Rows for failed items; `instances` are the process instances of items."""
    now = datetime.now(UTC)
    return [
        {
            "batch_id": batch_id,
            "item_id": item_id,
            "process_instance_id": instances[item_id],
            "reason": error.reason,
            "message": str(error),
            "failed_time": now,
        }
        for item_id, error in failed.items()
    ]


def _record_hand_overs(connection: Connection, claim: Claim, handed_over: Mapping[str, str]) -> None:
    """A row for each batch of the Java engine that the chunk's items were given to."""
    now = datetime.now(UTC)
    items: dict[str, list[str]] = {}
    for item_id, engine_batch_id in handed_over.items():
        items.setdefault(engine_batch_id, []).append(item_id)
    rows = [
        {
            "batch_id": claim.batch_id,
            "engine_batch_id": engine_batch_id,
            "position": claim.position,
            "item_ids": ids,
            "size": len(ids),
            "open_items": len(ids),
            "handed_over_time": now,
            "seen_time": now,
        }
        for engine_batch_id, ids in items.items()
    ]
    if rows:
        connection.execute(insert(hand_over), rows)


def split(connection: Connection, claim: Claim, roots: Mapping[str, str], error: ProcessEngineError) -> None:
    """Cut a chunk that cannot be run in two, each with a fresh count of attempts; a single item fails with `error`.

    It is cut between roots, so that what one of them called stays together, while it holds more than one.

    Args:
        connection: The caller commits.
        claim: It is held.
        roots: Root process instance of each item.
        error: Why.
    """
    if claim.size == 1:
        mark_done(connection, claim, Outcome(failed={claim.item_ids[0]: error}))
        return
    cut = _cut([roots[item_id] for item_id in claim.item_ids])
    connection.execute(CHANGED, claim.place | _part(claim, 0, cut))
    connection.execute(insert(chunk).values(_part(claim, cut, claim.size) | _fresh(claim, cut)))


def _cut(roots: Sequence[str]) -> int:
    """The place nearest to the middle where another root begins; the middle itself where there is one root only."""
    middle = len(roots) // 2
    between = [place for place in range(1, len(roots)) if roots[place] != roots[place - 1]]
    return min(between, key=lambda place: abs(place - middle), default=middle)


def _part(claim: Claim, start: int, end: int) -> dict[str, Any]:
    instances: Sequence[str | None] | None = claim.instance_ids[start:end] if claim.instance_ids else None
    return {
        "item_ids": claim.item_ids[start:end],
        "instance_ids": instances,
        "size": end - start,
        "attempts": 0,
        "session": None,
    }


def _fresh(claim: Claim, offset: int) -> dict[str, Any]:
    counts = {"succeeded": 0, "failed": 0, "skipped": 0}
    key = {"batch_id": claim.batch_id, "position": claim.position + offset}
    return key | {"state": ChunkState.PENDING.value} | counts
