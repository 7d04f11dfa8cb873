"""The state machine of a Batch: from what is observed to what is done next and what is shown.

Pure and level-based: it looks at the whole state each time, so that a missed event, a restart of the operator or a
second operator changes nothing. Each decision holds at most one action; after it the state is observed again.
"""

from dataclasses import dataclass

from batch_operator.lifecycle.conditions import Phase, Reason, State
from batch_operator.lifecycle.observed import LedgerRow, Observed, ObservedJob, Policy, Problem
from process_engine.batch.ledger import Counts

MAX_REPLACEMENTS = 5
"""Jobs in a row that may end without any progress before a Batch is stalled."""

RUNNING_SECONDS = 1.0
RETRY_SECONDS = 15.0

JOB_NAME_LABEL = "batch.kubernetes.io/job-name"
"""Of the pods of a Job, set by Kubernetes."""


@dataclass(frozen=True)
class Resolve:
    """Freeze the set in the ledger."""

    suspended: bool


@dataclass(frozen=True)
class Preview:
    """Count and sample the set, write nothing."""


@dataclass(frozen=True)
class Adopt:
    """Make this object the owner of the ledger's batch."""

    batch_id: str


@dataclass(frozen=True)
class SetSuspended:
    """Tell workers through the ledger."""

    batch_id: str
    suspended: bool


@dataclass(frozen=True)
class SetPolicy:
    """Tell workers through the ledger."""

    batch_id: str
    policy: Policy


@dataclass(frozen=True)
class CreateJob:
    """Make the next Job if the ledger still names the one that was seen.

    Attributes:
        batch_id: Its row is locked meanwhile.
        replaces: Job name that the ledger must still hold.
        is_retry: Counts as a replacement without progress.
    """

    batch_id: str
    replaces: str | None
    is_retry: bool = False


@dataclass(frozen=True)
class PatchJob:
    """Bring what may change of a Job to what the spec says."""

    name: str
    suspend: bool
    parallelism: int
    ttl_seconds_after_finished: int | None


@dataclass(frozen=True)
class Close:
    """Mark the batch finished in the ledger: every item is settled."""

    batch_id: str


Action = Resolve | Preview | Adopt | SetSuspended | SetPolicy | CreateJob | PatchJob | Close


@dataclass(frozen=True)
class Decision:
    """What to show, what to do, and when to look again without being woken up.

    Attributes:
        state: Shown in the conditions.
        action: Done before the next look.
        look_again: In seconds; `None` only when an event moves it on.
    """

    state: State
    action: Action | None = None
    look_again: float | None = None


def reconcile(seen: Observed) -> Decision:
    """Decide about one Batch."""
    if seen.problem is not None:
        return _hindered(seen.problem)
    if seen.row is None:
        return _unresolved(seen)
    if seen.row.content_hash != seen.wanted.content_hash:
        return _stalled(
            Reason.NAME_IN_USE,
            f"metadata.name {seen.wanted.name!r}: the ledger has another content under this name "
            f"(batch {seen.row.batch_id}); to run this one, give it a new name",
        )
    if seen.row.closed:
        return _finished(seen, seen.row)
    if seen.row.owner_uid != seen.wanted.uid:
        return _found_unfinished(seen, seen.row)
    return _unfinished(seen, seen.row)


def _hindered(problem: Problem) -> Decision:
    phase = Phase.WORKING if problem.passing else Phase.STALLED
    return Decision(State(phase, problem.reason, problem.message), look_again=RETRY_SECONDS)


def _unresolved(seen: Observed) -> Decision:
    if seen.wanted.was_resolved:
        return _stalled(
            Reason.LEDGER_MISSING,
            "status.resolvedTime is set but the engine's ledger has no such batch: it was emptied, or the database is "
            "another one; to run it, give it a new name",
        )
    if not seen.wanted.dry_run:
        return Decision(_working(Reason.RESOLVING, "the set is being frozen"), Resolve(seen.wanted.suspend))
    if (found := seen.wanted.previewed) is None:
        return Decision(_working(Reason.RESOLVING, "the set is being counted and sampled"), Preview())
    message = f"would work on {found} items; nothing was changed; dryRun: false runs it"
    return Decision(State(Phase.DRY_RUN, Reason.DRY_RUN, message))


def _finished(seen: Observed, row: LedgerRow) -> Decision:
    counts = seen.counts
    failed = 0 if counts is None else counts.failed
    message = f"{failed} of {row.total} items failed" if failed else f"{row.total} items settled"
    phase, reason = _verdict(failed, row.policy)
    if row.owner_uid != seen.wanted.uid:
        reason = Reason.ALREADY_EXECUTED
        message = f"batch {row.batch_id} finished before this object was made; nothing was run again; {message}"
    return Decision(State(phase, reason, message))


def _verdict(failed: int, policy: Policy) -> tuple[Phase, Reason]:
    if failed == 0:
        return Phase.COMPLETE, Reason.COMPLETE
    if failed <= policy.tolerated_failed_items:
        return Phase.COMPLETE, Reason.COMPLETED_WITH_FAILURES
    return Phase.FAILED, Reason.FAILED_ITEMS


def _found_unfinished(seen: Observed, row: LedgerRow) -> Decision:
    if seen.wanted.resume == row.batch_id and not seen.wanted.dry_run:
        return Decision(_working(Reason.STARTING, f"going on with batch {row.batch_id}"), Adopt(row.batch_id))
    message = (
        f"the ledger has batch {row.batch_id} of an earlier object of this name, unfinished; "
        f"spec.resume: {row.batch_id} goes on with it"
    )
    return Decision(State(Phase.SUSPENDED, Reason.FOUND_UNFINISHED, message), look_again=RETRY_SECONDS)


