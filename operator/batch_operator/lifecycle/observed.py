"""What is seen of one Batch at one moment: plain data, so that `reconcile` can be judged by tables of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Self

from batch_operator.lifecycle.conditions import Reason
from process_engine.batch.ledger import BatchRow, Counts
from process_engine.batch.policies import FailurePolicy
from process_engine.errors import ProcessEngineError


class Performer(Enum):
    """Who carries out what is decided."""

    OPERATOR = auto()
    """The operator of a cluster, with Jobs."""
    RUN = auto()
    """`process-batch run`, with workers of its own."""
    READER = auto()
    """Nobody: a program that only looks, or may start no workers any more."""


@dataclass(frozen=True, kw_only=True)
class Desired:
    """What the spec asks for.

    Attributes:
        uid: Of the Kubernetes object, or what stands for it in the ledger without a cluster.
        generation: Of the spec.
        content_hash: Over the part of the spec that makes the Batch what it is.
        resume: Ledger id of the unfinished Batch to go on with.
        was_resolved: The status says that the set was frozen once.
        previewed: Items that a dry run of this generation found.
    """

    namespace: str
    name: str
    uid: str
    generation: int
    content_hash: str
    suspend: bool = False
    dry_run: bool = False
    resume: str | None = None
    parallelism: int = 1
    ttl_seconds_after_finished: int | None = None
    policy: FailurePolicy = field(default_factory=FailurePolicy)
    was_resolved: bool = False
    previewed: int | None = None


@dataclass(frozen=True)
class Problem:
    """What stands in the way of a Batch.

    Attributes:
        reason: A reason of Stalled, or DatabaseUnreachable.
        message: Names field, value and rule.
        passing: May come right by itself.
    """

    reason: Reason
    message: str
    passing: bool = False

    @classmethod
    def of(cls, error: ProcessEngineError) -> Self:
        """What the engine refused, by the reason that it gives."""
        return cls(Reason(error.reason) if error.reason in set(Reason) else Reason.REFUSED, str(error))


@dataclass(frozen=True, kw_only=True)
class ObservedWorkers:
    """The workers of a Batch that were started together: the Job that the ledger names, or those of this machine.

    Attributes:
        name: Of the Job.
        active: Workers that are not ended, terminating ones included.
        ready: Workers that run.
        ended: All of them, for good.
        misconfigured: They ended because one said that its configuration is wrong.
        message: Why they ended.
    """

    name: str = ""
    active: int = 0
    ready: int = 0
    suspended: bool = False
    parallelism: int = 1
    ttl_seconds_after_finished: int | None = None
    ended: bool = False
    misconfigured: bool = False
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """How often workers were replaced without any progress since the spec or the engine changed last.

    Attributes:
        used: Replacements so far.
        may_start: The pause before the next one is over.
        renewed: Spec or engine changed since workers were started last, or a person called again.
    """

    used: int = 0
    may_start: bool = True
    renewed: bool = False


@dataclass(frozen=True, kw_only=True)
class Observed:
    """All that `reconcile` knows. What is `None` is not there, or could not be seen because of `problem`.

    Attributes:
        row: The ledger's batch of this namespace and name.
        engine_idle: The Java engine has long done nothing with what it was given.
        found_closed: The ledger had it as finished when it was first looked at.
        performer: Who looks.
    """

    desired: Desired
    problem: Problem | None = None
    row: BatchRow | None = None
    counts: Counts | None = None
    workers: ObservedWorkers | None = None
    attempts: Attempts = field(default_factory=Attempts)
    engine_idle: bool = False
    found_closed: bool = False
    performer: Performer = Performer.OPERATOR

    @property
    def own(self) -> tuple[BatchRow, Counts] | None:
        """The ledger's batch and its items, where it has the content that is asked for."""
        if self.row is None or self.counts is None or self.row.content_hash != self.desired.content_hash:
            return None
        return self.row, self.counts


def observed_in_ledger(row: BatchRow, counts: Counts) -> Observed:
    """What is seen of a batch by a program that has the ledger alone: what it keeps of the spec is what is desired."""
    desired = Desired(
        namespace=row.namespace,
        name=row.name,
        uid=row.owner_uid or "",
        generation=1,
        content_hash=row.content_hash,
        suspend=row.suspended,
        policy=row.policy,
        was_resolved=True,
    )
    return Observed(desired=desired, row=row, counts=counts, performer=Performer.READER)


def is_engine_idle(counts: Counts, now: datetime, patience: timedelta, since: datetime | None = None) -> bool:
    """Whether the Java engine has done nothing with what it was given for too long.

    Args:
        counts: Items of a Batch.
        now: The present.
        patience: How long is too long.
        since: From when on it is waited for, where not from when it was seen last.
    """
    seen = max((time for time in (counts.engine_seen_time, since) if time is not None), default=now)
    return counts.handed_over > 0 and now - seen > patience
