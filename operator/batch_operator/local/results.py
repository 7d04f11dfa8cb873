"""Where Batches are run without a cluster, what the ledger there says of them, and how that is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from batch_operator.lifecycle.conditions import State
from batch_operator.lifecycle.observed import Desired, Observed, Performer, observed_in_ledger
from batch_operator.lifecycle.reconcile import reconcile
from batch_operator.lifecycle.status import StatusInputs, batch_status
from batch_operator.lifecycle.times import now
from process_engine.batch.ledger import BatchRow, Counts, FailureGroup, Ledger, LedgerMissingError
from process_engine.batch.preview import Preview

OWNER = "process-batch run"
"""Stands in the ledger where a Batch of a cluster has its uid."""


@dataclass(frozen=True)
class Result:
    """What became of a Batch: its state, its status, and the groups of its failed items."""

    name: str
    state: State
    status: dict[str, Any]
    failures: Sequence[FailureGroup] = ()


def counts_of(ledger: Ledger, row: BatchRow) -> Counts:
    """Where the items of a batch are now."""
    return ledger.counts([row.batch_id])[row.batch_id]


def find_or_none(ledger: Ledger, desired: Desired) -> BatchRow | None:
    """The ledger's batch of that name, also where no ledger has been made yet; none is made."""
    try:
        Ledger(ledger.database, ledger.schema or "", create=False).ensure()
    except LedgerMissingError:
        return None
    return ledger.find(desired.namespace, desired.name)


def observe(ledger: Ledger, desired: Desired, row: BatchRow | None) -> Observed:
    """What the ledger has of a Batch, for a program that only looks."""
    counts = None if row is None else counts_of(ledger, row)
    return Observed(desired=desired, row=row, counts=counts, performer=Performer.READER)


def result_of(ledger: Ledger, seen: Observed, state: State, sample: Preview | None = None) -> Result:
    """How a state is shown."""
    failures = () if seen.own is None else ledger.failures(seen.own[0].batch_id)
    inputs = StatusInputs(seen=seen, state=state, now=now(), failures=failures, sample=sample)
    return Result(seen.desired.name, state, batch_status(inputs, {}), failures)


def result_in_ledger(ledger: Ledger, row: BatchRow) -> Result:
    """What the ledger alone says of a batch now."""
    seen = observed_in_ledger(row, counts_of(ledger, row))
    return result_of(ledger, seen, reconcile(seen).state)
