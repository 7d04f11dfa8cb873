"""The state machine of a Batch: from what is observed to what is done next and what is shown.

Pure and level-based: it looks at the whole state each time, so that a missed event, a restart of the operator or a
second operator changes nothing. Each decision holds at most one action; after it the state is observed again.
"""

from dataclasses import dataclass
from datetime import datetime

from batch_operator.lifecycle.conditions import Phase, Reason, State
from batch_operator.lifecycle.observed import Observed, ObservedWorkers, Performer, Problem
from process_engine.batch.ledger import BatchRow, Counts
from process_engine.batch.policies import FailurePolicy

MAX_REPLACEMENTS = 5
"""Jobs in a row that may end without any progress before a Batch is stalled."""

RUNNING_SECONDS = 1.0
RETRY_SECONDS = 15.0

RUN_GOES_ON = " Called again, process-batch run goes on"

JOB_NAME_LABEL = "batch.kubernetes.io/job-name"
"""Of the pods of a Job, set by Kubernetes."""


@dataclass(frozen=True)
class Resolve:
    """Freeze the set in the ledger."""

    suspended: bool


@dataclass(frozen=True)
class PreviewSet:
    """Count and sample the set, write nothing."""


@dataclass(frozen=True)
class Adopt:
    """Make this object the owner of the ledger's batch."""

    batch_id: str


@dataclass(frozen=True)
class SetSuspended:
    """Let workers know through the ledger."""

    batch_id: str
    suspended: bool


@dataclass(frozen=True)
class SetPolicy:
    """Let workers know through the ledger."""

    batch_id: str
    policy: FailurePolicy


@dataclass(frozen=True)
class StartWorkers:
    """Let workers come to what is pending: a Job in a cluster, threads or processes on one machine.

    Attributes:
        batch_id: Its row is locked meanwhile.
        replaces: Job name that the ledger must still hold.
        is_retry: Counts as a replacement without progress.
    """

    batch_id: str
    replaces: str | None
    is_retry: bool = False


@dataclass(frozen=True)
class AdjustWorkers:
    """Bring what may change of running workers to what the spec says."""

    name: str
    suspend: bool
    parallelism: int
    ttl_seconds_after_finished: int | None


@dataclass(frozen=True)
class Close:
    """Mark the batch finished in the ledger: every item is settled.

    Attributes:
        batch_id: Which one.
        completion_time: When its last item was settled, where one was.
    """

    batch_id: str
    completion_time: datetime | None = None


LedgerAction = Resolve | Adopt | SetSuspended | SetPolicy | Close
Action = PreviewSet | LedgerAction | StartWorkers | AdjustWorkers


@dataclass(frozen=True)
class Decision:
    """What to show, what to do, and when to observe again without being woken up.

    Attributes:
        state: Shown in the conditions.
        action: Done before it is observed again.
        requeue_after: In seconds; `None` only when an event moves it on.
    """

    state: State
    action: Action | None = None
    requeue_after: float | None = None


def reconcile(seen: Observed) -> Decision:
    """Decide about one Batch."""
    if seen.problem is not None:
        return _hindered(seen.problem)
    if seen.row is None:
        return _unresolved(seen)
    return _in_ledger(seen, seen.row)


def _in_ledger(seen: Observed, row: BatchRow) -> Decision:
    if row.content_hash != seen.desired.content_hash:
        return _stalled(
            Reason.NAME_IN_USE,
            f"metadata.name {seen.desired.name!r}: the ledger has another content under this name "
            f"(batch {row.batch_id}); to run this one, give it a new name",
        )
    if row.is_closed:
        return _finished(seen, row)
    if (contradiction := contradiction_of(row, seen.counts)) is not None:
        return _inconsistent(seen, row, contradiction)
    if row.owner_uid != seen.desired.uid or seen.desired.dry_run:
        return _found_unfinished(seen, row)
    return _unfinished(seen, row)


def _hindered(problem: Problem) -> Decision:
    phase = Phase.WORKING if problem.passing else Phase.STALLED
    return Decision(State(phase, problem.reason, problem.message), requeue_after=RETRY_SECONDS)


def _unresolved(seen: Observed) -> Decision:
    if seen.desired.was_resolved:
        return _stalled(
            Reason.LEDGER_MISSING,
            "status.resolvedTime is set but the engine's ledger has no such batch: it was emptied, or the database is "
            "another one; to run it, give it a new name",
        )
    if not seen.desired.dry_run:
        return Decision(_working(Reason.RESOLVING, "the set is being frozen"), Resolve(seen.desired.suspend))
    if (found := seen.desired.previewed) is None:
        return Decision(_working(Reason.RESOLVING, "the set is being counted and sampled"), PreviewSet())
    way_on = "" if seen.performer is Performer.READER else "; dryRun: false runs it"
    message = f"would work on {found} items; nothing was changed{way_on}"
    return Decision(State(Phase.DRY_RUN, Reason.DRY_RUN, message))


