"""Hand-overs in the ledger: items that the Java engine was given are followed until each has its outcome.

One look costs a bounded number of statements, whatever the number of hand-overs: their rows are locked (somebody
else's are passed over), the engine's batches are read, those that are over are concluded, and the ledger is told. Looks
may come from several programs at once and may stop for any time: everything they need is in the database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Integer, String, case, literal, null, select, update
from sqlalchemy.exc import DBAPIError

from process_engine.batch.chunks import failure_rows
from process_engine.batch.frozen import FrozenBatch
from process_engine.batch.ledger import Ledger
from process_engine.batch.runner import is_lost_connection, is_transient
from process_engine.batch.tables import Instant, batch, chunk, failure, hand_over
from process_engine.database import AnyRow, in_values, values_table
from process_engine.engine import ProcessEngine
from process_engine.hand_over.conclusion import conclude
from process_engine.hand_over.observation import BatchProgress, read_progress
from process_engine.hand_over.outcomes import outcome_of
from process_engine.hand_over.suspension import set_suspended as set_engine_batches_suspended
from process_engine.insertion import insert_rows
from process_engine.operation_base.outcome import Outcome
from process_engine.transaction import Transaction

CONCLUDED_AT_ONCE = 50
"""Hand-overs that are ended in one transaction; the rest wait for the next look."""

OpenRow = AnyRow
"""A hand-over that is not finished: batch_id, engine_batch_id, position, size, open_items, seen, suspended."""


@dataclass
class _LedgerUpdates:
    """What a look found out: rows of hand-overs that change, changes of chunks, and failed and skipped items."""

    hand_overs: list[tuple[str, str, int, str | None, int]] = field(
        default_factory=list[tuple[str, str, int, str | None, int]]
    )
    failures: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    chunks: dict[tuple[str, int], list[int]] = field(default_factory=dict[tuple[str, int], list[int]])
    skipped: dict[tuple[str, int], dict[str, list[str]]] = field(
        default_factory=dict[tuple[str, int], dict[str, list[str]]]
    )

    def count(self, row: OpenRow, *, succeeded: int, failed: int = 0, skipped: int = 0, left: int) -> None:
        """Move items of a chunk from those that are handed over to the others."""
        changed = self.chunks.setdefault((row.batch_id, row.position), [0, 0, 0, 0])
        for place, number in enumerate((succeeded, failed, skipped, left - row.open_items)):
            changed[place] += number


def set_suspended(engine: ProcessEngine, ledger: Ledger, batch_id: str, *, is_suspended: bool) -> None:
    """Let workers stop, or go on, with their next claim, and the Java engine with its next job.

    What a worker hands over while it still ends its chunk is suspended by the next look.
    """
    c = hand_over.c
    with ledger.database.begin() as connection:
        connection.execute(update(batch).where(batch.c.batch_id == batch_id).values(suspended=is_suspended))
        mine = select(c.engine_batch_id).where(c.batch_id == batch_id, c.finished_time.is_(None))
        ids = connection.scalars(mine).all()
        set_engine_batches_suspended(engine.transaction(connection), ids, is_suspended=is_suspended)


def follow(engine: ProcessEngine, ledger: Ledger, batch_ids: Iterable[str] | None = None) -> None:
    """Look at what the Java engine did with the items it has, and note it.

    A look that gets into the way of another transaction is given up: the next one sees the same.

    Args:
        engine: Whose Java engine has them.
        ledger: In its database.
        batch_ids: Those to look at; all of the ledger where not given.
    """
    try:
        _look(engine, ledger, batch_ids)
    except DBAPIError as error:
        if is_lost_connection(error) or not is_transient(error):
            raise


def _look(engine: ProcessEngine, ledger: Ledger, batch_ids: Iterable[str] | None) -> None:
    with ledger.database.begin() as connection:
        rows = _lock_open(connection, batch_ids)
        if not rows:
            return
        transaction = engine.transaction(connection, log_prevented=True)
        suspended = [row.engine_batch_id for row in rows if row.suspended]
        set_engine_batches_suspended(transaction, suspended, is_suspended=True)
        progress = read_progress(transaction, [row.engine_batch_id for row in rows])
        updates = _LedgerUpdates()
        finished = _finish(transaction, rows, progress, updates)
        for row in rows:
            if (seen := progress.get(row.engine_batch_id)) is not None and row.engine_batch_id not in finished:
                _note_progress(row, seen, updates)
        _write(connection, updates)


def _lock_open(connection: Connection, batch_ids: Iterable[str] | None) -> Sequence[OpenRow]:
    c = hand_over.c
    query = (
        select(c.batch_id, c.engine_batch_id, c.position, c.size, c.open_items, c.seen, batch.c.suspended)
        .join_from(hand_over, batch, batch.c.batch_id == c.batch_id)
        .where(c.finished_time.is_(None))
        .order_by(c.batch_id, c.position, c.engine_batch_id)
        .with_for_update(of=hand_over, skip_locked=True)
    )
    if batch_ids is not None:
        query = query.where(in_values(c.batch_id, batch_ids))
    return connection.execute(query).all()


def _note_progress(row: OpenRow, seen: BatchProgress, updates: _LedgerUpdates) -> None:
    left = min(seen.open_items, row.open_items)
    if left != row.open_items:
        updates.count(row, succeeded=row.open_items - left, left=left)
    if seen.signature != row.seen or seen.is_worked_on:
        updates.hand_overs.append((row.batch_id, row.engine_batch_id, left, seen.signature, 0))


def _finish(
    transaction: Transaction, rows: Sequence[OpenRow], progress: Mapping[str, BatchProgress], updates: _LedgerUpdates
) -> set[str]:
    """Settle the items of the batches that have ended, or that are ended now; returns these."""
    gone = [row for row in rows if row.engine_batch_id not in progress]
    over = [row for row in rows if row.engine_batch_id in progress and progress[row.engine_batch_id].is_over]
    looked_at = [row.engine_batch_id for row in over[:CONCLUDED_AT_ONCE]]
    failures = dict(conclude(transaction, looked_at))
    failures |= {row.engine_batch_id: {} for row in gone[:CONCLUDED_AT_ONCE]}
    finished = [row for row in rows if row.engine_batch_id in failures]
    if finished:
        _settle(transaction, finished, failures, updates)
    return set(failures)


def _settle(
    transaction: Transaction,
    rows: Sequence[OpenRow],
    failures: Mapping[str, Mapping[str, str]],
    updates: _LedgerUpdates,
) -> None:
    items = _items(transaction.connection, [row.engine_batch_id for row in rows])
    untouched = _untouched(transaction, rows, items)
    for row in rows:
        ids = items[row.engine_batch_id]
        outcome = outcome_of(row.engine_batch_id, ids, failures[row.engine_batch_id], untouched)
        _count(row, outcome, updates)
        updates.failures += failure_rows(row.batch_id, dict(zip(ids, ids, strict=True)), outcome.failed)


def _untouched(transaction: Transaction, rows: Sequence[OpenRow], items: Mapping[str, Sequence[str]]) -> set[str]:
    """Items that are as they were, which each operation tells for itself."""
    of_batch: dict[str, list[str]] = {}
    for row in rows:
        of_batch.setdefault(row.batch_id, []).extend(items[row.engine_batch_id])
    query = select(batch.c.batch_id, batch.c.definition).where(in_values(batch.c.batch_id, of_batch))
    found: set[str] = set()
    for batch_id, content in transaction.connection.execute(query).all():
        frozen = FrozenBatch.of(content)
        found |= frozen.operation.untouched(transaction, frozen.options, of_batch[batch_id])
    return found


def _count(row: OpenRow, outcome: Outcome, updates: _LedgerUpdates) -> None:
    done_before = row.size - row.open_items
    updates.count(
        row,
        succeeded=len(outcome.succeeded) - done_before,
        failed=len(outcome.failed),
        skipped=len(outcome.skipped),
        left=0,
    )
    updates.hand_overs.append((row.batch_id, row.engine_batch_id, 0, row.seen, 1))
    for id_, reason in outcome.skipped.items():
        of_chunk = updates.skipped.setdefault((row.batch_id, row.position), {})
        of_chunk.setdefault(reason.value, []).append(id_)


def _items(connection: Connection, engine_batch_ids: Sequence[str]) -> dict[str, Sequence[str]]:
    query = select(hand_over.c.engine_batch_id, hand_over.c.item_ids)
    rows = connection.execute(query.where(in_values(hand_over.c.engine_batch_id, engine_batch_ids)))
    return {row[0]: row[1] for row in rows}


# ---------------------------------------------------------------- writing to the ledger


def _write(connection: Connection, updates: _LedgerUpdates) -> None:
    now = datetime.now(UTC)
    insert_rows(connection, failure, updates.failures)
    if updates.hand_overs:
        _update_hand_overs(connection, updates.hand_overs, now)
    if updates.chunks:
        _update_chunks(connection, updates.chunks, now)
    if updates.skipped:
        _add_skipped(connection, updates.skipped)


def _update_hand_overs(connection: Connection, rows: Sequence[tuple[Any, ...]], now: datetime) -> None:
    types = {
        "batch_id": String(),
        "engine_batch_id": String(),
        "open_items": Integer(),
        "seen": String(),
        "is_finished": Integer(),
    }
    given, c = values_table(connection, "given", types, rows), hand_over.c
    statement = (
        update(hand_over)
        .where(c.batch_id == given.c.batch_id, c.engine_batch_id == given.c.engine_batch_id)
        .values(
            open_items=given.c.open_items,
            seen=given.c.seen,
            seen_time=now,
            finished_time=case((given.c.is_finished == 1, literal(now, Instant())), else_=null()),
        )
    )
    connection.execute(statement)


def _update_chunks(connection: Connection, changes: Mapping[tuple[str, int], Sequence[int]], now: datetime) -> None:
    names = ("succeeded", "failed", "skipped", "handed_over")
    types = {"batch_id": String(), "position": Integer(), **{name: Integer() for name in names}}
    rows = [(*key, *numbers) for key, numbers in changes.items()]
    given, c = values_table(connection, "given", types, rows), chunk.c
    values = {name: c[name] + given.c[name] for name in names}
    statement = update(chunk).where(c.batch_id == given.c.batch_id, c.position == given.c.position)
    connection.execute(statement.values(finished_time=now, **values))


def _add_skipped(connection: Connection, skipped: Mapping[tuple[str, int], Mapping[str, Sequence[str]]]) -> None:
    """Rare, and each chunk for itself: an instance ended by itself after the Java engine failed at it."""
    for (batch_id, position), by_reason in skipped.items():
        is_it = (chunk.c.batch_id == batch_id) & (chunk.c.position == position)
        held = connection.scalar(select(chunk.c.skipped_items).where(is_it).with_for_update()) or {}
        merged = {reason: [*held.get(reason, ()), *by_reason.get(reason, ())] for reason in {**held, **by_reason}}
        connection.execute(update(chunk).where(is_it).values(skipped_items=merged))
