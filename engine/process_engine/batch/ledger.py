"""The ledger: what batches there are, how far they are, and what became of each item.

It is the truth about a batch; Kubernetes objects and their status are rebuilt from it. Counts come from the chunks,
never from counters that workers share.
"""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, Literal, cast

from sqlalchemy import Connection, Engine, MetaData, RowMapping, case, func, inspect, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from process_engine.batch.sessions import is_claimed
from process_engine.batch.tables import LEDGER, ChunkState, batch, chunk, failure, ledger_metadata
from process_engine.database import any_of
from process_engine.errors import ProcessEngineError

DEFAULT_SCHEMA: Final = "process_batch"
SAMPLES: Final = 5
"""Ids shown of a group of failures."""


class LedgerMissingError(ProcessEngineError):
    """The ledger's tables are not there and may not be created."""

    reason = "LedgerMissing"


class UnknownBatchError(ProcessEngineError):
    """No batch has that id."""

    reason = "UnknownBatch"


@dataclass(frozen=True, kw_only=True)
class BatchRow:
    """A batch as the ledger keeps it; see `BatchColumns`. `definition` and `engine_facts` are plain JSON."""

    batch_id: str
    namespace: str
    name: str
    content_hash: str
    owner_uid: str | None
    operation: str
    definition: Mapping[str, Any]
    engine_facts: Mapping[str, Any]
    effective_query: Mapping[str, Any]
    unknown_ids: list[str]
    total: int
    resolved_time: datetime
    completion_time: datetime | None
    suspended: bool
    tolerated_failed_items: int
    stop_after_failed_items: int | None
    max_attempts: int
    job_name: str | None
    job_attempts: int


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Items by where they are: total = pending + running + succeeded + failed + skipped.

    Attributes:
        start_time: When the first chunk was claimed.
        last_progress_time: When the last chunk was done.
    """

    total: int = 0
    pending: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    skipped: int = 0
    start_time: datetime | None = None
    last_progress_time: datetime | None = None

    @property
    def open(self) -> int:
        """Items that nothing has become of yet."""
        return self.pending + self.running


@dataclass(frozen=True, kw_only=True)
class FailureGroup:
    """Failed items with one reason; `message` is the error of the first of them."""

    reason: str
    count: int
    sample_ids: list[str]
    message: str


class Ledger:
    """The ledger in one database.

    Args:
        database: The engine's database.
        schema: Of the ledger's tables; SQLite has none and puts them beside the engine's.
        create: Whether missing tables are created. Without it `ledger ddl` tells what a DBA runs.
    """

    def __init__(self, database: Engine, schema: str = DEFAULT_SCHEMA, *, create: bool = True) -> None:
        self.schema = schema if database.dialect.name == "postgresql" else None
        self.database = database.execution_options(schema_translate_map={LEDGER: self.schema})
        self._create = create

    def ensure(self) -> None:
        """Create the tables where they are missing and may be created.

        Raises:
            LedgerMissingError: They are missing and may not.
        """
        if self._exists():
            return
        if not self._create:
            raise LedgerMissingError(
                f"The ledger's tables are not in schema {self.schema!r} and spec.ledger.create is false: "
                "have a DBA run what `process-batch ledger ddl` prints"
            )
        with self.database.begin() as connection:
            if self.schema is not None:
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('process-batch ledger'))"))
                quoted = connection.dialect.identifier_preparer.quote(self.schema)
                connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {quoted}"))
            ledger_metadata.create_all(connection)

    def _exists(self) -> bool:
        with self.database.connect() as connection:
            present = set(inspect(connection).get_table_names(schema=self.schema))
        return {table.name for table in ledger_metadata.sorted_tables} <= present

    # ------------------------------------------------------------ batches

    def find(self, namespace: str, name: str) -> BatchRow | None:
        """The batch of that name, whatever its content."""
        with self.database.connect() as connection:
            query = select(batch).where(batch.c.namespace == namespace, batch.c.name == name)
            row = connection.execute(query).mappings().first()
        return _batch_row(row) if row else None

    def all(self, namespace: str | None = None) -> list[BatchRow]:
        """All batches, the newest first."""
        query = select(batch).order_by(batch.c.resolved_time.desc())
        with self.database.connect() as connection:
            rows = connection.execute(query if namespace is None else query.where(batch.c.namespace == namespace))
            return [_batch_row(row) for row in rows.mappings()]

    def get(self, batch_id: str) -> BatchRow:
        """The batch of that id.

        Raises:
            UnknownBatchError: There is none.
        """
        with self.database.connect() as connection:
            row = connection.execute(select(batch).where(batch.c.batch_id == batch_id)).mappings().first()
        if row is None:
            raise UnknownBatchError(f"The ledger has no batch with id {batch_id!r}")
        return _batch_row(row)

    @contextmanager
    def lock(self, batch_id: str) -> Generator["LockedBatch", None, None]:
        """Hold the batch's row until the block ends; what is set within is committed then.

        Raises:
            UnknownBatchError: There is none.
        """
        with self.database.begin() as connection:
            query = select(batch).where(batch.c.batch_id == batch_id).with_for_update()
            row = connection.execute(query).mappings().first()
            if row is None:
                raise UnknownBatchError(f"The ledger has no batch with id {batch_id!r}")
            yield LockedBatch(connection, _batch_row(row))

    def set_failure_policy(
        self, batch_id: str, *, tolerated_failed_items: int, stop_after_failed_items: int | None, max_attempts: int
    ) -> None:
        """Change what may fail; workers see it with their next claim."""
        self._set(
            batch_id,
            tolerated_failed_items=tolerated_failed_items,
            stop_after_failed_items=stop_after_failed_items,
            max_attempts=max_attempts,
        )

    def set_suspended(self, batch_id: str, suspended: bool) -> None:
        """Let workers stop, or go on, with their next claim."""
        self._set(batch_id, suspended=suspended)

    def adopt(self, batch_id: str, owner_uid: str | None) -> None:
        """Give an unfinished batch to another resource of the same name and content."""
        self._set(batch_id, owner_uid=owner_uid)

    def close(self, batch_id: str, completion_time: datetime) -> None:
        """Note that nothing is left to do; the first time given stays."""
        with self.database.begin() as connection:
            still_open = (batch.c.batch_id == batch_id) & batch.c.completion_time.is_(None)
            connection.execute(update(batch).where(still_open).values(completion_time=completion_time))

    def _set(self, batch_id: str, **values: Any) -> None:
        with self.lock(batch_id) as locked:
            locked.set(**values)

    # ------------------------------------------------------------ progress

    def counts(self, batch_ids: Iterable[str]) -> dict[str, Counts]:
        """Items by where they are, for many batches with one query."""
        ids = list(batch_ids)
        found = {id_: Counts() for id_ in ids}
        with self.database.connect() as connection:
            rows = connection.execute(_counting(connection).where(any_of(chunk.c.batch_id, ids)))
            for row in rows.mappings():
                found[row["batch_id"]] = Counts(**{k: v for k, v in row.items() if k != "batch_id"})
        return found

    def failures(self, batch_id: str, groups: int = 20) -> list[FailureGroup]:
        """Failed items by reason, the commonest first; at most `groups` of them."""
        # SELECT reason, count(*), … FROM (SELECT …, row_number() OVER (PARTITION BY reason ORDER BY item_id)) numbered
        place = func.row_number().over(partition_by=failure.c.reason, order_by=failure.c.item_id)
        count = func.count().over(partition_by=failure.c.reason)
        numbered = (
            select(failure.c.reason, failure.c.item_id, failure.c.message, place.label("place"), count.label("count"))
            .where(failure.c.batch_id == batch_id)
            .subquery("numbered")
        )
        shown = select(numbered).where(numbered.c.place <= SAMPLES)
        found: dict[str, FailureGroup] = {}
        with self.database.connect() as connection:
            for reason, item_id, message, _, number in connection.execute(
                shown.order_by(numbered.c.count.desc(), numbered.c.reason, numbered.c.place)
            ):
                group = found.setdefault(
                    reason, FailureGroup(reason=reason, count=number, sample_ids=[], message=message)
                )
                group.sample_ids.append(item_id)
        return list(found.values())[:groups]


@dataclass(frozen=True)
class LockedBatch:
    """A batch whose row is locked by an open transaction."""

    connection: Connection
    row: BatchRow

    def set_job(self, job_name: str | None, job_attempts: int) -> None:
        """Remember the Job that runs the batch, and how many there were."""
        self.set(job_name=job_name, job_attempts=job_attempts)

    def set(self, **values: Any) -> None:
        """Set columns of the row."""
        self.connection.execute(update(batch).where(batch.c.batch_id == self.row.batch_id).values(**values))


def _batch_row(row: RowMapping) -> BatchRow:
    return BatchRow(**{field.name: row[field.name] for field in fields(BatchRow)})


def _counting(connection: Connection) -> Any:
    size = chunk.c.size
    pending = chunk.c.state == ChunkState.PENDING.value
    running = pending & is_claimed(connection)
    return select(
        chunk.c.batch_id,
        func.sum(size).label("total"),
        func.sum(case((pending & ~running, size), else_=0)).label("pending"),
        func.sum(case((running, size), else_=0)).label("running"),
        func.sum(chunk.c.succeeded).label("succeeded"),
        func.sum(chunk.c.failed).label("failed"),
        func.sum(chunk.c.skipped).label("skipped"),
        func.min(chunk.c.claimed_time).label("start_time"),
        func.max(chunk.c.finished_time).label("last_progress_time"),
    ).group_by(chunk.c.batch_id)


def ddl(dialect: Literal["postgresql", "sqlite"], schema: str = DEFAULT_SCHEMA) -> str:
    """The statements that create the ledger, for a DBA to run."""
    chosen = postgresql.dialect() if dialect == "postgresql" else sqlite.dialect()
    copies = MetaData()
    named = schema if dialect == "postgresql" else None
    statements = [f"CREATE SCHEMA IF NOT EXISTS {schema}"] if named else []
    for table in ledger_metadata.sorted_tables:
        copy = table.to_metadata(copies, schema=cast("Any", named))
        statements.append(str(CreateTable(copy).compile(dialect=chosen)).strip())
        statements += [str(CreateIndex(index).compile(dialect=chosen)).strip() for index in copy.indexes]
    return "".join(f"{statement};\n" for statement in statements)
