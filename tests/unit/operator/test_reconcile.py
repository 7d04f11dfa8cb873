"""The state machine of a Batch, by tables of what is observed."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from batch_operator.lifecycle.conditions import Phase, Reason
from batch_operator.lifecycle.observed import (
    Attempts,
    LedgerRow,
    Observed,
    ObservedJob,
    Policy,
    Problem,
    Wanted,
)
from batch_operator.lifecycle.reconcile import (
    MAX_REPLACEMENTS,
    Adopt,
    Close,
    CreateJob,
    PatchJob,
    Preview,
    Resolve,
    SetPolicy,
    SetSuspended,
    reconcile,
)
from process_engine.batch.ledger import Counts

WANTED = Wanted(namespace="flows", name="retry", uid="u1", generation=1, content_hash="h1")
ROW = LedgerRow(batch_id="b1", content_hash="h1", owner_uid="u1", total=10)
STARTED = replace(ROW, job_name="retry-1")
DONE = replace(STARTED, closed=True)
HALF = Counts(total=10, pending=4, running=1, succeeded=5)
ALL = Counts(total=10, succeeded=10)
RUNNING = ObservedJob(name="retry-1", active=1, ready=1)
ENDED = ObservedJob(name="retry-1", ended=True, message="BackoffLimitExceeded: too many pods failed")


def wanted(**changes: Any) -> Wanted:
    return replace(WANTED, **changes)


def test_a_new_batch_is_resolved_before_anything_else() -> None:
    decision = reconcile(Observed(wanted=WANTED))

    assert decision.action == Resolve(suspended=False)
    assert (decision.state.phase, decision.state.reason) == (Phase.WORKING, Reason.RESOLVING)


def test_a_batch_that_is_created_suspended_is_resolved_and_waits_without_a_job() -> None:
    first = reconcile(Observed(wanted=wanted(suspend=True)))
    then = reconcile(Observed(wanted=wanted(suspend=True), row=replace(ROW, suspended=True), counts=HALF))

    assert first.action == Resolve(suspended=True)
    assert then.action is None
    assert (then.state.phase, then.state.reason) == (Phase.SUSPENDED, Reason.SUSPENDED)


def test_a_dry_run_is_previewed_once_and_never_resolved() -> None:
    first = reconcile(Observed(wanted=wanted(dry_run=True)))
    then = reconcile(Observed(wanted=wanted(dry_run=True, previewed=3)))

    assert first.action == Preview()
    assert then.action is None
    assert then.state.phase is Phase.DRY_RUN


def test_a_frozen_set_that_the_ledger_lost_is_never_resolved_again() -> None:
    decision = reconcile(Observed(wanted=wanted(was_resolved=True)))

    assert decision.action is None
    assert decision.state.reason is Reason.LEDGER_MISSING


@pytest.mark.parametrize("row", [None, ROW, STARTED, DONE])
@pytest.mark.parametrize("passing", [True, False])
def test_a_problem_stops_everything_and_is_looked_at_again(row: LedgerRow | None, passing: bool) -> None:
    problem = Problem(Reason.DATABASE_UNREACHABLE, "no answer", passing)

    decision = reconcile(Observed(wanted=WANTED, problem=problem, row=row, counts=HALF))

    assert decision.action is None
    assert decision.look_again is not None
    assert decision.state.phase is (Phase.WORKING if passing else Phase.STALLED)


@pytest.mark.parametrize("row", [ROW, STARTED, DONE, replace(ROW, owner_uid="u0")])
def test_another_content_under_the_same_name_is_refused(row: LedgerRow) -> None:
    decision = reconcile(Observed(wanted=wanted(content_hash="h2"), row=row, counts=HALF))

    assert decision.action is None
    assert (decision.state.phase, decision.state.reason) == (Phase.STALLED, Reason.NAME_IN_USE)
    assert "retry" in decision.state.message


def test_a_resolved_batch_gets_its_first_job() -> None:
    decision = reconcile(Observed(wanted=WANTED, row=ROW, counts=HALF))

    assert decision.action == CreateJob("b1", replaces=None)


def test_a_running_job_is_followed() -> None:
    decision = reconcile(Observed(wanted=WANTED, row=STARTED, counts=HALF, job=RUNNING))

    assert decision.action is None
    assert decision.state.reason is Reason.RUNNING
    assert decision.state.message == "5 of 10 items settled; 1 of 1 workers run"


def test_a_job_whose_pods_do_not_run_says_where_the_cause_is_told() -> None:
    decision = reconcile(Observed(wanted=WANTED, row=STARTED, counts=HALF, job=replace(RUNNING, ready=0)))

    assert decision.state.message.endswith(
        "0 of 1 workers run: kubectl describe pods -l batch.kubernetes.io/job-name=retry-1"
    )
    assert decision.look_again is not None


@pytest.mark.parametrize("job", [None, RUNNING, ENDED])
def test_a_batch_with_every_item_settled_is_closed_whatever_its_job_says(job: ObservedJob | None) -> None:
    decision = reconcile(Observed(wanted=WANTED, row=STARTED, counts=ALL, job=job))

    assert decision.action == Close("b1")


def test_an_empty_set_is_closed_without_a_job() -> None:
    decision = reconcile(Observed(wanted=WANTED, row=replace(ROW, total=0), counts=Counts()))

    assert decision.action == Close("b1")


def test_a_batch_whose_chunks_are_missing_is_not_taken_for_finished() -> None:
    decision = reconcile(Observed(wanted=WANTED, row=STARTED, counts=Counts(), job=RUNNING))

    assert decision.action is None
    assert decision.state.phase is Phase.WORKING


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
    row = replace(DONE, policy=Policy(tolerated_failed_items=tolerated))
    counts = Counts(total=10, succeeded=10 - failed, failed=failed)

    decision = reconcile(Observed(wanted=WANTED, row=row, counts=counts))

    assert (decision.state.phase, decision.state.reason) == (phase, reason)
    assert decision.action is None
    assert decision.look_again is None


@pytest.mark.parametrize("failed", [0, 1])
def test_a_finished_batch_of_an_earlier_object_is_shown_and_runs_nothing(failed: int) -> None:
    counts = Counts(total=10, succeeded=10 - failed, failed=failed)

    decision = reconcile(Observed(wanted=wanted(uid="u2"), row=DONE, counts=counts))

    assert decision.action is None
    assert decision.state.reason is Reason.ALREADY_EXECUTED
    assert decision.state.phase is (Phase.FAILED if failed else Phase.COMPLETE)


@pytest.mark.parametrize("resume", [None, "b0"])
def test_an_unfinished_batch_of_an_earlier_object_waits_for_its_id(resume: str | None) -> None:
    decision = reconcile(Observed(wanted=wanted(uid="u2", resume=resume), row=STARTED, counts=HALF))

    assert decision.action is None
    assert (decision.state.phase, decision.state.reason) == (Phase.SUSPENDED, Reason.FOUND_UNFINISHED)
    assert "spec.resume: b1" in decision.state.message


def test_an_unfinished_batch_of_an_earlier_object_goes_on_when_its_id_is_given() -> None:
    decision = reconcile(Observed(wanted=wanted(uid="u2", resume="b1"), row=STARTED, counts=HALF))

    assert decision.action == Adopt("b1")


def test_a_dry_run_never_adopts() -> None:
    decision = reconcile(Observed(wanted=wanted(uid="u2", resume="b1", dry_run=True), row=STARTED, counts=HALF))

    assert decision.action is None


def test_suspending_tells_the_ledger_then_the_job_then_waits_for_the_workers() -> None:
    spec, row = wanted(suspend=True), replace(STARTED, suspended=True)

    told_ledger = reconcile(Observed(wanted=spec, row=STARTED, counts=HALF, job=RUNNING))
    told_job = reconcile(Observed(wanted=spec, row=row, counts=HALF, job=RUNNING))
    waiting = reconcile(Observed(wanted=spec, row=row, counts=HALF, job=replace(RUNNING, suspended=True)))
    suspended = reconcile(Observed(wanted=spec, row=row, counts=HALF, job=replace(RUNNING, suspended=True, active=0)))

    assert told_ledger.action == SetSuspended("b1", suspended=True)
    assert told_job.action == PatchJob("retry-1", suspend=True, parallelism=1, ttl_seconds_after_finished=None)
    assert (waiting.action, waiting.state.reason) == (None, Reason.SUSPENDING)
    assert (suspended.action, suspended.state.phase) == (None, Phase.SUSPENDED)


def test_resuming_tells_the_ledger_then_the_job() -> None:
    job = replace(RUNNING, suspended=True, active=0)

    told_ledger = reconcile(Observed(wanted=WANTED, row=replace(STARTED, suspended=True), counts=HALF, job=job))
    told_job = reconcile(Observed(wanted=WANTED, row=STARTED, counts=HALF, job=job))

    assert told_ledger.action == SetSuspended("b1", suspended=False)
    assert told_job.action == PatchJob("retry-1", suspend=False, parallelism=1, ttl_seconds_after_finished=None)


@pytest.mark.parametrize("job", [None, ENDED])
def test_no_job_is_made_while_suspended(job: ObservedJob | None) -> None:
    row = replace(STARTED, suspended=True)

    decision = reconcile(Observed(wanted=wanted(suspend=True), row=row, counts=HALF, job=job))

    assert decision.action is None
    assert decision.state.phase is Phase.SUSPENDED


def test_another_parallelism_patches_the_running_job() -> None:
    decision = reconcile(Observed(wanted=wanted(parallelism=4), row=STARTED, counts=HALF, job=RUNNING))

    assert decision.action == PatchJob("retry-1", suspend=False, parallelism=4, ttl_seconds_after_finished=None)


def test_an_ended_job_is_never_patched() -> None:
    decision = reconcile(Observed(wanted=wanted(parallelism=4), row=STARTED, counts=HALF, job=ENDED))

    assert isinstance(decision.action, CreateJob)


def test_another_failure_policy_is_written_to_the_ledger() -> None:
    policy = Policy(tolerated_failed_items=3)

    decision = reconcile(Observed(wanted=wanted(policy=policy), row=STARTED, counts=HALF, job=RUNNING))

    assert decision.action == SetPolicy("b1", policy)


STOPPED = Policy(stop_after_failed_items=2)
TWO_FAILED = Counts(total=10, pending=5, succeeded=3, failed=2)


@pytest.mark.parametrize("job", [None, ENDED])
def test_too_many_failures_stall_and_make_no_job(job: ObservedJob | None) -> None:
    row = replace(STARTED, policy=STOPPED)

    decision = reconcile(Observed(wanted=wanted(policy=STOPPED), row=row, counts=TWO_FAILED, job=job))

    assert decision.action is None
    assert (decision.state.phase, decision.state.reason) == (Phase.STALLED, Reason.TOO_MANY_FAILURES)
    assert "stopAfterFailedItems 2" in decision.state.message


def test_too_many_failures_suspend_the_job_that_is_still_running() -> None:
    row = replace(STARTED, policy=STOPPED)

    decision = reconcile(Observed(wanted=wanted(policy=STOPPED), row=row, counts=TWO_FAILED, job=RUNNING))

    assert decision.action == PatchJob("retry-1", suspend=True, parallelism=1, ttl_seconds_after_finished=None)


def test_raising_the_limit_of_failures_goes_on() -> None:
    raised = Policy(stop_after_failed_items=3)

    told = reconcile(Observed(wanted=wanted(policy=raised), row=replace(STARTED, policy=STOPPED), counts=TWO_FAILED))
    goes_on = reconcile(
        Observed(
            wanted=wanted(policy=raised),
            row=replace(STARTED, policy=raised),
            counts=TWO_FAILED,
            job=ENDED,
            attempts=Attempts(renewed=True),
        )
    )

    assert told.action == SetPolicy("b1", raised)
    assert goes_on.action == CreateJob("b1", replaces="retry-1")


@pytest.mark.parametrize(("job", "why"), [(None, "was deleted"), (ENDED, "BackoffLimitExceeded")])
def test_a_job_that_ended_or_vanished_too_early_is_replaced_after_a_pause(job: ObservedJob | None, why: str) -> None:
    pausing = reconcile(
        Observed(wanted=WANTED, row=STARTED, counts=HALF, job=job, attempts=Attempts(used=1, may_start=False))
    )
    over = reconcile(Observed(wanted=WANTED, row=STARTED, counts=HALF, job=job, attempts=Attempts(used=1)))

    assert pausing.action is None
    assert pausing.state.reason is Reason.WAITING_TO_RETRY
    assert why in pausing.state.message
    assert over.action == CreateJob("b1", replaces="retry-1", is_retry=True)


@pytest.mark.parametrize("job", [None, ENDED])
def test_after_some_replacements_without_progress_a_batch_is_stalled(job: ObservedJob | None) -> None:
    attempts = Attempts(used=MAX_REPLACEMENTS)

    decision = reconcile(Observed(wanted=WANTED, row=STARTED, counts=HALF, job=job, attempts=attempts))

    assert decision.action is None
    assert (decision.state.phase, decision.state.reason) == (Phase.STALLED, Reason.JOB_FAILED)


def test_a_wrong_configuration_of_workers_is_tried_again_only_when_spec_or_engine_changed() -> None:
    job = replace(ENDED, misconfigured=True, message="PodFailurePolicy: exit code 78")

    at_once = reconcile(Observed(wanted=WANTED, row=STARTED, counts=HALF, job=job))
    renewed = reconcile(
        Observed(wanted=WANTED, row=STARTED, counts=HALF, job=job, attempts=Attempts(used=5, renewed=True))
    )

    assert (at_once.action, at_once.state.reason) == (None, Reason.JOB_FAILED)
    assert renewed.action == CreateJob("b1", replaces="retry-1")


def test_a_closed_ledger_never_gets_a_job_in_any_combination() -> None:
    choices: dict[str, tuple[Any, ...]] = {
        "spec": (
            WANTED,
            wanted(suspend=True),
            wanted(parallelism=9),
            wanted(uid="u2", resume="b1"),
            wanted(dry_run=True),
        ),
        "counts": (ALL, HALF, Counts()),
        "job": (None, RUNNING, ENDED),
        "attempts": (Attempts(), Attempts(used=9), Attempts(renewed=True)),
    }

    actions = {
        reconcile(Observed(wanted=spec, row=DONE, counts=counts, job=job, attempts=attempts)).action
        for spec, counts, job, attempts in product(*choices.values())
    }

    assert actions == {None}
