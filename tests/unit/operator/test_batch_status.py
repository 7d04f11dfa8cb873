"""The status of a Batch: what kstatus, Job-like clients and people read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from batch_operator.lifecycle.conditions import ConditionType, Phase, Reason, State
from batch_operator.lifecycle.observed import Desired, Observed
from batch_operator.lifecycle.status import Pace, StatusInputs, batch_status, events_to_post, merge_patch
from process_engine.batch.ledger import BatchRow, Counts, FailureGroup
from process_engine.batch.preview import Preview
from support.batch_rows import batch_row

NOW = datetime(2026, 5, 3, 12, 0, 0, tzinfo=UTC)
DESIRED = Desired(namespace="flows", name="retry", uid="u1", generation=7, content_hash="h1")
ROW = batch_row(resolved_time=NOW)
COUNTS = Counts(
    total=10, pending=4, running=1, succeeded=3, failed=1, skipped=1, start_time=NOW, last_progress_time=NOW
)
RUNNING = State(Phase.WORKING, Reason.RUNNING, "at it")


def inputs(
    state: State, now: datetime = NOW, row: BatchRow | None = None, counts: Counts | None = None, **shown: Any
) -> StatusInputs:
    seen = Observed(desired=replace(DESIRED, dry_run="sample" in shown), row=row, counts=counts)
    return StatusInputs(seen=seen, state=state, now=now, **shown)


def status(state: State, previous: dict[str, Any] | None = None, **shown: Any) -> dict[str, Any]:
    return batch_status(inputs(state, **shown), previous or {"observedGeneration": -1})


def kstatus(document: dict[str, Any]) -> str:
    """What Flux and `kubectl wait` of kstatus make of a status."""
    by_type = {condition["type"]: condition["status"] for condition in document["conditions"]}
    if by_type["Reconciling"] == "True":
        return "InProgress"
    if by_type["Stalled"] == "True":
        return "Failed"
    return "Current" if by_type["Ready"] == "True" else "InProgress"


@pytest.mark.parametrize(
    ("phase", "verdict", "job_like"),
    [
        (Phase.WORKING, "InProgress", None),
        (Phase.SUSPENDED, "InProgress", "Suspended"),
        (Phase.STALLED, "Failed", None),
        (Phase.COMPLETE, "Current", "Complete"),
        (Phase.FAILED, "Failed", "Failed"),
        (Phase.DRY_RUN, "Current", None),
    ],
)
def test_each_phase_reads_right_for_kstatus_and_for_job_like_clients(
    phase: Phase, verdict: str, job_like: str | None
) -> None:
    document = status(State(phase, Reason.RUNNING, "m"), row=ROW, counts=COUNTS)

    true = {c["type"] for c in document["conditions"] if c["status"] == "True"}
    assert kstatus(document) == verdict
    assert true & {"Complete", "Failed", "Suspended"} == ({job_like} if job_like else set())


def test_every_condition_is_always_there_with_the_generation_that_was_judged() -> None:
    document = status(RUNNING)

    assert [c["type"] for c in document["conditions"]] == [kind.value for kind in ConditionType]
    assert {c["observedGeneration"] for c in document["conditions"]} == {7}
    assert all(c["reason"] and c["lastTransitionTime"] for c in document["conditions"])
    assert document["observedGeneration"] == 7


def test_a_transition_time_moves_only_when_the_status_of_its_condition_does() -> None:
    before = status(RUNNING)
    later = inputs(State(Phase.COMPLETE, Reason.COMPLETE, "done"), NOW + timedelta(hours=1), ROW, COUNTS)

    after = batch_status(later, before)

    times = {c["type"]: c["lastTransitionTime"] for c in after["conditions"]}
    assert times["Complete"] == "2026-05-03T13:00:00Z"
    assert times["Failed"] == "2026-05-03T12:00:00Z"


def test_items_add_up_and_progress_is_what_is_settled_rounded_down() -> None:
    document = status(RUNNING, row=replace(ROW, total=3), counts=Counts(total=3, pending=1, succeeded=2))

    items = document["items"]
    assert items.pop("total") == sum(items.values()) == 3
    assert document["progress"] == "66%"


def test_progress_is_that_of_the_frozen_set_also_when_its_chunks_are_lost() -> None:
    stalled = State(Phase.STALLED, Reason.LEDGER_INCONSISTENT, "chunks are lost")

    assert status(stalled, row=replace(ROW, total=10), counts=Counts())["progress"] == "0%"
    assert status(stalled, row=replace(ROW, total=10), counts=Counts(total=5, succeeded=5))["progress"] == "50%"


def test_pace_and_estimate_are_shown_while_it_runs() -> None:
    document = status(RUNNING, row=ROW, counts=COUNTS, rate=0.5)

    assert document["estimatedCompletionTime"] == "2026-05-03T12:00:10Z"


def test_a_finished_batch_shows_its_times_and_no_estimate() -> None:
    end = NOW + timedelta(seconds=2)
    row = replace(ROW, completion_time=end)
    counts = Counts(total=10, succeeded=10, start_time=NOW, last_progress_time=end)

    document = status(State(Phase.COMPLETE, Reason.COMPLETE, "done"), row=row, counts=counts)

    assert document["completionTime"] == document["lastProgressTime"] == "2026-05-03T12:00:02Z"
    assert document["itemsPerSecond"] == 5
    assert "estimatedCompletionTime" not in document


def test_at_most_twenty_groups_of_failures_are_shown() -> None:
    groups = [FailureGroup(reason=f"reason {number}", count=1, sample_ids=["i"], message="m") for number in range(30)]

    document = status(RUNNING, row=ROW, counts=COUNTS, failures=groups)

    assert len(document["failures"]) == 20
    assert document["failures"][0] == {"reason": "reason 0: m", "count": 1, "sampleIds": ["i"]}


def test_an_observation_that_does_not_reach_the_ledger_leaves_what_was_known() -> None:
    before = status(RUNNING, row=ROW, counts=COUNTS)

    after = status(State(Phase.WORKING, Reason.DATABASE_UNREACHABLE, "no answer"), previous=before)

    assert after["items"] == before["items"]
    assert after["resolvedTime"] == before["resolvedTime"]
    assert next(c for c in after["conditions"] if c["type"] == "Resolved")["status"] == "True"


def test_the_uid_of_a_job_stays_when_the_job_is_removed() -> None:
    before = status(RUNNING, row=ROW, counts=COUNTS, job=("retry-1", "j1"))

    removed = status(RUNNING, previous=before, row=ROW, counts=COUNTS, job=("retry-1", None))
    replaced = status(RUNNING, previous=before, row=ROW, counts=COUNTS, job=("retry-2", None))

    assert removed["jobRef"] == {"name": "retry-1", "uid": "j1"}
    assert replaced["jobRef"] == {"name": "retry-2"}


def test_a_dry_run_shows_its_count_but_no_frozen_set() -> None:
    sample = Preview(total=12, sample_ids=["a"], unknown_ids=[], effective_query={"jobs": {"all": True}})

    document = status(State(Phase.DRY_RUN, Reason.DRY_RUN, "12 items"), sample=sample)

    assert document["items"]["total"] == 12
    assert "resolvedTime" not in document
    assert "batchId" not in document
    assert next(c for c in document["conditions"] if c["type"] == "Resolved")["status"] == "False"


def test_equal_statuses_need_no_patch() -> None:
    document = status(RUNNING, row=ROW, counts=COUNTS)

    assert merge_patch(document, batch_status(inputs(RUNNING, row=ROW, counts=COUNTS), document)) == {}


def test_a_patch_holds_what_changed_and_removes_what_is_gone() -> None:
    patch = merge_patch({"a": 1, "b": {"c": 1, "d": 2}, "e": [1]}, {"b": {"c": 1, "d": 3}, "e": [1, 2]})

    assert patch == {"a": None, "b": {"d": 3}, "e": [1, 2]}


def test_an_event_says_each_change_once() -> None:
    new = status(RUNNING, row=ROW, counts=COUNTS)["conditions"]

    first, again = events_to_post([], new), events_to_post(new, new)

    assert [(event.kind, event.reason) for event in first] == [("Normal", "Resolved")]
    assert again == []


@pytest.mark.parametrize(
    ("state", "kind", "reason", "text"),
    [
        (State(Phase.COMPLETE, Reason.COMPLETE, "10 items settled"), "Normal", "Complete", "10 items settled"),
        (State(Phase.FAILED, Reason.FAILED_ITEMS, "1 failed"), "Warning", "Failed", "FailedItems: 1 failed"),
        (State(Phase.STALLED, Reason.NAME_IN_USE, "m"), "Warning", "Stalled", "NameInUse: m"),
        (State(Phase.SUSPENDED, Reason.SUSPENDED, "m"), "Normal", "Suspended", "m"),
    ],
)
def test_an_event_is_named_by_its_condition_and_told_once(state: State, kind: str, reason: str, text: str) -> None:
    old = status(RUNNING, row=ROW, counts=COUNTS)["conditions"]

    events = events_to_post(old, status(state, row=ROW, counts=COUNTS)["conditions"])

    assert [(event.kind, event.reason, event.message) for event in events] == [(kind, reason, text)]


def test_pace_is_that_of_the_last_minute() -> None:
    pace = Pace()

    assert pace.add(0.0, 0) is None
    assert pace.add(10.0, 100) == pytest.approx(10.0)
    assert pace.add(65.0, 155) == pytest.approx(1.0)
