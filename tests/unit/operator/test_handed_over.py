"""Items that the Java engine has: what is decided, shown and told while it is at them, and when it is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from batch_operator.cli.progress import progress_of
from batch_operator.environment import (
    DEFAULT_PATIENCE,
    PATIENCE_SECONDS,
    EnvironmentProblemError,
    patience_of_environment,
)
from batch_operator.lifecycle.conditions import Phase, Reason
from batch_operator.lifecycle.observed import (
    Desired,
    Observed,
    ObservedWorkers,
    Performer,
    is_engine_idle,
    observed_in_ledger,
)
from batch_operator.lifecycle.reconcile import AdjustWorkers, Close, SetSuspended, reconcile
from batch_operator.lifecycle.status import StatusInputs, batch_status, events_to_post
from process_engine.batch.ledger import Counts
from process_engine.batch.policies import FailurePolicy
from support.batch_rows import batch_row

NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)
DESIRED = Desired(namespace="flows", name="cancel", uid="u1", generation=1, content_hash="h1")
ROW = batch_row(name="cancel", job_name="cancel-1")
GIVEN = Counts(total=10, succeeded=7, handed_over=3, followed=3, engine_seen_time=NOW)
SEEN = Observed(desired=DESIRED, row=ROW, counts=GIVEN)
JOB = ObservedWorkers(name="cancel-1", active=1, ready=1)
ENDED = replace(JOB, active=0, ready=0, ended=True)


@pytest.mark.parametrize("job", [None, JOB, ENDED])
def test_while_the_java_engine_is_at_the_last_items_no_job_is_made_and_it_is_observed_again(
    job: ObservedWorkers | None,
) -> None:
    decision = reconcile(replace(SEEN, workers=job))

    assert decision.action is None
    assert (decision.state.phase, decision.state.reason) == (Phase.WORKING, Reason.HANDED_OVER)
    assert decision.state.message == "3 items are with the Java engine; 7 of 10 settled"
    assert decision.requeue_after is not None


def test_a_batch_closes_only_when_nothing_is_handed_over_any_more() -> None:
    last = replace(GIVEN, succeeded=9, handed_over=1, followed=1)
    done = replace(GIVEN, succeeded=9, failed=1, handed_over=0, followed=0)

    actions = [reconcile(replace(SEEN, counts=counts)).action for counts in (GIVEN, last, done)]

    assert actions == [None, None, Close("b1")]


def test_while_workers_run_it_is_said_how_many_items_the_java_engine_has() -> None:
    counts = replace(GIVEN, succeeded=2, pending=5)

    decision = reconcile(replace(SEEN, counts=counts, workers=JOB))

    assert decision.state.reason is Reason.RUNNING
    assert decision.state.message == "2 of 10 items settled, 3 with the Java engine; 1 of 1 workers run"


def test_an_engine_that_does_nothing_stalls_the_batch_until_it_goes_on() -> None:
    stalled = reconcile(replace(SEEN, engine_idle=True))
    again = reconcile(replace(SEEN, engine_idle=False))

    assert (stalled.state.phase, stalled.state.reason) == (Phase.STALLED, Reason.ENGINE_NOT_EXECUTING)
    assert stalled.state.message.startswith("3 items are with the Java engine, but no job executor takes their jobs")
    assert stalled.action is None
    assert stalled.requeue_after is not None
    assert again.state.reason is Reason.HANDED_OVER


def test_an_engine_that_does_nothing_does_not_hold_back_workers() -> None:
    counts = replace(GIVEN, succeeded=2, pending=5)

    decision = reconcile(replace(SEEN, counts=counts, workers=JOB, engine_idle=True))

    assert decision.state.reason is Reason.RUNNING


def test_what_the_java_engine_has_is_not_stopped_by_failures() -> None:
    policy = FailurePolicy(stop_after_failed_items=1)
    failed = replace(
        SEEN,
        desired=replace(DESIRED, policy=policy),
        row=replace(ROW, policy=policy),
        counts=replace(GIVEN, succeeded=6, failed=1),
    )

    decision = reconcile(failed)

    assert decision.state.reason is Reason.HANDED_OVER


def test_what_the_java_engine_has_is_suspended_with_its_batch_and_stalls_nothing() -> None:
    suspended = replace(SEEN, desired=replace(DESIRED, suspend=True), row=replace(ROW, suspended=True))

    decision = reconcile(replace(suspended, engine_idle=True))

    assert (decision.state.phase, decision.action) == (Phase.SUSPENDED, None)
    assert decision.state.message.endswith("3 items are with the Java engine, suspended there")


def test_suspend_reaches_the_ledger_also_while_the_java_engine_is_at_it() -> None:
    decision = reconcile(replace(SEEN, desired=replace(DESIRED, suspend=True), workers=JOB))

    assert decision.action == SetSuspended("b1", suspended=True)
    assert not isinstance(decision.action, AdjustWorkers)


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
    return batch_status(StatusInputs(seen=observed, state=state, now=NOW), previous or {})


def test_the_status_counts_what_the_java_engine_has_and_not_as_progress() -> None:
    shown = status(SEEN)

    items = shown["items"]
    assert items["handedOver"] == 3
    assert items["total"] == sum(number for name, number in items.items() if name != "total")
    assert shown["progress"] == "70%"


def test_events_tell_once_that_the_rest_is_with_the_java_engine_and_that_it_does_nothing() -> None:
    running = status(replace(SEEN, counts=replace(GIVEN, pending=3, succeeded=4), workers=JOB))
    given = status(SEEN, running)
    fewer = status(replace(SEEN, counts=replace(GIVEN, succeeded=8, handed_over=2, followed=2)), given)
    idle = status(replace(SEEN, engine_idle=True), fewer)
    again = status(SEEN, idle)

    shown = [running, given, fewer, idle, again]
    told = [
        [(event.kind, event.reason, event.message.partition(";")[0].partition(",")[0]) for event in events]
        for before, after in pairwise(shown)
        for events in [events_to_post(before["conditions"], after["conditions"])]
    ]

    assert told == [
        [("Normal", "HandedOver", "3 items are with the Java engine")],
        [],
        [("Warning", "Stalled", "EngineNotExecuting: 3 items are with the Java engine")],
        [("Normal", "HandedOver", "3 items are with the Java engine")],
    ]


def test_the_ledger_alone_says_that_the_java_engine_is_at_it() -> None:
    state = reconcile(observed_in_ledger(ROW, GIVEN)).state

    assert (state.phase, state.reason) == (Phase.WORKING, Reason.HANDED_OVER)
    assert state.message == "3 items are with the Java engine; 7 of 10 settled"


def test_a_run_that_gives_the_java_engine_up_says_how_to_go_on() -> None:
    idle = reconcile(replace(SEEN, engine_idle=True, performer=Performer.RUN)).state

    assert idle.reason is Reason.ENGINE_NOT_EXECUTING
    assert idle.message.endswith("with its job executor on? Called again, process-batch run goes on")


def test_progress_lines_tell_what_the_java_engine_has(capsys: pytest.CaptureFixture[str]) -> None:
    shown = progress_of("cancel", to_stderr=False)

    shown.update(GIVEN)
    shown.update(replace(GIVEN, succeeded=9, failed=1, handed_over=0, followed=0))

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
