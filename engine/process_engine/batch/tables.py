"""The ledger's tables: a row a batch, a row a chunk of ids, a row a failed item, a row a hand-over.

They stand in a schema of their own in the engine's database, so that a chunk's operation and its mark are one
transaction. Ids are held by the chunk: a million ids are a few thousand rows.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    Named,
    String,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

from process_engine.database import StringList

LEDGER = "ledger"
"""Stands for the ledger's schema in the declarations; replaced by its name when statements run."""

ledger_metadata = MetaData(schema=LEDGER)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC without a zone, so that it reads alike on every database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's
        """To UTC, zone dropped."""
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's
        """From UTC, zone added."""
        return value.replace(tzinfo=UTC) if value else None


class ChunkState(StrEnum):
    """Where a chunk stands. `PENDING` until the transaction that runs its operation commits `DONE`."""

    PENDING = "pending"
    DONE = "done"


class BatchColumns(TypedColumns):
    """A batch whose set is frozen. Workers only read it."""

    batch_id: Named[str] = Column(String(64), primary_key=True)
    namespace: Named[str] = Column(String(63), nullable=False)
    name: Named[str] = Column(String(253), nullable=False)
    content_hash: Named[str] = Column(String(64), nullable=False)
    owner_uid: Named[str | None] = Column(String(64))
    operation: Named[str] = Column(String(64), nullable=False)
    definition: Named[dict[str, Any]] = Column(JSON(), nullable=False)
    engine_facts: Named[dict[str, Any]] = Column(JSON(), nullable=False)
    effective_query: Named[dict[str, Any]] = Column(JSON(), nullable=False)
    unknown_ids: Named[list[str]] = Column(StringList(), nullable=False)
    total: Named[int] = Column(Integer(), nullable=False)
    resolved_time: Named[datetime] = Column(Instant(), nullable=False)
    completion_time: Named[datetime | None] = Column(Instant())
    suspended: Named[bool] = Column(Boolean(), nullable=False)
    tolerated_failed_items: Named[int] = Column(Integer(), nullable=False)
    stop_after_failed_items: Named[int | None] = Column(Integer())
    max_attempts: Named[int] = Column(Integer(), nullable=False)
    job_name: Named[str | None] = Column(String(63))
    job_attempts: Named[int] = Column(Integer(), nullable=False)


batch = Table("batch", ledger_metadata, BatchColumns, UniqueConstraint("namespace", "name", name="batch_identity"))


class ChunkColumns(TypedColumns):
    """Some items of a batch, run in one transaction.

    ``instance_ids`` holds the process instance of each item, null where the items are process instances.
    ``session`` is the database session that claimed it last; while that lives the chunk is running.
    """

    batch_id: Named[str] = Column(String(64), primary_key=True)
    position: Named[int] = Column(Integer(), primary_key=True)
    size: Named[int] = Column(Integer(), nullable=False)
    item_ids: Named[list[str]] = Column(StringList(), nullable=False)
    instance_ids: Named[list[str | None] | None] = Column(StringList())
    state: Named[str] = Column(String(16), nullable=False)
    attempts: Named[int] = Column(Integer(), nullable=False)
    session: Named[str | None] = Column(String(64))
    claimed_time: Named[datetime | None] = Column(Instant())
    finished_time: Named[datetime | None] = Column(Instant())
    succeeded: Named[int] = Column(Integer(), nullable=False)
    failed: Named[int] = Column(Integer(), nullable=False)
    skipped: Named[int] = Column(Integer(), nullable=False)
    skipped_items: Named[dict[str, list[str]] | None] = Column(JSON(none_as_null=True))
    handed_over: Named[int] = Column(Integer(), nullable=False, server_default="0")


chunk = Table("chunk", ledger_metadata, ChunkColumns)
_pending = chunk.c.state == ChunkState.PENDING.value
Index(
    "chunk_pending",
    chunk.c.batch_id,
    chunk.c.position,
    postgresql_where=_pending,
    sqlite_where=_pending,
)


class FailureColumns(TypedColumns):
    """An item that failed, with its error."""

    batch_id: Named[str] = Column(String(64), primary_key=True)
    item_id: Named[str] = Column(String(64), primary_key=True)
    process_instance_id: Named[str | None] = Column(String(64))
    reason: Named[str] = Column(String(255), nullable=False)
    message: Named[str] = Column(Text(), nullable=False)
    failed_time: Named[datetime] = Column(Instant(), nullable=False)


failure = Table("failure", ledger_metadata, FailureColumns)


class HandOverColumns(TypedColumns):
    """Items of one chunk that the Java engine was given as one batch of its own.

    ``open_items`` is how many of them it is still at. ``seen`` sums up what of its batch changes while it works, and
    ``seen_time`` is when that changed last: by it an engine that does nothing is told. ``finished_time`` is null until
    each item has its outcome.
    """

    batch_id: Named[str] = Column(String(64), primary_key=True)
    engine_batch_id: Named[str] = Column(String(64), primary_key=True)
    position: Named[int] = Column(Integer(), nullable=False)
    item_ids: Named[list[str]] = Column(StringList(), nullable=False)
    size: Named[int] = Column(Integer(), nullable=False)
    open_items: Named[int] = Column(Integer(), nullable=False)
    handed_over_time: Named[datetime] = Column(Instant(), nullable=False)
    seen: Named[str | None] = Column(String(255))
    seen_time: Named[datetime] = Column(Instant(), nullable=False)
    finished_time: Named[datetime | None] = Column(Instant())


hand_over = Table("hand_over", ledger_metadata, HandOverColumns)
_open = hand_over.c.finished_time.is_(None)
Index("hand_over_open", hand_over.c.batch_id, hand_over.c.position, postgresql_where=_open, sqlite_where=_open)
