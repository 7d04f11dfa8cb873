"""A Batch without a cluster: the same state machine, the same ledger, and workers of this machine.

Killed and started again it goes on from the ledger, which alone says what is done.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from batch_operator.environment import DEFAULT_PATIENCE
from batch_operator.ledger_actions import perform_in_ledger
from batch_operator.lifecycle.conditions import Phase
from batch_operator.lifecycle.desired import desired_of
from batch_operator.lifecycle.observed import (
    Attempts,
    Desired,
    Observed,
    Performer,
    Problem,
    is_engine_idle,
)
from batch_operator.lifecycle.reconcile import (
    Action,
    AdjustWorkers,
    Decision,
    LedgerAction,
    PreviewSet,
    Resolve,
    StartWorkers,
    reconcile,
)
from batch_operator.lifecycle.times import now
from batch_operator.local.engine_site import EngineSite
from batch_operator.local.results import OWNER, Result, counts_of, find_or_none, observe, result_of
from batch_operator.local.workers import Crew
from batch_operator.resources.batch import BatchSpec
from process_engine.batch.definition import BatchDefinition
from process_engine.batch.hand_overs import follow
from process_engine.batch.ledger import BatchRow, Counts
from process_engine.batch.preview import Preview
from process_engine.batch.resolution import preview
from process_engine.errors import ProcessEngineError

POLL_SECONDS = 0.25

Progress = Callable[[Counts], None]


def run_batch(
    site: EngineSite,
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
        progress: Given how far it is, from time to time.
        workers: Instead of `spec.parallelism`.
        patience: With a Java engine that does nothing with what it was given.

    Returns:
        Its state and status; one that is refused is `Stalled`.
    """
    desired = desired_of(spec, definition, uid=OWNER)
    if workers is not None:
        desired = replace(desired, parallelism=workers)
    if not desired.dry_run:
        site.ledger.ensure()
    return _Run(site, desired, definition, stop, progress, patience).to_the_end()


def preview_batch(site: EngineSite, spec: BatchSpec, definition: BatchDefinition) -> Result:
    """Count and sample what a Batch would work on now, whatever the ledger has under its name; nothing is written."""
    desired = replace(desired_of(spec, definition, uid=OWNER), dry_run=True)
    try:
        found = preview(site.engine, definition)
    except ProcessEngineError as error:
        refused = Observed(desired=desired, problem=Problem.of(error))
        return result_of(site.ledger, refused, reconcile(refused).state)
    seen = Observed(desired=replace(desired, previewed=found.total), performer=Performer.READER)
    return result_of(site.ledger, seen, reconcile(seen).state, found)


