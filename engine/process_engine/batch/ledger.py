"""The ledger: what batches there are, how far they are, and what became of each item.

It is the truth about a batch; Kubernetes objects and their status are rebuilt from it. Counts come from the chunks,
never from counters that workers share.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, cast

from sqlalchemy import (
    DDL,
    Column,
    Connection,
    Dialect,
    Engine,
    MetaData,
    RowMapping,
    case,
    func,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.schema import CreateIndex, CreateTable

from process_engine.batch.policies import FailurePolicy
from process_engine.batch.tables import LEDGER, ChunkState, batch, chunk, failure, hand_over, ledger_metadata
from process_engine.database import Database, database_of, in_values
from process_engine.errors import ProcessEngineError

DEFAULT_SCHEMA: Final = "process_batch"
SAMPLES: Final = 5
"""Ids shown of a group of failures."""


class LedgerMissingError(ProcessEngineError):
    """The ledger's tables are not there, or are of an earlier version, and may not be created."""

    reason = "LedgerMissing"


class UnknownBatchError(ProcessEngineError):
    """No batch has that id."""

    reason = "UnknownBatch"


@dataclass(frozen=True, kw_only=True)
class BatchRow:
    """A batch as the ledger keeps it; see `BatchColumns`.

    Attributes:
        definition: Plain JSON, as `engine_facts` is.
        policy: Of the columns that are named as its fields; it may have changed since the set was frozen, unlike the
            one in `definition`.
    """

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
    policy: FailurePolicy
    job_name: str | None
    job_attempts: int

    @property
    def is_closed(self) -> bool:
        """Every item is settled, and nothing is done any more."""
        return self.completion_time is not None


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Items by where they are: total = pending + running + succeeded + failed + skipped + handed_over.

    Attributes:
        handed_over: The Java engine is at them.
        followed: Items that are open in hand-overs; as many as `handed_over`, or the ledger contradicts itself.
        start_time: When the first chunk was claimed.
        last_progress_time: When the last chunk was done, or the Java engine seen to be done with items.
        engine_seen_time: When the Java engine was last seen to work on what it was given, by this batch or another.
    """

    total: int = 0
    pending: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    skipped: int = 0
    handed_over: int = 0
    followed: int = 0
    start_time: datetime | None = None
    last_progress_time: datetime | None = None
    engine_seen_time: datetime | None = None

    @property
    def open(self) -> int:
        """Items that workers have not come to yet."""
        return self.pending + self.running

    @property
    def settled(self) -> int:
        """Items with an outcome."""
        return self.total - self.open - self.handed_over


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
        create: Whether missing tables are created. Without it a DBA runs what `ledger ddl` prints.
    """

    def __init__(self, database: Engine, schema: str = DEFAULT_SCHEMA, *, create: bool = True) -> None:
        self.schema = schema if database_of(database).has_schemas else None
        self.database = database.execution_options(schema_translate_map={LEDGER: self.schema})
        self._create = create

    def ensure(self) -> None:
        """Create the tables where they are missing, and bring those of an earlier version up to this one.

        Raises:
            LedgerMissingError: Something is missing and may not be created.
        """
        missing = self._missing()
        if not missing:
            return
        if not self._create:
            raise LedgerMissingError(self._refusal(missing))
        with self.database.begin() as connection:
            database_of(connection).lock_ledger(connection)
            if self.schema is not None:
                quoted = connection.dialect.identifier_preparer.quote(self.schema)
                connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {quoted}"))
            lacking = _lacking_columns(connection, self.schema)
            ledger_metadata.create_all(connection)
            for column in lacking:
                table = column.table.to_metadata(MetaData(), schema=cast("Any", self.schema))
                connection.execute(DDL(_addition(table.c[column.name], connection.dialect)))

    def _missing(self) -> list[str]:
        """Names of tables, and of columns of tables that are there."""
        with self.database.connect() as connection:
            present = set(inspect(connection).get_table_names(schema=self.schema))
            tables = [table.name for table in ledger_metadata.sorted_tables if table.name not in present]
            return tables + [f"{c.table.name}.{c.name}" for c in _lacking_columns(connection, self.schema)]

    def _refusal(self, missing: Sequence[str]) -> str:
        remedy = "have a DBA run what `process-batch ledger ddl` prints"
        if batch.name in missing:
            return f"The ledger's tables are not in schema {self.schema!r} and spec.ledger.create is false: {remedy}"
        return (
            f"The ledger in schema {self.schema!r} is of an earlier version, without {', '.join(missing)}, and "
            f"spec.ledger.create is false: {remedy}, which adds what is missing"
        )

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

    def set_failure_policy(self, batch_id: str, policy: FailurePolicy) -> None:
        """Change what may fail; workers see it with their next claim."""
        self._set(batch_id, **{name: getattr(policy, name) for name in FailurePolicy.model_fields})

    def adopt(self, batch_id: str, owner_uid: str | None) -> None:
        """Give an unfinished batch to another resource of the same name and content."""
        self._set(batch_id, owner_uid=owner_uid)

    def close(self, batch_id: str, completion_time: datetime) -> None:
        """Note that nothing is left to do; the first time given stays.

        Nothing is noted of a batch whose chunks do not settle all items of its frozen set, whatever was counted before.
        """
        # UPDATE batch SET completion_time … WHERE … AND total = (SELECT sum(size) FROM chunk WHERE … state = 'done' …)
        is_settled = (chunk.c.state == ChunkState.DONE.value) & (chunk.c.handed_over == 0)
        settled = select(func.coalesce(func.sum(chunk.c.size), 0)).where(chunk.c.batch_id == batch_id, is_settled)
        is_done = batch.c.completion_time.is_(None) & (batch.c.total == settled.scalar_subquery())
        with self.database.begin() as connection:
            closed = update(batch).where(batch.c.batch_id == batch_id, is_done)
            connection.execute(closed.values(completion_time=completion_time))

    def _set(self, batch_id: str, **values: Any) -> None:
        with self.lock(batch_id) as locked:
            locked.set(**values)

    # ------------------------------------------------------------ progress

    def counts(self, batch_ids: Iterable[str]) -> dict[str, Counts]:
        """Items by where they are, for many batches with one query."""
        ids = list(batch_ids)
        found = {id_: Counts() for id_ in ids}
        with self.database.connect() as connection:
            rows = connection.execute(_counting(connection).where(in_values(chunk.c.batch_id, ids)))
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
    policy = FailurePolicy(**{name: row[name] for name in FailurePolicy.model_fields})
    plain = {field.name: row[field.name] for field in fields(BatchRow) if field.name in row}
    return BatchRow(policy=policy, **plain)


