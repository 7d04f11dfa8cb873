"""The status of a Batch as one document, and the smallest patch that brings the stored one to it. Pure."""

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from batch_operator.lifecycle.conditions import ConditionType, Phase, Reason, State, conditions, with_transition_times
from batch_operator.lifecycle.documents import part, parts
from batch_operator.lifecycle.observed import LedgerRow, Wanted
from batch_operator.lifecycle.times import to_kubernetes
from batch_operator.resources.batch import LONGEST_EFFECTIVE_QUERY, MOST_SAMPLES
from process_engine.batch.ledger import Counts, FailureGroup
from process_engine.batch.resolution import Preview

RATE_WINDOW_SECONDS = 60.0
LONGEST_REASON = 1024


@dataclass(frozen=True, kw_only=True)
class Shown:
    """All that a status is made of.

    Attributes:
        wanted: The spec.
        state: Decided by `reconcile`.
        now: The time of writing.
        row: The ledger's row, where it is of this Batch.
        counts: Its items by outcome.
        failures: Its failed items by error.
        job: Name and uid of the Job.
        rate: Items a second, lately.
        sample: Of a dry run.
    """

    wanted: Wanted
    state: State
    now: datetime
    row: LedgerRow | None = None
    counts: Counts | None = None
    failures: Sequence[FailureGroup] = ()
    job: tuple[str, str | None] | None = None
    rate: float | None = None
    sample: Preview | None = None


def batch_status(shown: Shown, previous: Mapping[str, Any]) -> dict[str, Any]:
    """The whole new status.

    Args:
        shown: What is known now.
        previous: The stored status; transition times come from it, and what cannot be seen at the moment.
    """
    status = _kept(shown, previous) | _facts(shown, previous)
    resolved = _resolved_message(shown, status)
    new = conditions(shown.state, resolved=resolved, generation=shown.wanted.generation)
    status["conditions"] = with_transition_times(new, parts(previous, "conditions"), to_kubernetes(shown.now))
    status["observedGeneration"] = shown.wanted.generation
    return status


_WHILE_HIDDEN = (
    "items",
    "progress",
    "startTime",
    "resolvedTime",
    "completionTime",
    "lastProgressTime",
    "failures",
    "effectiveQuery",
    "jobRef",
    "batchId",
    "resolvedHash",
    "sample",
)


def _kept(shown: Shown, previous: Mapping[str, Any]) -> dict[str, Any]:
    """What a look that did not reach the ledger leaves as it was."""
    if shown.row is not None or shown.sample is not None:
        return {}
    hidden = previous.get("resolvedTime") or shown.state.phase is Phase.DRY_RUN
    return {key: previous[key] for key in _WHILE_HIDDEN if key in previous} if hidden else {}


def _facts(shown: Shown, previous: Mapping[str, Any]) -> dict[str, Any]:
    if shown.row is not None and shown.counts is not None:
        return _ledger_facts(shown, shown.row, shown.counts) | _job_reference(shown, previous)
    if shown.sample is not None:
        counts = Counts(total=shown.sample.total, pending=shown.sample.total)
        sample = {"ids": list(shown.sample.sample_ids), "unknownIds": list(shown.sample.unknown_ids)[:MOST_SAMPLES]}
        return {"items": _items(counts), "sample": sample, "effectiveQuery": _json(shown.sample.effective_query)}
    return {}


def _ledger_facts(shown: Shown, row: LedgerRow, counts: Counts) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "batchId": row.batch_id,
        "resolvedHash": row.content_hash,
        "effectiveQuery": _json(row.effective_query),
        "items": _items(counts),
        "progress": _progress(counts),
        "resolvedTime": row.resolved_time and to_kubernetes(row.resolved_time),
        "startTime": counts.start_time and to_kubernetes(counts.start_time),
        "completionTime": row.completion_time and to_kubernetes(row.completion_time),
        "lastProgressTime": counts.last_progress_time and to_kubernetes(counts.last_progress_time),
        "failures": [_failure(group) for group in shown.failures[:MOST_SAMPLES]],
    }
    facts |= _pace(shown, row, counts)
    return {key: value for key, value in facts.items() if value is not None}


def _job_reference(shown: Shown, previous: Mapping[str, Any]) -> dict[str, Any]:
    """The Job; its uid stays when it is removed after its time to live."""
    if shown.job is None:
        return {}
    name, uid = shown.job
    known = part(previous, "jobRef")
    uid = uid or (known.get("uid") if known.get("name") == name else None)
    return {"jobRef": {"name": name} | ({"uid": uid} if uid else {})}


