"""The status of a Batch as one document, and the smallest patch that brings the stored one to it. Pure."""

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from batch_operator.lifecycle.conditions import ConditionType, Phase, Reason, State, conditions, with_transition_times
from batch_operator.lifecycle.documents import part, parts
from batch_operator.lifecycle.observed import Observed
from batch_operator.lifecycle.times import to_kubernetes
from batch_operator.resources.limits import LONGEST_EFFECTIVE_QUERY, MOST_SAMPLES
from process_engine.batch.ledger import BatchRow, Counts, FailureGroup
from process_engine.batch.preview import Preview

RATE_WINDOW_SECONDS = 60.0
LONGEST_REASON = 1024


@dataclass(frozen=True, kw_only=True)
class StatusInputs:
    """All that a status is made of.

    Attributes:
        seen: What was observed; of the ledger's batch only what is of this Batch is inputs.
        state: Decided by `reconcile`.
        now: The time of writing.
        failures: Its failed items by error.
        job: Name and uid of the Job.
        rate: Items a second, lately.
        sample: Of a dry run.
    """

    seen: Observed
    state: State
    now: datetime
    failures: Sequence[FailureGroup] = ()
    job: tuple[str, str | None] | None = None
    rate: float | None = None
    sample: Preview | None = None

    @property
    def found(self) -> Preview | None:
        """What a dry run found, where nothing is frozen."""
        return self.sample if self.seen.desired.dry_run and self.seen.own is None else None


def batch_status(inputs: StatusInputs, previous: Mapping[str, Any]) -> dict[str, Any]:
    """The whole new status.

    Args:
        inputs: What is known now.
        previous: The stored status; transition times come from it, and what cannot be seen at the moment.
    """
    generation = inputs.seen.desired.generation
    status = _kept(inputs, previous) | _facts(inputs, previous)
    new = conditions(inputs.state, resolved=_resolved_message(inputs, status), generation=generation)
    status["conditions"] = with_transition_times(new, parts(previous, "conditions"), to_kubernetes(inputs.now))
    status["observedGeneration"] = generation
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


def _kept(inputs: StatusInputs, previous: Mapping[str, Any]) -> dict[str, Any]:
    """What an observation that did not reach the ledger leaves as it was."""
    if inputs.seen.own is not None or inputs.found is not None:
        return {}
    hidden = previous.get("resolvedTime") or inputs.state.phase is Phase.DRY_RUN
    return {key: previous[key] for key in _WHILE_HIDDEN if key in previous} if hidden else {}


def _facts(inputs: StatusInputs, previous: Mapping[str, Any]) -> dict[str, Any]:
    if inputs.seen.own is not None:
        return _ledger_facts(inputs, *inputs.seen.own) | _job_reference(inputs, previous)
    if (found := inputs.found) is not None:
        counts = Counts(total=found.total, pending=found.total)
        sample = {"ids": list(found.sample_ids), "unknownIds": list(found.unknown_ids)[:MOST_SAMPLES]}
        return {"items": _items(counts), "sample": sample, "effectiveQuery": _json(found.effective_query)}
    return {}


def _ledger_facts(inputs: StatusInputs, row: BatchRow, counts: Counts) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "batchId": row.batch_id,
        "resolvedHash": row.content_hash,
        "effectiveQuery": _json(row.effective_query),
        "items": _items(counts),
        "progress": _progress(counts, row.total),
        "resolvedTime": to_kubernetes(row.resolved_time),
        "startTime": counts.start_time and to_kubernetes(counts.start_time),
        "completionTime": row.completion_time and to_kubernetes(row.completion_time),
        "lastProgressTime": counts.last_progress_time and to_kubernetes(counts.last_progress_time),
        "failures": [_failure(group) for group in inputs.failures[:MOST_SAMPLES]],
    }
    facts |= _pace(inputs, row, counts)
    return {key: value for key, value in facts.items() if value is not None}


