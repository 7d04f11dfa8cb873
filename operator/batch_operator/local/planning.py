"""What a Batch would do: its set, and which items would fail and why. Nothing stays changed.

The set is found as in a dry run. Then the first items are run in transactions that are rolled back, so that what is
said is what the operation itself says, and not a second opinion.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from batch_operator.errors import driver_message
from batch_operator.lifecycle.conditions import Phase, Reason
from batch_operator.lifecycle.desired import desired_of
from batch_operator.lifecycle.reconcile import reconcile
from batch_operator.local.engine_site import EngineSite
from batch_operator.local.results import OWNER, Result, find_or_none, observe, result_in_ledger, result_of
from batch_operator.local.runs import preview_batch
from batch_operator.resources.batch import BatchSpec
from process_engine.batch import selection
from process_engine.batch.definition import BatchDefinition
from process_engine.batch.frozen import FrozenBatch
from process_engine.batch.resolution import pin

MOST_TRIED = 3000
CHUNK = 500
MOST_SHOWN = 20


@dataclass(frozen=True)
class Failure:
    """Items that would fail alike; the message is that of the first."""

    reason: str
    message: str
    ids: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a Batch would do.

    Attributes:
        result: Of its dry run; of the ledger, where it has been run already.
        refusal: Why it would not run at all.
        tried: Items that were tried out.
        failures: Those of them that would fail.
        untried: Why none was tried, if so.
        tolerated: Failed items that the Batch bears.
    """

    result: Result
    refusal: str | None = None
    tried: int = 0
    failures: Sequence[Failure] = ()
    untried: str | None = None
    tolerated: int = 0

    @property
    def would_end_failed(self) -> bool:
        """Whether more items would fail than is tolerated."""
        return sum(len(each.ids) for each in self.failures) > self.tolerated

    def as_json(self) -> dict[str, Any]:
        """For programs; the status is that of a dry run."""
        failures = [
            {"reason": each.reason, "message": each.message, "count": len(each.ids), "sampleIds": each.ids[:MOST_SHOWN]}
            for each in self.failures
        ]
        content = {"tried": self.tried, "wouldFail": failures, "untried": self.untried, "refusal": self.refusal}
        plan = {name: value for name, value in content.items() if value is not None}
        return {"name": self.result.name, "status": self.result.status, "plan": plan}

    def as_lines(self) -> Iterator[str]:
        """For people."""
        status = self.result.status
        if self.refusal is not None:
            yield f"{self.result.name}: would not run: {self.refusal}"
            return
        yield f"{self.result.name}: {status['items']['total']} items"
        sample = status.get("sample", {})
        if sample.get("ids"):
            yield f"  first: {', '.join(sample['ids'][:5])}"
        if sample.get("unknownIds"):
            yield f"  not there: {', '.join(sample['unknownIds'])}"
        yield f"  understood: {status['effectiveQuery']}"
        yield f"  not tried: {self.untried}" if self.untried else f"  tried and rolled back: {self.tried} items"
        for each in self.failures:
            yield f"  {len(each.ids)} would fail: {each.reason}: {each.message} [{', '.join(each.ids[:5])}]"


_REFUSALS = (Reason.NAME_IN_USE, Reason.FOUND_UNFINISHED, Reason.LEDGER_INCONSISTENT)
"""Why a Batch that the ledger has would not be worked on, beside that it has been already."""


def plan_batch(site: EngineSite, spec: BatchSpec, definition: BatchDefinition) -> Plan:
    """Find out what a Batch would do now."""
    desired = desired_of(spec, definition, uid=OWNER)
    row = find_or_none(site.ledger, desired)
    if row is None:
        return _of_new_batch(site, spec, definition)
    seen = replace(observe(site.ledger, desired, row), found_closed=row.is_closed)
    state = reconcile(seen).state
    if state.reason in _REFUSALS:
        return Plan(result=preview_batch(site, spec, definition), refusal=state.message)
    if row.is_closed:
        result = result_of(site.ledger, seen, state)
        return Plan(result=result, refusal=f"{state.reason.value}: {state.message}")
    result = result_in_ledger(site.ledger, row)
    return Plan(result=result, untried="its set is frozen, and it has begun; run goes on with it")


def _of_new_batch(site: EngineSite, spec: BatchSpec, definition: BatchDefinition) -> Plan:
    result = preview_batch(site, spec, definition)
    if result.state.phase is Phase.STALLED:
        return Plan(result=result, refusal=result.state.message)
    tolerated = spec.failure_policy.tolerated_failed_items
    try:
        tried, failures = _try(site, pin(site.engine, definition))
    except SQLAlchemyError as error:
        return Plan(result=result, untried=driver_message(error), tolerated=tolerated)
    return Plan(result=result, tried=tried, failures=failures, tolerated=tolerated)


def _try(site: EngineSite, definition: BatchDefinition) -> tuple[int, list[Failure]]:
    with site.database.connect() as connection:
        unknown = selection.unknown_ids(connection, definition)
        ids = selection.sample(connection, definition, site.engine.clock, MOST_TRIED)
    frozen = FrozenBatch.of(definition.model_dump(mode="json", by_alias=True), unknown)
    found: dict[tuple[str, str], Failure] = {}
    for start in range(0, len(ids), CHUNK):
        with site.database.connect() as connection, connection.begin() as attempt:
            transaction = site.engine.transaction(connection, log_prevented=True)
            outcome = frozen.run(transaction, ids[start : start + CHUNK])
            attempt.rollback()
        for item_id, error in outcome.failed.items():
            group = found.setdefault((error.reason, error.rule), Failure(error.reason, str(error)))
            group.ids.append(item_id)
    return len(ids), list(found.values())