def _finished(seen: Observed, row: BatchRow) -> Decision:
    counts = seen.counts
    failed = 0 if counts is None else counts.failed
    message = f"{failed} of {row.total} items failed" if failed else f"{row.total} items settled"
    phase, reason = _verdict(failed, row.policy)
    if row.owner_uid != seen.desired.uid or seen.found_closed:
        reason = Reason.ALREADY_EXECUTED
        message = f"batch {row.batch_id} finished before this object was made; nothing was run again; {message}"
    return Decision(State(phase, reason, message))


def _verdict(failed: int, policy: FailurePolicy) -> tuple[Phase, Reason]:
    if failed == 0:
        return Phase.COMPLETE, Reason.COMPLETE
    if failed <= policy.tolerated_failed_items:
        return Phase.COMPLETE, Reason.COMPLETED_WITH_FAILURES
    return Phase.FAILED, Reason.FAILED_ITEMS


def contradiction_of(row: BatchRow, counts: Counts | None) -> str | None:
    """What rows that were lost or added behind the ledger's back make it say, or `None` where it agrees with itself.

    Each writer changes rows that belong together in one transaction, so no moment of a healthy batch looks like this.
    """
    if counts is None:
        return None
    if counts.total != row.total:
        return f"batch {row.batch_id} was frozen with {row.total} items, but its chunks hold {counts.total}"
    if counts.followed != counts.handed_over:
        return (
            f"the chunks of batch {row.batch_id} count {counts.handed_over} items as handed over, but its hand-overs "
            f"hold {counts.followed}"
        )
    return None


def _inconsistent(seen: Observed, row: BatchRow, contradiction: str) -> Decision:
    """What is left cannot be known any more: nothing is begun and nothing is closed, but a brake still works."""
    message = (
        f"the ledger contradicts itself: {contradiction}; restore the ledger's tables, which goes on, or write another "
        "Batch under a new name, which finds its set anew"
    )
    action = None
    if seen.desired.suspend and not row.suspended and row.owner_uid == seen.desired.uid:
        action = SetSuspended(row.batch_id, suspended=True)
    elif seen.workers is not None and not seen.workers.ended:
        action = _adjustment(seen, seen.workers, suspend=True)
    return Decision(State(Phase.STALLED, Reason.LEDGER_INCONSISTENT, message), action, RETRY_SECONDS)


def _found_unfinished(seen: Observed, row: BatchRow) -> Decision:
    if seen.desired.resume == row.batch_id and not seen.desired.dry_run:
        return Decision(_working(Reason.STARTING, f"going on with batch {row.batch_id}"), Adopt(row.batch_id))
    whose, way_on = "of another object or run", f"spec.resume: {row.batch_id} goes on with it"
    if row.owner_uid == seen.desired.uid:
        whose, way_on = "begun before it was made a dry run", "dryRun: false goes on with it"
    message = f"the ledger has batch {row.batch_id} of this name, unfinished, {whose}; {way_on}"
    return Decision(State(Phase.SUSPENDED, Reason.FOUND_UNFINISHED, message), requeue_after=RETRY_SECONDS)


def _unfinished(seen: Observed, row: BatchRow) -> Decision:
    counts = seen.counts
    if counts is not None and counts.settled == row.total:
        close = Close(row.batch_id, counts.last_progress_time)
        return Decision(_working(Reason.RUNNING, "every item is settled"), close)
    if (change := _spec_change(seen, row)) is not None:
        return change
    if seen.desired.suspend:
        return _suspended(seen)
    if counts is not None and counts.open == 0:
        return _handed_over(seen, counts)
    if _has_too_many_failures(seen):
        return _too_many_failures(seen)
    return _at_work(seen, row)


def _spec_change(seen: Observed, row: BatchRow) -> Decision | None:
    """Bring what may be edited while a Batch runs to the ledger and to its Job."""
    desired = seen.desired
    if row.policy != desired.policy:
        return Decision(_working(Reason.STARTING, "failurePolicy changes"), SetPolicy(row.batch_id, desired.policy))
    if row.suspended != desired.suspend:
        reason = Reason.SUSPENDING if desired.suspend else Reason.STARTING
        return Decision(_working(reason, "suspend changes"), SetSuspended(row.batch_id, desired.suspend))
    workers = seen.workers
    if workers is not None and not workers.ended:
        # workers that may not go on would end with an error, and their Job would start them again and again
        suspend = desired.suspend or _has_too_many_failures(seen)
        if (adjustment := _adjustment(seen, workers, suspend=suspend)) is not None:
            return Decision(_running(seen, workers), adjustment)
    return None


def _adjustment(seen: Observed, workers: ObservedWorkers, *, suspend: bool) -> AdjustWorkers | None:
    desired = seen.desired
    want = AdjustWorkers(workers.name, suspend, desired.parallelism, desired.ttl_seconds_after_finished)
    have = AdjustWorkers(workers.name, workers.suspended, workers.parallelism, workers.ttl_seconds_after_finished)
    return None if want == have else want


