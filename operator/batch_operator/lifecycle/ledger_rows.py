"""What the ledger says of a Batch, as the state machine and the status see it. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from batch_operator.lifecycle.conditions import Phase, Reason, State
from batch_operator.lifecycle.observed import LedgerRow, Observed, Policy, Wanted
from batch_operator.lifecycle.reconcile import reconcile
from batch_operator.lifecycle.status import Shown, batch_status
from process_engine.batch.ledger import BatchRow, Counts, FailureGroup

ANOTHER_OWNER = "another object"


def ledger_row(row: BatchRow) -> LedgerRow:
    """A row of the ledger as the state machine sees it."""
    return LedgerRow(
        batch_id=row.batch_id,
        content_hash=row.content_hash,
        owner_uid=row.owner_uid,
        closed=row.completion_time is not None,
        suspended=row.suspended,
        policy=Policy(
            tolerated_failed_items=row.tolerated_failed_items,
            stop_after_failed_items=row.stop_after_failed_items,
            max_attempts=row.max_attempts,
        ),
        job_name=row.job_name,
        job_attempts=row.job_attempts,
        total=row.total,
        effective_query=row.effective_query,
        resolved_time=row.resolved_time,
        completion_time=row.completion_time,
    )


def state_of(row: BatchRow, counts: Counts, *, already: bool = False, engine_idle: bool = False) -> State:
    """What a batch is doing while no Job works on it, from the ledger alone.

    Args:
        row: Of the ledger.
        counts: Its items by outcome.
        already: It had finished before it was asked for; nothing was run.
        engine_idle: The Java engine has long done nothing with what it was given.
    """
    if row.completion_time is None and counts.open and not row.suspended and not _is_stopped(row, counts):
        done = f"{counts.settled} of {counts.total} items settled"
        if counts.running:
            return State(Phase.WORKING, Reason.RUNNING, f"{done}, {counts.running} being worked on")
        return State(Phase.WORKING, Reason.STARTING, f"{done}; process-batch run goes on")
    seen = Observed(wanted=wanted_of(row), row=ledger_row(row), counts=counts, engine_idle=engine_idle)
    if already:
        seen = replace(seen, wanted=replace(seen.wanted, uid=ANOTHER_OWNER))
    state = reconcile(seen).state
    if state.reason is Reason.ENGINE_NOT_EXECUTING:
        return replace(state, message=f"{state.message} Called again, process-batch run goes on")
    return state


def _is_stopped(row: BatchRow, counts: Counts) -> bool:
    return row.stop_after_failed_items is not None and counts.failed >= row.stop_after_failed_items


def wanted_of(row: BatchRow) -> Wanted:
    """The spec as far as the ledger keeps it."""
    kept = ledger_row(row)
    return Wanted(
        namespace=row.namespace,
        name=row.name,
        uid=row.owner_uid or "",
        generation=1,
        content_hash=row.content_hash,
        suspend=row.suspended,
        policy=kept.policy,
        was_resolved=True,
    )


def status_of(
    row: BatchRow, counts: Counts, failures: Sequence[FailureGroup], state: State, now: datetime
) -> dict[str, Any]:
    """The status of a batch as its resource shows it."""
    shown = Shown(wanted=wanted_of(row), state=state, now=now, row=ledger_row(row), counts=counts, failures=failures)
    return batch_status(shown, {})
