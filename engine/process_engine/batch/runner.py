"""The worker: claims chunks of a batch and runs them until none is left, or it is told to stop.

An error that may go away (a deadlock, a lost connection, a row that somebody else changed) is tried again with growing
pauses. Any other error of a chunk splits it, until the bad items stand alone and the rest has succeeded.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from tenacity import Retrying, retry_if_exception, stop_after_delay, stop_any, wait_exponential_jitter
from tenacity.nap import sleep_using_event
from tenacity.stop import stop_when_event_set

from process_engine.batch import chunks
from process_engine.batch.chunks import Claim
from process_engine.batch.frozen import FrozenBatch
from process_engine.batch.ledger import BatchRow, Ledger
from process_engine.batch.roots import roots_of
from process_engine.clock import Clock
from process_engine.configuration import EngineConfiguration, ListenersOutsideModel, RemovalTimeStrategy
from process_engine.database import database_of
from process_engine.engine import ProcessEngine
from process_engine.errors import OptimisticLockingError, ProcessEngineError
from process_engine.operation_base.outcome import Outcome

log = logging.getLogger(__name__)

SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.02, 0.5
"""Between looks at chunks that other workers hold, growing: most of them are done in a moment."""
GIVE_UP_SECONDS = 600
"""After which a database that stays away ends the worker."""

SQLITE_LOCK = threading.Lock()
"""SQLite has one writer and no sessions: its workers take turns, from the claim of a chunk to its end."""

TRANSIENT_STATES = frozenset(
    {
        "40001",  # serialization failure
        "40P01",  # deadlock
        "55P03",  # lock not available
        "57014",  # statement cancelled, by its time-out
        "57P01",  # the server is stopped by its administrator
        "57P02",
        "57P03",  # the server is starting
        "25P03",  # idle in transaction for too long
        "53300",  # too many connections
    }
)


class WorkerCrashedError(ProcessEngineError):
    """An item took its worker with it, more often than `maxAttempts` allows."""

    reason = "WorkerCrashed"


class DatabaseError(ProcessEngineError):
    """The database refused what an operation did for an item."""

    reason = "DatabaseError"


class UnexpectedError(ProcessEngineError):
    """An operation broke on an item: a fault of the program."""

    reason = "UnexpectedError"


class WorkerEnd(StrEnum):
    """Why a worker ended."""

    DRAINED = "Drained"
    STOPPED = "Stopped"
    SUSPENDED = "Suspended"
    TOO_MANY_FAILURES = "TooManyFailures"


@dataclass
class Worker:
    """One session that runs chunks of one batch."""

    ledger: Ledger
    engine: ProcessEngine
    row: BatchRow
    stop: threading.Event
    on_chunk: Callable[[Outcome], None] | None = None
    batch: FrozenBatch = field(init=False)
    session: str = field(init=False, default="")
    pause_seconds: float = field(init=False, default=SHORTEST_PAUSE_SECONDS)

    def __post_init__(self) -> None:
        self.batch = FrozenBatch.of(self.row.definition, self.row.unknown_ids)

    def run(self) -> WorkerEnd:
        """Run chunks until an end is reached; see `run_worker`."""
        while not self.stop.is_set():
            retrying = Retrying(
                retry=retry_if_exception(is_transient),
                wait=wait_exponential_jitter(multiplier=0.1, max=10),
                stop=stop_any(stop_after_delay(GIVE_UP_SECONDS), stop_when_event_set(self.stop)),
                sleep=sleep_using_event(self.stop),
                reraise=True,
            )
            try:
                end = retrying(self._work)
            except (DBAPIError, OptimisticLockingError):
                if self.stop.is_set():
                    break  # told to stop, so it is not tried again
                raise
            if end is not None:
                return end
        return WorkerEnd.STOPPED

    def _work(self) -> WorkerEnd | None:
        """Run chunks over one connection; raises what is transient, so that it is tried again."""
        with self.ledger.database.connect() as connection:
            with connection.begin():
                self.session = database_of(connection).session_name(connection)
            turn = contextlib.nullcontext() if database_of(connection).is_shared else SQLITE_LOCK
            while not self.stop.is_set():
                with turn:
                    end = self._step(connection)
                if end is not None:
                    return end
        return None

    def _step(self, connection: Connection) -> WorkerEnd | None:
        with connection.begin():
            directives = chunks.read_directives(connection, self.row.batch_id)
            if directives.suspended:
                return WorkerEnd.SUSPENDED
            if directives.too_many_failures:
                return WorkerEnd.TOO_MANY_FAILURES
            claim = chunks.claim_next(connection, self.row.batch_id, self.session)
            if claim is None and not chunks.has_pending(connection, self.row.batch_id):
                return WorkerEnd.DRAINED
        if claim is None:
            self._pause()
        else:
            self.pause_seconds = SHORTEST_PAUSE_SECONDS
            self._run_claim(connection, claim, directives.max_attempts)
        return None

    def _pause(self) -> None:
        self.stop.wait(self.pause_seconds)
        self.pause_seconds = min(2 * self.pause_seconds, LONGEST_PAUSE_SECONDS)

    def _run_claim(self, connection: Connection, claim: Claim, max_attempts: int) -> None:
        if claim.attempts > max_attempts:
            crashed = WorkerCrashedError(f"{max_attempts} workers ended while they ran the chunk of this item")
            self._split(connection, claim, crashed)
            return
        try:
            self._attempt(connection, claim)
        except Exception as error:  # whatever an item does must not end the worker or its neighbours
            if is_transient(error) and claim.attempts < max_attempts:
                raise
            if is_lost_connection(error):
                raise
            self._split(connection, claim, as_engine_error(error))

    def _attempt(self, connection: Connection, claim: Claim) -> None:
        with connection.begin():
            if not chunks.hold(connection, claim):
                return
            database_of(connection).plan_once(connection)
            transaction = self.engine.transaction(connection, self.batch.user_id, log_prevented=True)
            outcome = self.batch.run(transaction, claim.item_ids)
            chunks.mark_done(connection, claim, outcome)
        self._tell(outcome)

    def _split(self, connection: Connection, claim: Claim, error: ProcessEngineError) -> None:
        log.warning("chunk at %d of %d items is split: %s", claim.position, claim.size, error)
        with connection.begin():
            if chunks.hold(connection, claim):
                roots = roots_of(connection, self.batch.operation, claim.item_ids)
                chunks.split(connection, claim, roots, error)
        if claim.size == 1:
            self._tell(Outcome(failed={claim.item_ids[0]: error}))

    def _tell(self, outcome: Outcome) -> None:
        if self.on_chunk is not None:
            self.on_chunk(outcome)


def run_worker(
    database: Engine,
    ledger: Ledger,
    batch_id: str,
    stop: threading.Event,
    on_chunk: Callable[[Outcome], None] | None = None,
    on_ready: Callable[[], None] = lambda: None,
) -> WorkerEnd:
    """Run chunks of a batch until none is pending or being run by others.

    Args:
        database: The engine's database, which holds the ledger too.
        ledger: Where the batch is.
        batch_id: Which one.
        stop: Set by whoever wants the worker to finish its chunk and end.
        on_chunk: Told of each chunk that this worker ran.
        on_ready: Called when all is loaded that chunks need, the batch's operation among it.

    Raises:
        UnsupportedSchemaError: The database is not of a supported engine.
        EngineFactError: The facts in the ledger contradict it.
        DBAPIError: It stayed away for ten minutes.
    """
    row = ledger.get(batch_id)
    configuration = configuration_of(row.engine_facts)
    engine = ProcessEngine.attach(database, configuration, Clock(configuration.time_zone))
    worker = Worker(ledger, engine, row, stop, on_chunk)
    on_ready()
    return worker.run()


def configuration_of(facts: Mapping[str, Any]) -> EngineConfiguration:
    """The facts about the engine that the ledger kept with the batch."""
    configuration = EngineConfiguration(**facts)
    return replace(
        configuration,
        history_removal_time_strategy=RemovalTimeStrategy(configuration.history_removal_time_strategy),
        listeners_outside_model=ListenersOutsideModel(configuration.listeners_outside_model),
    )


def is_transient(error: BaseException) -> bool:
    """Whether the same again may succeed."""
    if isinstance(error, OptimisticLockingError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return is_lost_connection(error) or sql_state(error) in TRANSIENT_STATES or "database is locked" in str(error.orig)


def is_lost_connection(error: BaseException) -> bool:
    """Whether the database, not the chunk, is at fault."""
    return isinstance(error, DBAPIError) and (error.connection_invalidated or (sql_state(error) or "")[:2] == "08")


def sql_state(error: DBAPIError) -> str | None:
    """PostgreSQL's code of an error."""
    return getattr(error.orig, "sqlstate", None)


def as_engine_error(error: Exception) -> ProcessEngineError:
    """What the ledger records of an error."""
    if isinstance(error, ProcessEngineError):
        return error
    if isinstance(error, DBAPIError):
        return DatabaseError(str(error.orig).strip())
    log.error("an operation broke", exc_info=error)
    return UnexpectedError(f"{type(error).__name__}: {error}")