def _suspended(seen: Observed) -> Decision:
    if seen.workers is not None and seen.workers.active:
        message = f"workers still ending: {seen.workers.active}"
        return Decision(_working(Reason.SUSPENDING, message), requeue_after=RUNNING_SECONDS)
    waiting = f"; {_given_away(seen.counts)}, suspended there" if seen.counts and seen.counts.handed_over else ""
    state = State(Phase.SUSPENDED, Reason.SUSPENDED, f"spec.suspend is true; no worker is active{waiting}")
    return Decision(state, requeue_after=RETRY_SECONDS)


def _has_too_many_failures(seen: Observed) -> bool:
    limit = seen.desired.policy.stop_after_failed_items
    return limit is not None and seen.counts is not None and seen.counts.failed >= limit


def _too_many_failures(seen: Observed) -> Decision:
    failed = 0 if seen.counts is None else seen.counts.failed
    return _stalled(
        Reason.TOO_MANY_FAILURES,
        f"failurePolicy.stopAfterFailedItems {seen.desired.policy.stop_after_failed_items}: {failed} items failed; "
        "raising the number goes on with the rest",
    )


def _handed_over(seen: Observed, counts: Counts) -> Decision:
    """No worker is needed any more: what is left, the Java engine has."""
    if seen.engine_idle:
        return _stalled(
            Reason.ENGINE_NOT_EXECUTING,
            f"{_given_away(counts)}, but no job executor takes their jobs: is an engine running on this database, "
            f"with its job executor on?{'' if seen.performer is Performer.OPERATOR else RUN_GOES_ON}",
        )
    state = _working(Reason.HANDED_OVER, f"{_given_away(counts)}; {counts.settled} of {counts.total} settled")
    return Decision(state, requeue_after=RUNNING_SECONDS)


def _given_away(counts: Counts) -> str:
    items = "1 item is" if counts.handed_over == 1 else f"{counts.handed_over} items are"
    return f"{items} with the Java engine"


def _at_work(seen: Observed, row: BatchRow) -> Decision:
    workers, tries = seen.workers, seen.attempts
    if workers is not None and not workers.ended:
        return Decision(_running(seen, workers), requeue_after=RUNNING_SECONDS)
    if seen.performer is Performer.READER:
        return Decision(_left(seen, row))
    if row.job_name is None or tries.renewed:
        return Decision(
            _working(Reason.STARTING, "workers are being started"), StartWorkers(row.batch_id, row.job_name)
        )
    return _replacement(seen, row)


def _replacement(seen: Observed, row: BatchRow) -> Decision:
    """Workers ended too early, or vanished."""
    ended, tries, why = seen.workers, seen.attempts, "was deleted"
    if ended is not None:
        why = f"ended before every item was settled: {ended.message or 'no reason given'}"
    if (ended is not None and ended.misconfigured) or tries.used >= MAX_REPLACEMENTS:
        return _stalled(
            Reason.JOB_FAILED,
            f"Job {row.job_name} {why}; tried {tries.used + 1} times; a change of the Batch or its engine tries again",
        )
    state = _working(Reason.WAITING_TO_RETRY, f"Job {row.job_name} {why}; another follows")
    if not tries.may_start:
        return Decision(state, requeue_after=RUNNING_SECONDS)
    return Decision(state, StartWorkers(row.batch_id, row.job_name, is_retry=True))


def _left(seen: Observed, row: BatchRow) -> State:
    """What is still to be done, and nobody here does it."""
    counts = seen.counts or Counts()
    done = f"{counts.settled} of {row.total} items settled"
    if counts.running:
        return _working(Reason.RUNNING, f"{done}, {counts.running} being worked on")
    return _working(Reason.STARTING, f"{done}; process-batch run goes on")


def _running(seen: Observed, workers: ObservedWorkers) -> State:
    if seen.desired.suspend:
        return _working(Reason.SUSPENDING, f"workers still ending: {workers.active}")
    counts = seen.counts or Counts()
    total = 0 if seen.row is None else seen.row.total
    handed_over = f", {counts.handed_over} with the Java engine" if counts.handed_over else ""
    running = f"{workers.ready} of {workers.parallelism} workers run"
    if not workers.ready:  # an image that cannot be pulled, a quota, no room on a node: only the pods say it
        running += f": kubectl describe pods -l {JOB_NAME_LABEL}={workers.name}"
    return _working(Reason.RUNNING, f"{counts.settled} of {total} items settled{handed_over}; {running}")


def _working(reason: Reason, message: str) -> State:
    return State(Phase.WORKING, reason, message)


def _stalled(reason: Reason, message: str) -> Decision:
    return Decision(State(Phase.STALLED, reason, message), requeue_after=RETRY_SECONDS)
