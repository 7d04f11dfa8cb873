"""Workers of this machine: one is a thread of this program, several are processes, because threads share one core.

SQLite has one writer at a time, so there is one worker whatever was asked for.
"""

import multiprocessing
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import wait as wait_for_any
from typing import Any, Protocol

from sqlalchemy import URL, Engine

from batch_operator import worker
from batch_operator.errors import WorkersFailedError
from batch_operator.lifecycle.observed import Desired, Observed, ObservedWorkers, Performer
from batch_operator.lifecycle.reconcile import AdjustWorkers
from batch_operator.local.engine_site import EngineSite
from batch_operator.local.results import counts_of
from process_engine.batch.ledger import BatchRow, Counts, Ledger
from process_engine.batch.runner import WorkerEnd, run_worker
from process_engine.database import connect, database_named
from process_engine.operation_base.outcome import Outcome


class _Workers(Protocol):
    """Workers of one batch that have been started."""

    def wait(self, seconds: float) -> bool:
        """Wait until all have ended, but not longer than this; returns whether they have."""
        ...

    def stop(self) -> None:
        """Let them finish their chunk and end."""
        ...

    def counts(self, before: Counts, read: Callable[[], Counts]) -> Counts:
        """How far the batch is, from what it was before and a way to ask the ledger."""
        ...

    def check(self) -> None:
        """Raise what went wrong in them, after they have ended."""
        ...


class Crew:
    """The workers of one run, from their start to their end."""

    def __init__(self, site: EngineSite, row: BatchRow, before: Counts, number: int, stop: threading.Event) -> None:
        self._row = row
        self._before = before
        self._number = number
        self._is_ending = False
        self._is_suspended = False
        self._read = lambda: counts_of(site.ledger, row)
        self._workers = _start(site.url, site.database, site.ledger, row.batch_id, number, stop)

    @property
    def is_at_work(self) -> bool:
        """Whether a worker has not ended yet."""
        return not self._workers.wait(0)

    def observed(self, desired: Desired) -> Observed:
        """What is seen of the batch meanwhile: of its row, what it was when they began."""
        workers = ObservedWorkers(
            active=self._number,
            ready=self._number,
            suspended=self._is_suspended,
            parallelism=desired.parallelism,
            ttl_seconds_after_finished=desired.ttl_seconds_after_finished,
        )
        counts = self._workers.counts(self._before, self._read)
        return Observed(desired=desired, row=self._row, counts=counts, workers=workers, performer=Performer.RUN)

    def adjust(self, action: AdjustWorkers) -> None:
        """Let them end where they are to be suspended; those that end do not come back."""
        self._is_suspended = action.suspend
        if action.suspend:
            self.stop()

    def stop(self) -> None:
        """Let them finish their chunk and end; said once, because a second signal would not wait for the chunk."""
        if not self._is_ending:
            self._is_ending = True
            self._workers.stop()

    def wait(self, seconds: float) -> None:
        """Wait until all have ended, but not longer than this."""
        self._workers.wait(seconds)

    def check(self) -> None:
        """Raise what went wrong in them, after they have ended."""
        self._workers.check()


def _start(url: URL, database: Engine, ledger: Ledger, batch_id: str, number: int, stop: threading.Event) -> _Workers:
    """Start workers of a batch; the one of this process looks at `stop` itself."""
    if number == 1 or not database_named(url.get_backend_name()).is_shared:
        return _ThreadOfThisProcess(database, ledger, batch_id, stop)
    return _Processes(url, database, ledger.schema, batch_id, number)


class _ThreadOfThisProcess:
    """One worker. It counts itself what it has done: asking an SQLite ledger would have to wait for it."""

    def __init__(self, database: Engine, ledger: Ledger, batch_id: str, stop: threading.Event) -> None:
        self._stop = stop
        self._error: Exception | None = None
        self._done = {"succeeded": 0, "failed": 0, "skipped": 0, "handed_over": 0}
        self._thread = threading.Thread(target=self._run, args=(database, ledger, batch_id), daemon=True)
        self._thread.start()

    def _run(self, database: Engine, ledger: Ledger, batch_id: str) -> None:
        try:
            run_worker(database, ledger, batch_id, self._stop, self._count)
        except Exception as error:  # noqa: BLE001 - raised again by `check` in the thread that asked
            self._error = error

    def _count(self, outcome: Outcome) -> None:
        self._done["succeeded"] += len(outcome.succeeded)
        self._done["failed"] += len(outcome.failed)
        self._done["skipped"] += len(outcome.skipped)
        self._done["handed_over"] += len(outcome.handed_over)

    def wait(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Nothing to do: it sees the user's wish itself, and with each claim what the ledger says."""

    def counts(self, before: Counts, read: Callable[[], Counts]) -> Counts:  # noqa: ARG002 - others need it
        done = {name: getattr(before, name) + number for name, number in self._done.items()}
        return replace(
            before, pending=before.total - sum(done.values()), running=0, followed=done["handed_over"], **done
        )

    def check(self) -> None:
        if self._error is not None:
            raise self._error


class _Processes:
    def __init__(self, url: URL, database: Engine, schema: str | None, batch_id: str, number: int) -> None:
        # A fork starts at once; elsewhere it is not safe, and a new interpreter has to read everything again.
        context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        self._read_at, self._seen = 0.0, Counts()
        # The children must not speak over this process's connections.
        database.dispose()
        arguments = (url.render_as_string(hide_password=False), schema, batch_id)
        self._processes: list[Any] = [
            context.Process(target=_run_process, args=arguments, daemon=True) for _ in range(number)
        ]
        for process in self._processes:
            process.start()

    def wait(self, seconds: float) -> bool:
        living = [process.sentinel for process in self._processes if process.is_alive()]
        if living:
            wait_for_any(living, seconds)
        return not any(process.is_alive() for process in self._processes)

    def stop(self) -> None:
        for process in self._processes:
            process.terminate()

    def counts(self, before: Counts, read: Callable[[], Counts]) -> Counts:  # noqa: ARG002 - others need it
        if time.monotonic() - self._read_at > 1:
            self._seen, self._read_at = read(), time.monotonic()
        return self._seen

    def check(self) -> None:
        codes = [process.exitcode for process in self._processes]
        if bad := [code for code in codes if code not in (worker.DRAINED, worker.TERMINATED)]:
            raise WorkersFailedError(f"{len(bad)} of {len(codes)} workers ended with an error (exit status {bad[0]})")


def _run_process(url: str, schema: str | None, batch_id: str) -> None:
    worker.tune_garbage_collector()  # at once: a collection would copy all the memory that a fork shares
    stop = worker.stop_on_signals()
    threading.Thread(target=_end_with_parent, args=(stop,), daemon=True).start()

    def run() -> WorkerEnd:
        database = connect(url)
        ledger = Ledger(database, schema or "", create=False)
        return run_worker(database, ledger, batch_id, stop, on_ready=worker.tune_garbage_collector)

    sys.exit(worker.exit_status(run))


def _end_with_parent(stop: threading.Event) -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        stop.set()
