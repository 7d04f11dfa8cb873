"""The state machine of a Batch, by tables of what is observed."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from batch_operator.lifecycle.conditions import Phase, Reason
from batch_operator.lifecycle.observed import (
    Attempts,
    Desired,
    Observed,
    ObservedWorkers,
    Performer,
    Problem,
    observed_in_ledger,
)
from batch_operator.lifecycle.reconcile import (
    MAX_REPLACEMENTS,
    AdjustWorkers,
    Adopt,
    Close,
    PreviewSet,
    Resolve,
    SetPolicy,
    SetSuspended,
    StartWorkers,
    reconcile,
)
from process_engine.batch.ledger import BatchRow, Counts
from process_engine.batch.policies import FailurePolicy
from support.batch_rows import RESOLVED, batch_row

DESIRED = Desired(namespace="flows", name="retry", uid="u1", generation=1, content_hash="h1")
ROW = batch_row()
STARTED = replace(ROW, job_name="retry-1")
DONE = replace(STARTED, completion_time=RESOLVED)
HALF = Counts(total=10, pending=4, running=1, succeeded=5)
ALL = Counts(total=10, succeeded=10)
RUNNING = ObservedWorkers(name="retry-1", active=1, ready=1)
ENDED = ObservedWorkers(name="retry-1", ended=True, message="BackoffLimitExceeded: too many pods failed")


def desired(**changes: Any) -> Desired:
    return replace(DESIRED, **changes)


def test_a_new_batch_is_resolved_before_anything_else() -> None:
    decision = reconcile(Observed(desired=DESIRED))

    assert decision.action == Resolve(suspended=False)
    assert (decision.state.phase, decision.state.reason) == (Phase.WORKING, Reason.RESOLVING)


def test_a_batch_that_is_created_suspended_is_resolved_and_waits_without_a_job() -> None:
    first = reconcile(Observed(desired=desired(suspend=True)))
    then = reconcile(Observed(desired=desired(suspend=True), row=replace(ROW, suspended=True), counts=HALF))

    assert first.action == Resolve(suspended=True)
    assert then.action is None
    assert (then.state.phase, then.state.reason) == (Phase.SUSPENDED, Reason.SUSPENDED)


def test_a_dry_run_is_previewed_once_and_never_resolved() -> None:
    first = reconcile(Observed(desired=desired(dry_run=True)))
    then = reconcile(Observed(desired=desired(dry_run=True, previewed=3)))

    assert first.action == PreviewSet()
    assert then.action is None
    assert then.state.phase is Phase.DRY_RUN


def test_a_frozen_set_that_the_ledger_lost_is_never_resolved_again() -> None:
    decision = reconcile(Observed(desired=desired(was_resolved=True)))

    assert decision.action is None
    assert decision.state.reason is Reason.LEDGER_MISSING


@pytest.mark.parametrize("row", [None, ROW, STARTED, DONE])
@pytest.mark.parametrize("passing", [True, False])
def test_a_problem_stops_everything_and_is_observed_again(row: BatchRow | None, passing: bool) -> None:
    problem = Problem(Reason.DATABASE_UNREACHABLE, "no answer", passing)

    decision = reconcile(Observed(desired=DESIRED, problem=problem, row=row, counts=HALF))

    assert decision.action is None
    assert decision.requeue_after is not None
    assert decision.state.phase is (Phase.WORKING if passing else Phase.STALLED)


@pytest.mark.parametrize("row", [ROW, STARTED, DONE, replace(ROW, owner_uid="u0")])
def test_another_content_under_the_same_name_is_refused(row: BatchRow) -> None:
    decision = reconcile(Observed(desired=desired(content_hash="h2"), row=row, counts=HALF))

    assert decision.action is None
    assert (decision.state.phase, decision.state.reason) == (Phase.STALLED, Reason.NAME_IN_USE)
    assert "retry" in decision.state.message


def test_a_resolved_batch_gets_its_first_job() -> None:
    decision = reconcile(Observed(desired=DESIRED, row=ROW, counts=HALF))

    assert decision.action == StartWorkers("b1", replaces=None)


def test_a_running_job_is_followed() -> None:
    decision = reconcile(Observed(desired=DESIRED, row=STARTED, counts=HALF, workers=RUNNING))

    assert decision.action is None
    assert decision.state.reason is Reason.RUNNING
    assert decision.state.message == "5 of 10 items settled; 1 of 1 workers run"


def test_a_job_whose_pods_do_not_run_says_where_the_cause_is_told() -> None:
    decision = reconcile(Observed(desired=DESIRED, row=STARTED, counts=HALF, workers=replace(RUNNING, ready=0)))

    assert decision.state.message.endswith(
        "0 of 1 workers run: kubectl describe pods -l batch.kubernetes.io/job-name=retry-1"
    )
    assert decision.requeue_after is not None


@pytest.mark.parametrize("job", [None, RUNNING, ENDED])
def test_a_batch_with_every_item_settled_is_closed_whatever_its_job_says(job: ObservedWorkers | None) -> None:
    decision = reconcile(Observed(desired=DESIRED, row=STARTED, counts=ALL, workers=job))

    assert decision.action == Close("b1")


def test_an_empty_set_is_closed_without_a_job() -> None:
    decision = reconcile(Observed(desired=DESIRED, row=replace(ROW, total=0), counts=Counts()))

    assert decision.action == Close("b1")


@pytest.mark.parametrize(
    ("failed", "tolerated", "phase", "reason"),
    [
        (0, 0, Phase.COMPLETE, Reason.COMPLETE),
        (1, 1, Phase.COMPLETE, Reason.COMPLETED_WITH_FAILURES),
        (1, 0, Phase.FAILED, Reason.FAILED_ITEMS),
        (3, 2, Phase.FAILED, Reason.FAILED_ITEMS),
    ],
)
def test_the_verdict_depends_on_what_the_ledger_tolerated(
    failed: int, tolerated: int, phase: Phase, reason: Reason
) -> None:
    row = replace(DONE, policy=FailurePolicy(tolerated_failed_items=tolerated))
    counts = Counts(total=10, succeeded=10 - failed, failed=failed)

    decision = reconcile(Observed(desired=DESIRED, row=row, counts=counts))

    assert (decision.state.phase, decision.state.reason) == (phase, reason)
    assert decision.action is None
    assert decision.requeue_after is None


@pytest.mark.parametrize("failed", [0, 1])
def test_a_finished_batch_of_an_earlier_object_is_shown_and_runs_nothing(failed: int) -> None:
    counts = Counts(total=10, succeeded=10 - failed, failed=failed)

    decision = reconcile(Observed(desired=desired(uid="u2"), row=DONE, counts=counts))

    assert decision.action is None
    assert decision.state.reason is Reason.ALREADY_EXECUTED
    assert decision.state.phase is (Phase.FAILED if failed else Phase.COMPLETE)


@pytest.mark.parametrize("resume", [None, "b0"])
def test_an_unfinished_batch_of_an_earlier_object_waits_for_its_id(resume: str | None) -> None:
    decision = reconcile(Observed(desired=desired(uid="u2", resume=resume), row=STARTED, counts=HALF))

    assert decision.action is None
    assert (decision.state.phase, decision.state.reason) == (Phase.SUSPENDED, Reason.FOUND_UNFINISHED)
    assert "spec.resume: b1" in decision.state.message


def test_an_unfinished_batch_of_an_earlier_object_goes_on_when_its_id_is_given() -> None:
    decision = reconcile(Observed(desired=desired(uid="u2", resume="b1"), row=STARTED, counts=HALF))

    assert decision.action == Adopt("b1")


def test_a_dry_run_never_adopts() -> None:
    decision = reconcile(Observed(desired=desired(uid="u2", resume="b1", dry_run=True), row=STARTED, counts=HALF))

    assert decision.action is None


def test_suspending_tells_the_ledger_then_the_job_then_waits_for_the_workers() -> None:
    spec, row = desired(suspend=True), replace(STARTED, suspended=True)

    told_ledger = reconcile(Observed(desired=spec, row=STARTED, counts=HALF, workers=RUNNING))
    told_job = reconcile(Observed(desired=spec, row=row, counts=HALF, workers=RUNNING))
    waiting = reconcile(Observed(desired=spec, row=row, counts=HALF, workers=replace(RUNNING, suspended=True)))
    suspended = reconcile(
        Observed(desired=spec, row=row, counts=HALF, workers=replace(RUNNING, suspended=True, active=0))
    )

    assert told_ledger.action == SetSuspended("b1", suspended=True)
    assert told_job.action == AdjustWorkers("retry-1", suspend=True, parallelism=1, ttl_seconds_after_finished=None)
    assert (waiting.action, waiting.state.reason) == (None, Reason.SUSPENDING)
    assert (suspended.action, suspended.state.phase) == (None, Phase.SUSPENDED)


def test_resuming_tells_the_ledger_then_the_job() -> None:
    job = replace(RUNNING, suspended=True, active=0)

    told_ledger = reconcile(Observed(desired=DESIRED, row=replace(STARTED, suspended=True), counts=HALF, workers=job))
    told_job = reconcile(Observed(desired=DESIRED, row=STARTED, counts=HALF, workers=job))

    assert told_ledger.action == SetSuspended("b1", suspended=False)
    assert told_job.action == AdjustWorkers("retry-1", suspend=False, parallelism=1, ttl_seconds_after_finished=None)


@pytest.mark.parametrize("job", [None, ENDED])
def test_no_job_is_made_while_suspended(job: ObservedWorkers | None) -> None:
    row = replace(STARTED, suspended=True)

    decision = reconcile(Observed(desired=desired(suspend=True), row=row, counts=HALF, workers=job))

    assert decision.action is None
    assert decision.state.phase is Phase.SUSPENDED


def test_another_parallelism_patches_the_running_job() -> None:
    decision = reconcile(Observed(desired=desired(parallelism=4), row=STARTED, counts=HALF, workers=RUNNING))

    assert decision.action == AdjustWorkers("retry-1", suspend=False, parallelism=4, ttl_seconds_after_finished=None)


def test_an_ended_job_is_never_patched() -> None:
    decision = reconcile(Observed(desired=desired(parallelism=4), row=STARTED, counts=HALF, workers=ENDED))

    assert isinstance(decision.action, StartWorkers)


def test_another_failure_policy_is_written_to_the_ledger() -> None:
    policy = FailurePolicy(tolerated_failed_items=3)

    decision = reconcile(Observed(desired=desired(policy=policy), row=STARTED, counts=HALF, workers=RUNNING))

    assert decision.action == SetPolicy("b1", policy)


STOPPED = FailurePolicy(stop_after_failed_items=2)
TWO_FAILED = Counts(total=10, pending=5, succeeded=3, failed=2)


@pytest.mark.parametrize("job", [None, ENDED])
def test_too_many_failures_stall_and_make_no_job(job: ObservedWorkers | None) -> None:
    row = replace(STARTED, policy=STOPPED)

    decision = reconcile(Observed(desired=desired(policy=STOPPED), row=row, counts=TWO_FAILED, workers=job))

    assert decision.action is None
    assert (decision.state.phase, decision.state.reason) == (Phase.STALLED, Reason.TOO_MANY_FAILURES)
    assert "stopAfterFailedItems 2" in decision.state.message


def test_too_many_failures_suspend_the_job_that_is_still_running() -> None:
    row = replace(STARTED, policy=STOPPED)

    decision = reconcile(Observed(desired=desired(policy=STOPPED), row=row, counts=TWO_FAILED, workers=RUNNING))

    assert decision.action == AdjustWorkers("retry-1", suspend=True, parallelism=1, ttl_seconds_after_finished=None)


def test_raising_the_limit_of_failures_goes_on() -> None:
    raised = FailurePolicy(stop_after_failed_items=3)

    told = reconcile(Observed(desired=desired(policy=raised), row=replace(STARTED, policy=STOPPED), counts=TWO_FAILED))
    goes_on = reconcile(
        Observed(
            desired=desired(policy=raised),
            row=replace(STARTED, policy=raised),
            counts=TWO_FAILED,
            workers=ENDED,
            attempts=Attempts(renewed=True),
        )
    )

    assert told.action == SetPolicy("b1", raised)
    assert goes_on.action == StartWorkers("b1", replaces="retry-1")


@pytest.mark.parametrize(("job", "why"), [(None, "was deleted"), (ENDED, "BackoffLimitExceeded")])
def test_a_job_that_ended_or_vanished_too_early_is_replaced_after_a_pause(
    job: ObservedWorkers | None, why: str
) -> None:
    pausing = reconcile(
        Observed(desired=DESIRED, row=STARTED, counts=HALF, workers=job, attempts=Attempts(used=1, may_start=False))
    )
    over = reconcile(Observed(desired=DESIRED, row=STARTED, counts=HALF, workers=job, attempts=Attempts(used=1)))

    assert pausing.action is None
    assert pausing.state.reason is Reason.WAITING_TO_RETRY
    assert why in pausing.state.message
    assert over.action == StartWorkers("b1", replaces="retry-1", is_retry=True)


@pytest.mark.parametrize("job", [None, ENDED])
def test_after_some_replacements_without_progress_a_batch_is_stalled(job: ObservedWorkers | None) -> None:
    attempts = Attempts(used=MAX_REPLACEMENTS)

    decision = reconcile(Observed(desired=DESIRED, row=STARTED, counts=HALF, workers=job, attempts=attempts))

    assert decision.action is None
    assert (decision.state.phase, decision.state.reason) == (Phase.STALLED, Reason.JOB_FAILED)


def test_a_wrong_configuration_of_workers_is_tried_again_only_when_spec_or_engine_changed() -> None:
    job = replace(ENDED, misconfigured=True, message="PodFailurePolicy: exit code 78")

    at_once = reconcile(Observed(desired=DESIRED, row=STARTED, counts=HALF, workers=job))
    renewed = reconcile(
        Observed(desired=DESIRED, row=STARTED, counts=HALF, workers=job, attempts=Attempts(used=5, renewed=True))
    )

    assert (at_once.action, at_once.state.reason) == (None, Reason.JOB_FAILED)
    assert renewed.action == StartWorkers("b1", replaces="retry-1")


def test_a_closed_ledger_never_gets_a_job_in_any_combination() -> None:
    choices: dict[str, tuple[Any, ...]] = {
        "spec": (
            DESIRED,
            desired(suspend=True),
            desired(parallelism=9),
            desired(uid="u2", resume="b1"),
            desired(dry_run=True),
        ),
        "counts": (ALL, HALF, Counts()),
        "job": (None, RUNNING, ENDED),
        "attempts": (Attempts(), Attempts(used=9), Attempts(renewed=True)),
    }

    actions = {
        reconcile(Observed(desired=spec, row=DONE, counts=counts, workers=job, attempts=attempts)).action
        for spec, counts, job, attempts in product(*choices.values())
    }

    assert actions == {None}


# ---------------------------------------------------------------- a ledger that contradicts itself

CONTRADICTIONS = {
    "no chunk is left": Counts(),
    "fewer items": Counts(total=6, pending=2, succeeded=4),
    "fewer items, all of them settled": Counts(total=6, succeeded=6),
    "more items": Counts(total=12, pending=2, succeeded=10),
    "a hand-over is lost": Counts(total=10, succeeded=7, handed_over=3, followed=1),
    "every hand-over is lost": Counts(total=10, succeeded=7, handed_over=3),
    "a hand-over that no chunk has": Counts(total=10, succeeded=10, followed=3),
    "fewer items, some handed over": Counts(total=6, succeeded=3, handed_over=3, followed=3),
}


@pytest.mark.parametrize("counts", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_ledger_that_contradicts_itself_stalls_whoever_looks_and_nothing_is_begun_or_closed(counts: Counts) -> None:
    choices: dict[str, tuple[Any, ...]] = {
        "spec": (
            DESIRED,
            desired(parallelism=9),
            desired(policy=FailurePolicy(tolerated_failed_items=3)),
            desired(uid="u2"),
            desired(uid="u2", resume="b1"),
            desired(uid="u2", suspend=True),
            desired(dry_run=True, previewed=10),
        ),
        "row": (ROW, STARTED, replace(STARTED, suspended=True)),
        "workers": (None, ENDED, replace(ENDED, misconfigured=True)),
        "attempts": (Attempts(), Attempts(used=9), Attempts(renewed=True)),
        "performer": tuple(Performer),
    }

    decisions = [
        reconcile(Observed(desired=spec, row=row, counts=counts, workers=workers, attempts=attempts, performer=who))
        for spec, row, workers, attempts, who in product(*choices.values())
    ]

    assert {decision.action for decision in decisions} == {None}
    assert {(each.state.phase, each.state.reason) for each in decisions} == {
        (Phase.STALLED, Reason.LEDGER_INCONSISTENT)
    }
    assert all(decision.requeue_after is not None for decision in decisions), "rows may be restored"


def test_the_message_about_lost_rows_names_both_numbers_and_a_way_out() -> None:
    lost = reconcile(Observed(desired=DESIRED, row=ROW, counts=CONTRADICTIONS["fewer items"])).state.message
    unfollowed = reconcile(
        Observed(desired=DESIRED, row=ROW, counts=CONTRADICTIONS["a hand-over is lost"])
    ).state.message

    assert lost == (
        "the ledger contradicts itself: batch b1 was frozen with 10 items, but its chunks hold 6; restore the ledger's "
        "tables, which goes on, or write another Batch under a new name, which finds its set anew"
    )
    assert "the chunks of batch b1 count 3 items as handed over, but its hand-overs hold 1" in unfollowed


@pytest.mark.parametrize("counts", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_running_workers_are_suspended_when_the_ledger_contradicts_itself(counts: Counts) -> None:
    running = reconcile(Observed(desired=DESIRED, row=STARTED, counts=counts, workers=RUNNING))
    then = reconcile(Observed(desired=DESIRED, row=STARTED, counts=counts, workers=replace(RUNNING, suspended=True)))

    assert running.action == AdjustWorkers("retry-1", suspend=True, parallelism=1, ttl_seconds_after_finished=None)
    assert then.action is None
    assert running.state == then.state
    assert then.state.reason is Reason.LEDGER_INCONSISTENT


def test_suspend_still_reaches_a_ledger_that_contradicts_itself_and_its_end_does_not() -> None:
    suspended = replace(STARTED, suspended=True)

    brake = reconcile(Observed(desired=desired(suspend=True), row=STARTED, counts=Counts(), workers=RUNNING))
    braked = reconcile(Observed(desired=desired(suspend=True), row=suspended, counts=Counts()))
    released = reconcile(Observed(desired=DESIRED, row=suspended, counts=Counts()))

    assert brake.action == SetSuspended("b1", suspended=True)
    assert (braked.action, released.action) == (None, None)
    assert {each.state.reason for each in (brake, braked, released)} == {Reason.LEDGER_INCONSISTENT}


@pytest.mark.parametrize("counts", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_a_finished_batch_stays_what_it_is_whatever_rows_are_lost(counts: Counts) -> None:
    decision = reconcile(Observed(desired=DESIRED, row=DONE, counts=counts))

    assert (decision.state.phase, decision.state.reason, decision.action) == (Phase.COMPLETE, Reason.COMPLETE, None)


def test_a_batch_whose_rows_are_restored_goes_on_with_its_workers() -> None:
    decision = reconcile(
        Observed(desired=DESIRED, row=STARTED, counts=HALF, workers=replace(RUNNING, suspended=True, active=0))
    )

    assert decision.action == AdjustWorkers("retry-1", suspend=False, parallelism=1, ttl_seconds_after_finished=None)


# ---------------------------------------------------------------- who performs

SPECS = (DESIRED, desired(suspend=True), desired(uid="u2"), desired(uid="u2", resume="b1"), desired(dry_run=True))
ROWS = (None, ROW, STARTED, replace(STARTED, suspended=True), DONE, replace(ROW, content_hash="h2"))
COUNTS = (HALF, ALL, Counts(), Counts(total=10, succeeded=7, handed_over=3, followed=3))


@pytest.mark.parametrize(("spec", "row", "counts"), list(product(SPECS, ROWS, COUNTS)))
def test_a_run_decides_as_the_operator_does(spec: Desired, row: BatchRow | None, counts: Counts) -> None:
    seen = Observed(desired=spec, row=row, counts=counts, attempts=Attempts(renewed=True))

    assert reconcile(replace(seen, performer=Performer.RUN)) == reconcile(seen)


def test_who_only_looks_starts_no_workers_and_says_what_is_left() -> None:
    seen = Observed(desired=DESIRED, row=STARTED, counts=HALF, performer=Performer.READER)

    claimed = reconcile(seen)
    left = reconcile(replace(seen, counts=replace(HALF, pending=5, running=0)))

    assert (claimed.action, claimed.requeue_after) == (left.action, left.requeue_after) == (None, None)
    assert (claimed.state.reason, claimed.state.message) == (
        Reason.RUNNING,
        "5 of 10 items settled, 1 being worked on",
    )
    assert (left.state.reason, left.state.message) == (
        Reason.STARTING,
        "5 of 10 items settled; process-batch run goes on",
    )


def test_the_ledger_alone_says_what_a_batch_is_doing() -> None:
    policy = FailurePolicy(stop_after_failed_items=1)
    failed = Counts(total=10, pending=5, succeeded=4, failed=1)
    seen = {
        Reason.STARTING: observed_in_ledger(ROW, replace(HALF, pending=5, running=0)),
        Reason.SUSPENDED: observed_in_ledger(replace(ROW, suspended=True), HALF),
        Reason.TOO_MANY_FAILURES: observed_in_ledger(replace(ROW, policy=policy), failed),
        Reason.LEDGER_INCONSISTENT: observed_in_ledger(ROW, Counts()),
        Reason.COMPLETE: observed_in_ledger(DONE, ALL),
    }

    assert {reconcile(each).state.reason: each for each in seen.values()} == seen


def test_what_was_finished_when_a_run_began_was_executed_already() -> None:
    seen = Observed(desired=DESIRED, row=DONE, counts=ALL, performer=Performer.RUN)

    before = reconcile(replace(seen, found_closed=True)).state
    by_it = reconcile(seen).state

    assert (before.reason, by_it.reason) == (Reason.ALREADY_EXECUTED, Reason.COMPLETE)


@pytest.mark.parametrize("who", Performer)
def test_a_dry_run_touches_nothing_of_an_unfinished_batch(who: Performer) -> None:
    spec = desired(dry_run=True, suspend=True, parallelism=9, policy=FailurePolicy(max_attempts=9))

    decision = reconcile(Observed(desired=spec, row=STARTED, counts=HALF, performer=who))

    assert decision.action is None
    assert (decision.state.phase, decision.state.reason) == (Phase.SUSPENDED, Reason.FOUND_UNFINISHED)
    assert decision.state.message.endswith("dryRun: false goes on with it")
