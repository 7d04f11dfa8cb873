"""What the operator sees of one Batch at one moment: plain data, so that `reconcile` can be judged by tables of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from batch_operator.lifecycle.conditions import Reason
from process_engine.batch.ledger import Counts


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How many failures a Batch bears; the part of the spec that workers read from the ledger."""

    tolerated_failed_items: int = 0
    stop_after_failed_items: int | None = None
    max_attempts: int = 3


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the spec asks for.

    Attributes:
        uid: Of the Kubernetes object.
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
    policy: Policy = field(default_factory=Policy)
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


@dataclass(frozen=True, kw_only=True)
class LedgerRow:
    """The ledger's row of this namespace and name."""

    batch_id: str
    content_hash: str
    owner_uid: str | None
    closed: bool = False
    suspended: bool = False
    policy: Policy = field(default_factory=Policy)
    job_name: str | None = None
    total: int = 0
    job_attempts: int = 0
    effective_query: Mapping[str, Any] = field(default_factory=dict[str, Any])
    resolved_time: datetime | None = None
    completion_time: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ObservedJob:
    """The Job that the ledger names.

    Attributes:
        active: Pods that are not ended, terminating ones included.
        ready: Pods that run.
        ended: Complete or Failed.
        misconfigured: Failed because a worker said that its configuration is wrong.
        message: Why it failed.
    """

    name: str
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
    """How often a Job was replaced without any progress since the spec or the engine changed last.

    Attributes:
        used: Replacements so far.
        may_start: The pause before the next one is over.
        renewed: Spec or engine changed since the last Job was made.
    """

    used: int = 0
    may_start: bool = True
    renewed: bool = False


@dataclass(frozen=True, kw_only=True)
class Observed:
    """All that `reconcile` knows. What is `None` is not there, or could not be seen because of `problem`.

    Attributes:
        engine_idle: The Java engine has long done nothing with what it was given.
    """

    wanted: Wanted
    problem: Problem | None = None
    row: LedgerRow | None = None
    counts: Counts | None = None
    job: ObservedJob | None = None
    attempts: Attempts = field(default_factory=Attempts)
    engine_idle: bool = False


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
