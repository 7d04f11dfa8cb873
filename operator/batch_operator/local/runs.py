"""A Batch without a cluster: the same set, the same ledger, the same workers, on this machine.

Killed and started again it goes on from the ledger, which alone says what is done.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import URL, Engine

from batch_operator.environment import DEFAULT_PATIENCE
from batch_operator.lifecycle.conditions import Phase, Reason, State
from batch_operator.lifecycle.ledger_rows import state_of, status_of
from batch_operator.lifecycle.observed import Wanted, is_engine_idle
from batch_operator.lifecycle.status import Shown, batch_status
from batch_operator.local.workers import Workers, start_workers
from batch_operator.resources import BatchSpec
from process_engine.batch.definition import BatchDefinition
from process_engine.batch.hand_overs import follow, set_suspended
from process_engine.batch.ledger import BatchRow, Counts, FailureGroup, Ledger, LedgerMissingError
from process_engine.batch.resolution import Preview, preview, resolve
from process_engine.engine import ProcessEngine
from process_engine.errors import ProcessEngineError

OWNER = "process-batch run"
"""Stands in the ledger where a Batch of a cluster has its uid."""

POLL_SECONDS = 0.25

Progress = Callable[[Counts], None]


@dataclass(frozen=True)
class Site:
    """Where Batches are run.

    Attributes:
        url: Of the database; workers of their own process open it again.
        engine: The engine in it.
        ledger: In the same database.
    """

    url: URL
    engine: ProcessEngine
    ledger: Ledger

    @property
    def database(self) -> Engine:
        """Connections of this process."""
        return self.engine.database


@dataclass(frozen=True)
class Result:
    """What became of a Batch: its state, its status, and the groups of its failed items."""

    name: str
    state: State
    status: dict[str, Any]
    failures: Sequence[FailureGroup] = ()


def run_batch(
    site: Site,
    spec: BatchSpec,
    definition: BatchDefinition,
    stop: threading.Event,
    progress: Progress,
    workers: int | None = None,
    patience: timedelta = DEFAULT_PATIENCE,
) -> Result:
    """Run a Batch to its end, or as far as it goes.

    Args:
        site: Where.
        spec: As the manifest has it.
        definition: Of that spec, under its name.
        stop: Set when the user wants no more.
        progress: Told how far it is, from time to time.
        workers: Instead of `spec.parallelism`.
        patience: With a Java engine that does nothing with what it was given.

    Returns:
        Its state and status; one that is refused is `Stalled`.
    """
    if spec.dry_run:
        return preview_batch(site, definition)
    site.ledger.ensure()
    row = site.ledger.find(definition.namespace, definition.name)
    if row is not None and (refused := refusal_of(spec, definition, row)):
        return stalled(definition, *refused)
    if row is not None and row.completion_time is not None:
        return result_of(site.ledger, row, already=True)
    if row is None:
        try:
            row = resolve(site.engine, site.ledger, definition, owner_uid=OWNER, suspended=spec.suspend)
        except ProcessEngineError as error:
            return stalled(definition, reason_of(error), str(error))
    else:
        row = _with_orders_of(spec, site, row)
    counts = _work(site, row, stop, progress, workers or spec.parallelism)
    engine_idle = False
    if counts.handed_over and not counts.open and not row.suspended:
        counts, engine_idle = _await_java_engine(site, row, stop, progress, patience)
    if counts.settled == counts.total:
        site.ledger.close(row.batch_id, counts.last_progress_time or datetime.now(UTC))
    return result_of(site.ledger, site.ledger.get(row.batch_id), engine_idle=engine_idle)


def refusal_of(spec: BatchSpec, definition: BatchDefinition, row: BatchRow) -> tuple[Reason, str] | None:
    """Why a Batch is not the one that the ledger has under its name, or may not go on with it."""
    if row.content_hash != definition.content_hash():
        message = (
            f"metadata.name {definition.name!r}: the ledger has another content under this name "
            f"(batch {row.batch_id}); to run this one, give it a new name"
        )
        return Reason.NAME_IN_USE, message
    if row.completion_time is None and row.owner_uid != OWNER and spec.resume != row.batch_id:
        message = (
            f"the ledger has batch {row.batch_id} of a cluster's Batch of this name, unfinished; "
            f"spec.resume: {row.batch_id} goes on with it here"
        )
        return Reason.FOUND_UNFINISHED, message
    return None


def _with_orders_of(spec: BatchSpec, site: Site, row: BatchRow) -> BatchRow:
    """Bring what may be edited while a Batch runs to the ledger."""
    policy, ledger = spec.failure_policy, site.ledger
    ledger.set_failure_policy(
        row.batch_id,
        tolerated_failed_items=policy.tolerated_failed_items,
        stop_after_failed_items=policy.stop_after_failed_items,
        max_attempts=policy.max_attempts,
    )
    set_suspended(site.engine, ledger, row.batch_id, is_suspended=spec.suspend)
    ledger.adopt(row.batch_id, OWNER)
    return ledger.get(row.batch_id)


def _work(site: Site, row: BatchRow, stop: threading.Event, progress: Progress, number: int) -> Counts:
    """Let workers come to every item, as far as they get; tells where the items are then."""
    counts = site.ledger.counts([row.batch_id])[row.batch_id]
    progress(counts)
    if counts.open and not row.suspended and not stop.is_set():
        workers = start_workers(site.url, site.database, site.ledger, row.batch_id, number, stop)
        _follow(workers, counts, lambda: site.ledger.counts([row.batch_id])[row.batch_id], stop, progress)
        counts = site.ledger.counts([row.batch_id])[row.batch_id]
        progress(counts)
        if counts.open and not stop.is_set() and state_of(row, counts).phase is Phase.WORKING:
            workers.check()
    return counts


def _await_java_engine(
    site: Site, row: BatchRow, stop: threading.Event, progress: Progress, patience: timedelta
) -> tuple[Counts, bool]:
    """Follow what the Java engine was given to its end; the flag says that it does nothing."""
    started = datetime.now(UTC)
    while True:
        follow(site.engine, site.ledger, [row.batch_id])
        counts = site.ledger.counts([row.batch_id])[row.batch_id]
        progress(counts)
        is_idle = is_engine_idle(counts, datetime.now(UTC), patience, since=started)
        if not counts.handed_over or is_idle or stop.wait(POLL_SECONDS):
            return counts, is_idle


def _follow(
    workers: Workers, before: Counts, read: Callable[[], Counts], stop: threading.Event, progress: Progress
) -> None:
    told = False
    while not workers.wait(POLL_SECONDS):
        if stop.is_set() and not told:
            workers.stop()
            told = True
        progress(workers.counts(before, read))


def preview_batch(site: Site, definition: BatchDefinition) -> Result:
    """Count and sample what a Batch would work on; nothing is written."""
    wanted = _wanted(definition, dry_run=True)
    try:
        found = preview(site.engine, definition)
    except ProcessEngineError as error:
        return stalled(definition, reason_of(error), str(error))
    state = State(Phase.DRY_RUN, Reason.DRY_RUN, f"{found.total} items, nothing was changed")
    return Result(definition.name, state, _unresolved_status(wanted, state, found))


def stalled(definition: BatchDefinition, reason: Reason, message: str) -> Result:
    """The result of a Batch that is refused; nothing was written."""
    phase = Phase.SUSPENDED if reason is Reason.FOUND_UNFINISHED else Phase.STALLED
    state = State(phase, reason, message)
    return Result(definition.name, state, _unresolved_status(_wanted(definition), state, None))


def result_of(ledger: Ledger, row: BatchRow, *, already: bool = False, engine_idle: bool = False) -> Result:
    """What the ledger says of a batch now."""
    counts = ledger.counts([row.batch_id])[row.batch_id]
    failures = ledger.failures(row.batch_id)
    state = state_of(row, counts, already=already, engine_idle=engine_idle)
    return Result(row.name, state, status_of(row, counts, failures, state, datetime.now(UTC)), failures)


def reason_of(error: ProcessEngineError) -> Reason:
    """The reason of `Stalled` that stands for an error."""
    return Reason(error.reason) if error.reason in set(Reason) else Reason.REFUSED


def find_or_none(ledger: Ledger, definition: BatchDefinition) -> BatchRow | None:
    """The ledger's batch of that name, also where no ledger has been made yet."""
    try:
        Ledger(ledger.database, ledger.schema or "", create=False).ensure()
    except LedgerMissingError:
        return None
    return ledger.find(definition.namespace, definition.name)


def _unresolved_status(wanted: Wanted, state: State, found: Preview | None) -> dict[str, Any]:
    return batch_status(Shown(wanted=wanted, state=state, now=datetime.now(UTC), sample=found), {})


def _wanted(definition: BatchDefinition, *, dry_run: bool = False) -> Wanted:
    wanted = Wanted(
        namespace=definition.namespace,
        name=definition.name,
        uid=OWNER,
        generation=1,
        content_hash=definition.content_hash(),
    )
    return replace(wanted, dry_run=dry_run)