class _Run:
    """One call of `process-batch run` for one Batch: it is observed, decided about and brought on, again and again."""

    def __init__(
        self,
        site: EngineSite,
        desired: Desired,
        definition: BatchDefinition,
        stop: threading.Event,
        progress: Progress,
        patience: timedelta,
    ) -> None:
        self._site = site
        self._desired = desired
        self._definition = definition
        self._stop = stop
        self._progress = progress
        self._patience = patience
        self._crew: Crew | None = None
        self._found: Preview | None = None
        self._problem: Problem | None = None
        self._found_closed: bool | None = None
        self._engine_awaited_since: datetime | None = None

    def to_the_end(self) -> Result:
        """Go on until nothing is left to do here."""
        while True:
            seen = self._observe()
            decision = reconcile(seen)
            self._show_progress(seen)
            if self._crew is not None and seen.workers is not None:
                self._attend(self._crew, decision.action)
            elif decision.action is not None:
                self._perform(decision.action, seen)
            elif self._is_worth_waiting_for(decision):
                self._stop.wait(POLL_SECONDS)
            else:
                self._check_crew(decision)
                return result_of(self._site.ledger, seen, decision.state, self._found)

    # ------------------------------------------------------------ observing

    def _observe(self) -> Observed:
        if self._problem is not None:
            return Observed(desired=self._desired, problem=self._problem)
        if self._crew is not None and self._crew.is_at_work:
            return self._crew.observed(self._desired)
        return self._in_ledger(observe(self._site.ledger, self._desired, self._find()))

    def _find(self) -> BatchRow | None:
        ledger, desired = self._site.ledger, self._desired
        return find_or_none(ledger, desired) if desired.dry_run else ledger.find(desired.namespace, desired.name)

    def _in_ledger(self, seen: Observed) -> Observed:
        if self._found_closed is None:
            self._found_closed = seen.row is not None and seen.row.is_closed
        if self._found is not None:
            seen = replace(seen, desired=replace(seen.desired, previewed=self._found.total))
        if seen.own is None:
            return replace(seen, performer=self._performer)
        row, counts = seen.own
        if counts.handed_over and row.owner_uid == OWNER and not seen.desired.dry_run:
            follow(self._site.engine, self._site.ledger, [row.batch_id])
            counts = counts_of(self._site.ledger, row)
        return replace(
            seen,
            desired=self._desired_beside(row),
            counts=counts,
            # whoever calls again wants another try, whatever became of the workers before
            attempts=Attempts(renewed=True),
            engine_idle=self._is_engine_idle(counts),
            found_closed=self._found_closed,
            performer=self._performer,
        )

    @property
    def _performer(self) -> Performer:
        """Workers are started once: what they leave undone is for the next call."""
        return Performer.READER if self._crew is not None or self._stop.is_set() else Performer.RUN

    def _desired_beside(self, row: BatchRow) -> Desired:
        """What is wanted of a batch that is in the ledger: once its workers began, a later call may have edited it."""
        if self._crew is None:
            return self._desired
        return replace(self._desired, suspend=row.suspended, policy=row.policy)

    def _is_engine_idle(self, counts: Counts) -> bool:
        if counts.open == 0 and counts.handed_over and self._engine_awaited_since is None:
            self._engine_awaited_since = now()
        return is_engine_idle(counts, now(), self._patience, since=self._engine_awaited_since)

    # ------------------------------------------------------------ performing

    def _perform(self, action: Action, seen: Observed) -> None:
        match action:
            case PreviewSet():
                self._or_refused(self._preview)
            case Resolve():
                self._or_refused(lambda: self._write_to_ledger(action))
            case StartWorkers() if seen.own is not None:
                self._crew = Crew(self._site, *seen.own, self._desired.parallelism, self._stop)
            case StartWorkers() | AdjustWorkers():
                raise TypeError(action)  # without a batch, or without workers
            case _:
                self._write_to_ledger(action)

    def _preview(self) -> None:
        self._found = preview(self._site.engine, self._definition)

    def _write_to_ledger(self, action: LedgerAction) -> None:
        perform_in_ledger(action, self._site.engine, self._site.ledger, self._definition, OWNER)

    def _or_refused(self, perform: Callable[[], None]) -> None:
        try:
            perform()
        except ProcessEngineError as error:
            self._problem = Problem.of(error)

    def _attend(self, crew: Crew, action: Action | None) -> None:
        """While workers are at it, the ledger is left to them."""
        if isinstance(action, AdjustWorkers):
            crew.adjust(action)
        if self._stop.is_set():
            crew.stop()
        crew.wait(POLL_SECONDS)

    def _is_worth_waiting_for(self, decision: Decision) -> bool:
        moves_on = decision.state.phase is Phase.WORKING and decision.requeue_after is not None
        return moves_on and not self._stop.is_set()

    def _check_crew(self, decision: Decision) -> None:
        """Raise what ended the workers, where they left something undone that nobody asked them to leave."""
        if self._crew is not None and decision.state.phase is Phase.WORKING and not self._stop.is_set():
            self._crew.check()

    def _show_progress(self, seen: Observed) -> None:
        if seen.own is None:
            return
        row, counts = seen.own
        if row.owner_uid == OWNER and not row.is_closed and not seen.desired.dry_run:
            self._progress(counts)