def _counting(connection: Connection) -> Any:
    size = chunk.c.size
    pending = chunk.c.state == ChunkState.PENDING.value
    running = pending & database_of(connection).is_alive(chunk.c.session)
    is_open = hand_over.c.finished_time.is_(None)
    open_items = select(func.sum(hand_over.c.open_items)).where(is_open, hand_over.c.batch_id == chunk.c.batch_id)
    return select(
        chunk.c.batch_id,
        func.sum(size).label("total"),
        func.sum(case((pending & ~running, size), else_=0)).label("pending"),
        func.sum(case((running, size), else_=0)).label("running"),
        func.sum(chunk.c.succeeded).label("succeeded"),
        func.sum(chunk.c.failed).label("failed"),
        func.sum(chunk.c.skipped).label("skipped"),
        func.sum(chunk.c.handed_over).label("handed_over"),
        func.coalesce(open_items.scalar_subquery(), 0).label("followed"),
        func.min(chunk.c.claimed_time).label("start_time"),
        func.max(chunk.c.finished_time).label("last_progress_time"),
        select(func.max(hand_over.c.seen_time)).where(is_open).scalar_subquery().label("engine_seen_time"),
    ).group_by(chunk.c.batch_id)


LATER_COLUMNS = (chunk.c.handed_over,)
"""Columns that came after the first version; each has a default, so that workers of that version can go on."""


def _lacking_columns(connection: Connection, schema: str | None) -> list[Column[Any]]:
    """Later columns that a table which is there does not have."""
    names = {column.table.name for column in LATER_COLUMNS}
    reflected = inspect(connection).get_multi_columns(schema=schema, filter_names=sorted(names))
    present = {name: {column["name"] for column in columns} for (_, name), columns in reflected.items()}
    return [c for c in LATER_COLUMNS if present.get(c.table.name) and c.name not in present[c.table.name]]


def _addition(column: Column[Any], dialect: Dialect, guard: str = "") -> str:
    table = dialect.identifier_preparer.format_table(column.table)
    specification = dialect.ddl_compiler(dialect, None).get_column_specification(column)  # pyright: ignore[reportArgumentType]
    return f"ALTER TABLE {table} ADD COLUMN {guard}{specification}"


def ddl(database: Database, schema: str = DEFAULT_SCHEMA) -> str:
    """The statements that create the ledger, for a DBA to run; on PostgreSQL also on one of an earlier version."""
    chosen = database.dialect()
    copies = MetaData()
    named = schema if database.has_schemas else None
    statements = [f"CREATE SCHEMA IF NOT EXISTS {schema}"] if named else []
    for table in ledger_metadata.sorted_tables:
        copy = table.to_metadata(copies, schema=cast("Any", named))
        statements.append(str(CreateTable(copy, if_not_exists=True).compile(dialect=chosen)).strip())
        if database.adds_missing_columns:
            later = [copy.c[column.name] for column in LATER_COLUMNS if column.table is table]
            statements += [_addition(column, chosen, "IF NOT EXISTS ") for column in later]
        indexes = sorted(copy.indexes, key=lambda index: str(index.name))
        statements += [str(CreateIndex(i, if_not_exists=True).compile(dialect=chosen)).strip() for i in indexes]
    return "".join(f"{statement};\n" for statement in statements)