def _job_reference(inputs: StatusInputs, previous: Mapping[str, Any]) -> dict[str, Any]:
    """The Job; its uid stays when it is removed after its time to live."""
    if inputs.job is None:
        return {}
    name, uid = inputs.job
    known = part(previous, "jobRef")
    uid = uid or (known.get("uid") if known.get("name") == name else None)
    return {"jobRef": {"name": name} | ({"uid": uid} if uid else {})}


def _json(effective_query: Mapping[str, Any]) -> str:
    text = json.dumps(effective_query, ensure_ascii=False, separators=(", ", ": "))
    return text if len(text) <= LONGEST_EFFECTIVE_QUERY else text[: LONGEST_EFFECTIVE_QUERY - 1] + "…"


def _items(counts: Counts) -> dict[str, int]:
    names = ("total", "pending", "running", "succeeded", "failed", "skipped")
    return {name: getattr(counts, name) for name in names} | {"handedOver": counts.handed_over}


def _progress(counts: Counts, total: int) -> str:
    # rounded down: 100% must mean that nothing is left of the frozen set, also where its chunks are lost
    return f"{counts.settled * 100 // total}%" if total else "100%"


def _failure(group: FailureGroup) -> dict[str, Any]:
    text = f"{group.reason}: {group.message}" if group.message else group.reason
    return {"reason": text[:LONGEST_REASON], "count": group.count, "sampleIds": list(group.sample_ids)}


def _pace(inputs: StatusInputs, row: BatchRow, counts: Counts) -> dict[str, Any]:
    if row.completion_time and counts.start_time:
        end = counts.last_progress_time or row.completion_time
        seconds = max((end - counts.start_time).total_seconds(), 0.001)
        return {"itemsPerSecond": round(counts.settled / seconds)}
    if not inputs.rate or inputs.state.phase is not Phase.WORKING:
        return {}
    expected = inputs.now + timedelta(seconds=(counts.total - counts.settled) / inputs.rate)
    return {"itemsPerSecond": round(inputs.rate), "estimatedCompletionTime": to_kubernetes(expected)}


def _resolved_message(inputs: StatusInputs, status: Mapping[str, Any]) -> str | None:
    if inputs.seen.own is not None:
        return f"{inputs.seen.own[0].total} items frozen"
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
class EventToPost:
    """An Event to post about an object."""

    kind: str
    reason: str
    message: str


_WARNINGS = {ConditionType.STALLED, ConditionType.FAILED}
_POSTED = (
    ConditionType.RESOLVED,
    ConditionType.RECONCILING,
    ConditionType.SUSPENDED,
    ConditionType.STALLED,
    ConditionType.COMPLETE,
    ConditionType.FAILED,
)


def events_to_post(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[EventToPost]:
    """What became true between two lists of conditions, or true for another reason.

    A failed Batch is stalled as well; that is posted once. That it is being worked on is posted only when that is left
    to the Java engine.
    """
    before = {(c.get("type"), c.get("reason")) for c in old if c.get("status") == "True"}
    true = {c["type"]: c for c in new if c["status"] == "True"}
    if ConditionType.FAILED in true:
        true.pop(ConditionType.STALLED, None)
    return [
        _event(kind, true[kind])
        for kind in _POSTED
        if kind in true and (kind.value, true[kind]["reason"]) not in before and _is_posted(kind, true[kind])
    ]


def _is_posted(kind: ConditionType, condition: Mapping[str, Any]) -> bool:
    return kind is not ConditionType.RECONCILING or condition["reason"] == Reason.HANDED_OVER


def _event(kind: ConditionType, condition: Mapping[str, Any]) -> EventToPost:
    reason, message = condition["reason"], condition["message"]
    text = message if reason in (kind.value, "Frozen", Reason.HANDED_OVER) else f"{reason}: {message}"
    name = reason if kind is ConditionType.RECONCILING else kind.value
    return EventToPost("Warning" if kind in _WARNINGS else "Normal", name, text)


@dataclass
class Pace:
    """Items settled a second over the last minute, from what was seen."""

    seen: deque[tuple[float, int]] = field(default_factory=deque[tuple[float, int]])

    def add(self, now: float, settled: int) -> float | None:
        """Note a count and return the pace, `None` while there is none.

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
