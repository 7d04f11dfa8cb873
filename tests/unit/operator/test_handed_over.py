"""Items that the Java engine has: what is decided, shown and told while it is at them, and when it is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from batch_operator.cli.output import progress_of
from batch_operator.environment import (
    DEFAULT_PATIENCE,
    PATIENCE_SECONDS,
    EnvironmentProblemError,
    patience_of_environment,
)
from batch_operator.lifecycle.conditions import Phase, Reason
from batch_operator.lifecycle.ledger_rows import state_of
from batch_operator.lifecycle.observed import LedgerRow, Observed, ObservedJob, Policy, Wanted, is_engine_idle
from batch_operator.lifecycle.reconcile import Close, PatchJob, SetSuspended, reconcile
from batch_operator.lifecycle.status import Shown, batch_status, occurrences
from process_engine.batch.ledger import BatchRow, Counts

NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)
WANTED = Wanted(namespace="flows", name="cancel", uid="u1", generation=1, content_hash="h1")
ROW = LedgerRow(batch_id="b1", content_hash="h1", owner_uid="u1", total=10, job_name="cancel-1")
GIVEN = Counts(total=10, succeeded=7, handed_over=3, engine_seen_time=NOW)
SEEN = Observed(wanted=WANTED, row=ROW, counts=GIVEN)
JOB = ObservedJob(name="cancel-1", active=1, ready=1)
ENDED = replace(JOB, active=0, ready=0, ended=True)


@pytest.mark.parametrize("job", [None, JOB, ENDED])
def test_while_the_java_engine_is_at_the_last_items_no_job_is_made_and_it_is_looked_at_again(
    job: ObservedJob | None,
) -> None:
    decision = reconcile(replace(SEEN, job=job))

    assert decision.action is None
    assert (decision.state.phase, decision.state.reason) == (Phase.WORKING, Reason.HANDED_OVER)
    assert decision.state.message == "3 items are with the Java engine; 7 of 10 settled"
    assert decision.look_again is not None


def test_a_batch_closes_only_when_nothing_is_handed_over_any_more() -> None:
    last = replace(GIVEN, succeeded=9, handed_over=1)
    done = replace(GIVEN, succeeded=9, failed=1, handed_over=0)

    actions = [reconcile(replace(SEEN, counts=counts)).action for counts in (GIVEN, last, done)]

    assert actions == [None, None, Close("b1")]


def test_while_workers_run_it_is_said_how_many_items_the_java_engine_has() -> None:
    counts = replace(GIVEN, succeeded=2, pending=5)

    decision = reconcile(replace(SEEN, counts=counts, job=JOB))

    assert decision.state.reason is Reason.RUNNING
    assert decision.state.message == "2 of 10 items settled, 3 with the Java engine; 1 of 1 workers run"


def test_an_engine_that_does_nothing_stalls_the_batch_until_it_goes_on() -> None:
    stalled = reconcile(replace(SEEN, engine_idle=True))
    again = reconcile(replace(SEEN, engine_idle=False))

    assert (stalled.state.phase, stalled.state.reason) == (Phase.STALLED, Reason.ENGINE_NOT_EXECUTING)
    assert stalled.state.message.startswith("3 items are with the Java engine, but no job executor takes their jobs")
    assert stalled.action is None
    assert stalled.look_again is not None
    assert again.state.reason is Reason.HANDED_OVER


def test_an_engine_that_does_nothing_does_not_hold_back_workers() -> None:
    counts = replace(GIVEN, succeeded=2, pending=5)

    decision = reconcile(replace(SEEN, counts=counts, job=JOB, engine_idle=True))

    assert decision.state.reason is Reason.RUNNING


def test_what_the_java_engine_has_is_not_stopped_by_failures() -> None:
    policy = Policy(stop_after_failed_items=1)
    failed = replace(
        SEEN,
        wanted=replace(WANTED, policy=policy),
        row=replace(ROW, policy=policy),
        counts=replace(GIVEN, succeeded=6, failed=1),
    )

    decision = reconcile(failed)

    assert decision.state.reason is Reason.HANDED_OVER


def test_what_the_java_engine_has_is_suspended_with_its_batch_and_stalls_nothing() -> None:
    suspended = replace(SEEN, wanted=replace(WANTED, suspend=True), row=replace(ROW, suspended=True))

    decision = reconcile(replace(suspended, engine_idle=True))

    assert (decision.state.phase, decision.action) == (Phase.SUSPENDED, None)
    assert decision.state.message.endswith("3 items are with the Java engine, suspended there")


def test_suspend_reaches_the_ledger_also_while_the_java_engine_is_at_it() -> None:
    decision = reconcile(replace(SEEN, wanted=replace(WANTED, suspend=True), job=JOB))

    assert decision.action == SetSuspended("b1", suspended=True)
    assert not isinstance(decision.action, PatchJob)


@pytest.mark.parametrize(
    ("seen", "since", "idle"),
    [
        (NOW - timedelta(seconds=299), None, False),
        (NOW - timedelta(seconds=301), None, True),
        (NOW - timedelta(hours=1), NOW - timedelta(seconds=2), False),
        (NOW - timedelta(hours=1), NOW - timedelta(seconds=301), True),
        (None, None, False),
    ],
)
def test_an_engine_is_idle_when_it_was_not_seen_for_longer_than_the_patience(
    seen: datetime | None, since: datetime | None, idle: bool
) -> None:
    counts = replace(GIVEN, engine_seen_time=seen)

    assert is_engine_idle(counts, NOW, timedelta(minutes=5), since) is idle


def test_an_engine_that_has_nothing_is_not_idle() -> None:
    counts = Counts(total=10, succeeded=10, engine_seen_time=NOW - timedelta(days=1))

    assert not is_engine_idle(counts, NOW, timedelta(minutes=5))


# ---------------------------------------------------------------- shown


def status(observed: Observed, previous: dict[str, Any] | None = None) -> dict[str, Any]:
    state = reconcile(observed).state
    shown = Shown(wanted=WANTED, state=state, now=NOW, row=observed.row, counts=observed.counts)
    return batch_status(shown, previous or {})


def test_the_status_counts_what_the_java_engine_has_and_not_as_progress() -> None:
    shown = status(SEEN)

    items = shown["items"]
    assert items["handedOver"] == 3
    assert items["total"] == sum(number for name, number in items.items() if name != "total")
    assert shown["progress"] == "70%"


def test_events_tell_once_that_the_rest_is_with_the_java_engine_and_that_it_does_nothing() -> None:
    running = status(replace(SEEN, counts=replace(GIVEN, pending=3, succeeded=4), job=JOB))
    given = status(SEEN, running)
    fewer = status(replace(SEEN, counts=replace(GIVEN, succeeded=8, handed_over=2)), given)
    idle = status(replace(SEEN, engine_idle=True), fewer)
    again = status(SEEN, idle)

    shown = [running, given, fewer, idle, again]
    told = [
        [(event.kind, event.reason, event.message.partition(";")[0].partition(",")[0]) for event in events]
        for before, after in pairwise(shown)
        for events in [occurrences(before["conditions"], after["conditions"])]
    ]

    assert told == [
        [("Normal", "HandedOver", "3 items are with the Java engine")],
        [],
        [("Warning", "Stalled", "EngineNotExecuting: 3 items are with the Java engine")],
        [("Normal", "HandedOver", "3 items are with the Java engine")],
    ]


def ledger_row() -> BatchRow:
    return BatchRow(
        batch_id="b1", namespace="flows", name="cancel", content_hash="h1", owner_uid="u1", operation="Cancellation",
        definition={}, engine_facts={}, effective_query={}, unknown_ids=[], total=10, resolved_time=NOW,
        completion_time=None, suspended=False, tolerated_failed_items=0, stop_after_failed_items=None, max_attempts=3,
        job_name=None, job_attempts=0,
    )  # fmt: skip


def test_the_ledger_alone_tells_that_the_java_engine_is_at_it() -> None:
    state = state_of(ledger_row(), GIVEN)
    idle = state_of(ledger_row(), GIVEN, engine_idle=True)

    assert (state.phase, state.reason) == (Phase.WORKING, Reason.HANDED_OVER)
    assert idle.reason is Reason.ENGINE_NOT_EXECUTING
    assert idle.message.endswith("Called again, process-batch run goes on")


def test_progress_lines_tell_what_the_java_engine_has(capsys: pytest.CaptureFixture[str]) -> None:
    shown = progress_of("cancel", to_stderr=False)

    shown.update(GIVEN)
    shown.update(replace(GIVEN, succeeded=9, failed=1, handed_over=0))

    assert capsys.readouterr().out.splitlines() == [
        "cancel: 7 of 10 items, 0 failed, 3 with the Java engine",
        "cancel: 10 of 10 items, 1 failed",
    ]


# ---------------------------------------------------------------- the setting


def test_the_patience_is_five_minutes_or_what_the_environment_says() -> None:
    assert patience_of_environment({}) == DEFAULT_PATIENCE == timedelta(minutes=5)
    assert patience_of_environment({PATIENCE_SECONDS: "2"}) == timedelta(seconds=2)


def test_a_patience_that_is_no_number_is_refused() -> None:
    with pytest.raises(EnvironmentProblemError, match="'soon' is not a number of seconds"):
        patience_of_environment({PATIENCE_SECONDS: "soon"})