def _unfinished(seen: Observed, row: LedgerRow) -> Decision:
    wanted = seen.wanted
    if seen.counts is not None and seen.counts.settled == seen.counts.total == row.total:
        return Decision(_working(Reason.RUNNING, "every item is settled"), Close(row.batch_id))
    if (change := _spec_change(seen, row)) is not None:
        return change
    if wanted.suspend:
        return _suspended(seen)
    if seen.counts is not None and seen.counts.open == 0 and seen.counts.total == row.total:
        return _handed_over(seen, seen.counts)
    if _has_too_many_failures(seen):
        return _too_many_failures(seen)
    return _working_job(seen, row)


def _spec_change(seen: Observed, row: LedgerRow) -> Decision | None:
    """Bring what may be edited while a Batch runs to the ledger and to its Job."""
    wanted = seen.wanted
    if row.policy != wanted.policy:
        return Decision(_working(Reason.STARTING, "failurePolicy changes"), SetPolicy(row.batch_id, wanted.policy))
    if row.suspended != wanted.suspend:
        reason = Reason.SUSPENDING if wanted.suspend else Reason.STARTING
        return Decision(_working(reason, "suspend changes"), SetSuspended(row.batch_id, wanted.suspend))
    if seen.job is not None and not seen.job.ended and (patch := _patch(seen, seen.job)):
        return Decision(_job_state(seen, seen.job), patch)
    return None


def _patch(seen: Observed, job: ObservedJob) -> PatchJob | None:
    wanted = seen.wanted
    # workers that may not go on would end with an error, and their Job would start them again and again
    suspend = wanted.suspend or _has_too_many_failures(seen)
    want = PatchJob(job.name, suspend, wanted.parallelism, wanted.ttl_seconds_after_finished)
    have = PatchJob(job.name, job.suspended, job.parallelism, job.ttl_seconds_after_finished)
    return None if want == have else want


def _suspended(seen: Observed) -> Decision:
    if seen.job is not None and seen.job.active:
        message = f"workers still ending: {seen.job.active}"
        return Decision(_working(Reason.SUSPENDING, message), look_again=RUNNING_SECONDS)
    waiting = f"; {_given_away(seen.counts)}, suspended there" if seen.counts and seen.counts.handed_over else ""
    state = State(Phase.SUSPENDED, Reason.SUSPENDED, f"spec.suspend is true; no worker is active{waiting}")
    return Decision(state, look_again=RETRY_SECONDS)


def _has_too_many_failures(seen: Observed) -> bool:
    limit = seen.wanted.policy.stop_after_failed_items
    return limit is not None and seen.counts is not None and seen.counts.failed >= limit


def _too_many_failures(seen: Observed) -> Decision:
    failed = 0 if seen.counts is None else seen.counts.failed
    return _stalled(
        Reason.TOO_MANY_FAILURES,
        f"failurePolicy.stopAfterFailedItems {seen.wanted.policy.stop_after_failed_items}: {failed} items failed; "
        "raising the number goes on with the rest",
    )


def _handed_over(seen: Observed, counts: Counts) -> Decision:
    """No worker is needed any more: what is left, the Java engine has."""
    if seen.engine_idle:
        return _stalled(
            Reason.ENGINE_NOT_EXECUTING,
            f"{_given_away(counts)}, but no job executor takes their jobs: is an engine running on this database, "
            "with its job executor on?",
        )
    state = _working(Reason.HANDED_OVER, f"{_given_away(counts)}; {counts.settled} of {counts.total} settled")
    return Decision(state, look_again=RUNNING_SECONDS)


def _given_away(counts: Counts) -> str:
    items = "1 item is" if counts.handed_over == 1 else f"{counts.handed_over} items are"
    return f"{items} with the Java engine"


def _working_job(seen: Observed, row: LedgerRow) -> Decision:
    job, tries = seen.job, seen.attempts
    if job is not None and not job.ended:
        return Decision(_job_state(seen, job), look_again=RUNNING_SECONDS)
    if row.job_name is None or tries.renewed:
        return Decision(_working(Reason.STARTING, "a Job is being made"), CreateJob(row.batch_id, row.job_name))
    why = "was deleted" if job is None else f"ended before every item was settled: {job.message or 'no reason given'}"
    if (job is not None and job.misconfigured) or tries.used >= MAX_REPLACEMENTS:
        return _stalled(
            Reason.JOB_FAILED,
            f"Job {row.job_name} {why}; tried {tries.used + 1} times; a change of the Batch or its engine tries again",
        )
    state = _working(Reason.WAITING_TO_RETRY, f"Job {row.job_name} {why}; another follows")
    if not tries.may_start:
        return Decision(state, look_again=RUNNING_SECONDS)
    return Decision(state, CreateJob(row.batch_id, row.job_name, is_retry=True))


def _job_state(seen: Observed, job: ObservedJob) -> State:
    if seen.wanted.suspend:
        return _working(Reason.SUSPENDING, f"workers still ending: {job.active}")
    counts = seen.counts or Counts()
    total = 0 if seen.row is None else seen.row.total
    handed_over = f", {counts.handed_over} with the Java engine" if counts.handed_over else ""
    workers = f"{job.ready} of {job.parallelism} workers run"
    if not job.ready:  # an image that cannot be pulled, a quota, no room on a node: only the pods say it
        workers += f": kubectl describe pods -l {JOB_NAME_LABEL}={job.name}"
    return _working(Reason.RUNNING, f"{counts.settled} of {total} items settled{handed_over}; {workers}")


def _working(reason: Reason, message: str) -> State:
    return State(Phase.WORKING, reason, message)


def _stalled(reason: Reason, message: str) -> Decision:
    return Decision(State(Phase.STALLED, reason, message), look_again=RETRY_SECONDS)