def _json(effective_query: Mapping[str, Any]) -> str:
    text = json.dumps(effective_query, ensure_ascii=False, separators=(", ", ": "))
    return text if len(text) <= LONGEST_EFFECTIVE_QUERY else text[: LONGEST_EFFECTIVE_QUERY - 1] + "…"


def _items(counts: Counts) -> dict[str, int]:
    names = ("total", "pending", "running", "succeeded", "failed", "skipped")
    return {name: getattr(counts, name) for name in names} | {"handedOver": counts.handed_over}


def _progress(counts: Counts) -> str:
    # rounded down: 100% must mean that nothing is left
    return f"{counts.settled * 100 // counts.total}%" if counts.total else "100%"


def _failure(group: FailureGroup) -> dict[str, Any]:
    text = f"{group.reason}: {group.message}" if group.message else group.reason
    return {"reason": text[:LONGEST_REASON], "count": group.count, "sampleIds": list(group.sample_ids)}


def _pace(shown: Shown, row: LedgerRow, counts: Counts) -> dict[str, Any]:
    if row.completion_time and counts.start_time:
        end = counts.last_progress_time or row.completion_time
        seconds = max((end - counts.start_time).total_seconds(), 0.001)
        return {"itemsPerSecond": round(counts.settled / seconds)}
    if not shown.rate or shown.state.phase is not Phase.WORKING:
        return {}
    expected = shown.now + timedelta(seconds=(counts.total - counts.settled) / shown.rate)
    return {"itemsPerSecond": round(shown.rate), "estimatedCompletionTime": to_kubernetes(expected)}


def _resolved_message(shown: Shown, status: Mapping[str, Any]) -> str | None:
    if shown.row is not None:
        return f"{shown.row.total} items frozen"
    return f"{status['items']['total']} items frozen" if status.get("resolvedTime") and "items" in status else None


def merge_patch(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON merge patch that turns `old` into `new`; empty when they are equal."""
    patch: dict[str, Any] = {key: None for key in old if key not in new}
    for key, value in new.items():
        before = old.get(key)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            if inner := merge_patch(before, value):  # pyright: ignore[reportUnknownArgumentType]
                patch[key] = inner
        elif key not in old or before != value:
            patch[key] = value
    return patch


@dataclass(frozen=True)
class Occurrence:
    """An Event to post about an object."""

    kind: str
    reason: str
    message: str


_WARNINGS = {ConditionType.STALLED, ConditionType.FAILED}
_TOLD = (
    ConditionType.RESOLVED,
    ConditionType.RECONCILING,
    ConditionType.SUSPENDED,
    ConditionType.STALLED,
    ConditionType.COMPLETE,
    ConditionType.FAILED,
)


def occurrences(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[Occurrence]:
    """What became true between two lists of conditions, or true for another reason.

    A failed Batch is stalled as well; that is told once. That it is being worked on is told only when that is left to
    the Java engine.
    """
    before = {(c.get("type"), c.get("reason")) for c in old if c.get("status") == "True"}
    true = {c["type"]: c for c in new if c["status"] == "True"}
    if ConditionType.FAILED in true:
        true.pop(ConditionType.STALLED, None)
    return [
        _occurrence(kind, true[kind])
        for kind in _TOLD
        if kind in true and (kind.value, true[kind]["reason"]) not in before and _is_told(kind, true[kind])
    ]


def _is_told(kind: ConditionType, condition: Mapping[str, Any]) -> bool:
    return kind is not ConditionType.RECONCILING or condition["reason"] == Reason.HANDED_OVER


def _occurrence(kind: ConditionType, condition: Mapping[str, Any]) -> Occurrence:
    reason, message = condition["reason"], condition["message"]
    text = message if reason in (kind.value, "Frozen", Reason.HANDED_OVER) else f"{reason}: {message}"
    name = reason if kind is ConditionType.RECONCILING else kind.value
    return Occurrence("Warning" if kind in _WARNINGS else "Normal", name, text)


@dataclass
class Pace:
    """Items settled a second over the last minute, from what was seen."""

    seen: deque[tuple[float, int]] = field(default_factory=deque[tuple[float, int]])

    def add(self, now: float, settled: int) -> float | None:
        """Note a count and return the pace, `None` while it cannot be told.

        Args:
            now: Seconds of a clock that never goes back.
            settled: Items settled so far.
        """
        self.seen.append((now, settled))
        while now - self.seen[0][0] > RATE_WINDOW_SECONDS:
            self.seen.popleft()
        start, first = self.seen[0]
        passed = now - start
        return (settled - first) / passed if passed > 0 and settled > first else None
