"""What became of single items, read from the ledger: for people who look for one, or want a list of all."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from process_engine.batch.ledger import Ledger
from process_engine.batch.tables import ChunkState, chunk, failure, hand_over
from process_engine.database import holds, in_values
from process_engine.hand_over.observation import read_open_items

FETCHED_AT_ONCE = 50
"""Chunks held in memory while items are listed."""


@dataclass(frozen=True, kw_only=True)
class ItemOutcome:
    """An item and what became of it.

    Attributes:
        outcome: pending, succeeded, skipped, failed or handedOver.
        reason: Why it was skipped or failed.
        message: The error of a failed one.
    """

    batch_id: str
    item_id: str
    process_instance_id: str | None
    outcome: str
    reason: str | None = None
    message: str | None = None


def items(ledger: Ledger, batch_id: str) -> Iterator[ItemOutcome]:
    """All items of a batch in the order of the set."""
    yield from _outcomes(ledger, select(chunk).where(chunk.c.batch_id == batch_id).order_by(chunk.c.position))


def failed_items(ledger: Ledger, batch_id: str) -> Iterator[ItemOutcome]:
    """The failed items of a batch, by id."""
    query = select(failure).where(failure.c.batch_id == batch_id).order_by(failure.c.item_id)
    with ledger.database.connect() as connection:
        for row in connection.execute(query, execution_options={"yield_per": 1000}).mappings():
            yield _failed(row)


def which(ledger: Ledger, some_id: str) -> Iterator[ItemOutcome]:
    """What any batch did to an item, or to the items of a process instance."""
    query = select(chunk).where(holds(chunk.c.item_ids, some_id) | holds(chunk.c.instance_ids, some_id))
    for item in _outcomes(ledger, query.order_by(chunk.c.batch_id, chunk.c.position)):
        if some_id in (item.item_id, item.process_instance_id):
            yield item


def _outcomes(ledger: Ledger, chunks: Any) -> Iterator[ItemOutcome]:
    with ledger.database.connect() as connection:
        rows = connection.execute(chunks, execution_options={"yield_per": FETCHED_AT_ONCE}).mappings()
        for part in rows.partitions():
            failures = _failures(connection, part)
            handed_over = _handed_over(connection, part)
            for row in part:
                yield from _of_chunk(row, failures, handed_over)


def _failures(connection: Connection, chunks: Any) -> dict[tuple[str, str], RowMapping]:
    """Failures of the items of some chunks, by batch and item id."""
    ids = [id_ for row in chunks if row["failed"] for id_ in row["item_ids"]]
    if not ids:
        return {}
    rows = connection.execute(select(failure).where(in_values(failure.c.item_id, ids))).mappings()
    return {(row["batch_id"], row["item_id"]): row for row in rows}


def _handed_over(connection: Connection, chunks: Any) -> set[tuple[str, str]]:
    """Items of some chunks that the Java engine is at, by batch and item id."""
    places = {(row["batch_id"], row["position"]) for row in chunks if row["handed_over"]}
    if not places:
        return set()
    c = hand_over.c
    query = select(c.batch_id, c.position, c.engine_batch_id, c.item_ids).where(
        c.finished_time.is_(None),
        in_values(c.batch_id, {batch_id for batch_id, _ in places}),
        c.position.in_({position for _, position in places}),
    )
    rows = [row for row in connection.execute(query) if (row[0], row[1]) in places]
    open_items = read_open_items(connection, [row[2] for row in rows])
    # a batch that is not there any more has not been looked at since: what became of its items is not known yet
    return {(row[0], id_) for row in rows for id_ in open_items.get(row[2], row[3])}


def _of_chunk(
    row: RowMapping, failures: dict[tuple[str, str], RowMapping], handed_over: set[tuple[str, str]]
) -> Iterator[ItemOutcome]:
    by_reason: dict[str, list[str]] = row["skipped_items"] or {}
    skipped = {id_: reason for reason, ids in by_reason.items() for id_ in ids}
    done = row["state"] == ChunkState.DONE.value
    instances = row["instance_ids"] or row["item_ids"]
    for item_id, instance_id in zip(row["item_ids"], instances, strict=True):
        if (failed := failures.get((row["batch_id"], item_id))) is not None:
            yield _failed(failed)
            continue
        with_java_engine = (row["batch_id"], item_id) in handed_over
        settled = "skipped" if item_id in skipped else "handedOver" if with_java_engine else "succeeded"
        yield ItemOutcome(
            batch_id=row["batch_id"],
            item_id=item_id,
            process_instance_id=instance_id,
            outcome=settled if done else "pending",
            reason=skipped.get(item_id),
        )


def _failed(row: RowMapping) -> ItemOutcome:
    return ItemOutcome(
        batch_id=row["batch_id"],
        item_id=row["item_id"],
        process_instance_id=row["process_instance_id"],
        outcome="failed",
        reason=row["reason"],
        message=row["message"],
    )
