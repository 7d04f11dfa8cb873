"""Condition types and reasons of a Batch and a ProcessEngine: what each means, who moves it on, when it goes away.

A Batch is in one `State` at a time. `conditions` spells a state as the seven conditions that tools read:
kstatus (Flux, `kubectl wait`) reads Reconciling, Stalled and Ready; Job-like clients read Complete, Failed and
Suspended; people read the reason and message of Ready.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ConditionType(StrEnum):
    """Conditions in `status.conditions`, all of them always present."""

    RESOLVED = "Resolved"
    """The set is frozen in the ledger and its size known; never goes away."""
    RECONCILING = "Reconciling"
    """The operator or its workers are at it; goes away when finished, suspended or stalled."""
    READY = "Ready"
    """Finished as wanted."""
    STALLED = "Stalled"
    """Cannot go on without a human, or failed for good."""
    COMPLETE = "Complete"
    """Every item is settled and no more failed than is tolerated; terminal."""
    FAILED = "Failed"
    """Every item is settled and more failed than is tolerated; terminal."""
    SUSPENDED = "Suspended"
    """Waits because it was told to, and no worker is active."""


class Phase(StrEnum):
    """What a Batch is doing. Not shown itself: the conditions are."""

    WORKING = "Working"
    SUSPENDED = "Suspended"
    STALLED = "Stalled"
    COMPLETE = "Complete"
    FAILED = "Failed"
    DRY_RUN = "DryRun"


class Reason(StrEnum):
    """Why a Batch is in its phase. The operator moves it on unless said otherwise."""

    # Working
    RESOLVING = "Resolving"
    """The set is not frozen yet."""
    STARTING = "Starting"
    """The set is frozen, workers are about to be started."""
    RUNNING = "Running"
    """Workers are there: those of a Job, or of `process-batch run`."""
    HANDED_OVER = "HandedOver"
    """Workers have come to every item; the Java engine is at the last ones."""
    SUSPENDING = "Suspending"
    """`spec.suspend` is set, the last workers are ending."""
    WAITING_TO_RETRY = "WaitingToRetry"
    """A Job ended before the ledger was done; another follows after a pause."""
    DATABASE_UNREACHABLE = "DatabaseUnreachable"
    """The engine's database does not answer; tried again until it does."""

    CLUSTER_UNREACHABLE = "ClusterUnreachable"
    """The API server refused a call; tried again until it does not."""

    # Suspended: a human moves it on
    SUSPENDED = "Suspended"
    """`spec.suspend`."""
    FOUND_UNFINISHED = "FoundUnfinished"
    """The ledger has this Batch from an earlier object, unfinished; `spec.resume` with its id goes on."""

    # Stalled: a human moves it on, by changing the Batch, its engine or its database
    INVALID_SPEC = "InvalidSpec"
    """A field, a value and the rule it breaks stand in the message."""
    INVALID_MIGRATION_PLAN = "InvalidMigrationPlan"
    """The message names every instruction and variable that breaks a rule."""
    UNKNOWN_PROCESS_DEFINITION = "UnknownProcessDefinition"
    """No process definition has the name that is given, or several have."""
    ENGINE_NOT_FOUND = "EngineNotFound"
    """No ProcessEngine of that name in the namespace."""
    INVALID_ENGINE = "InvalidEngine"
    """The ProcessEngine's spec breaks a rule, or contradicts its database."""
    SECRET_NOT_FOUND = "SecretNotFound"  # noqa: S105
    """A Secret, or a key in it, is missing or may not be read."""
    INVALID_DATABASE_URL = "InvalidDatabaseURL"
    """Another driver or option than the allowed ones."""
    AUTHENTICATION_FAILED = "AuthenticationFailed"
    """The database refuses the user, also after the Secret was read again."""
    PERMISSION_DENIED = "DatabasePermissionDenied"
    """The database's user lacks a right that the message names."""
    UNSUPPORTED_SCHEMA = "UnsupportedSchema"
    """The database is not one of the family's, or of an unknown kind."""
    LEDGER_MISSING = "LedgerMissing"
    """The ledger's tables are not there and may not be made, or lost a Batch whose set was frozen."""
    LEDGER_INCONSISTENT = "LedgerInconsistent"
    """The ledger's rows of the Batch contradict each other: some were lost, or came back without the others."""
    MAX_ITEMS_EXCEEDED = "MaxItemsExceeded"
    """The set is larger than `spec.maxItems`; nothing was written."""
    UNKNOWN_IDS = "UnknownIds"
    """`unknownIds: Reject` and an id is not there; nothing was written."""
    REFUSED = "RefusedByEngine"
    """The engine refuses the request as a whole; nothing was written."""
    NAME_IN_USE = "NameInUse"
    """The ledger has another content under this name."""
    TOO_MANY_FAILURES = "TooManyFailures"
    """`failurePolicy.stopAfterFailedItems` is reached; raising it goes on."""
    ENGINE_NOT_EXECUTING = "EngineNotExecuting"
    """No job executor takes what was handed over to the Java engine; goes away when one does."""
    JOB_FAILED = "JobFailed"
    """Several Jobs in a row ended without the ledger being done."""

    # Complete, Failed: terminal
    COMPLETE = "Complete"
    COMPLETED_WITH_FAILURES = "CompletedWithFailures"
    """Some items failed, no more than `failurePolicy.toleratedFailedItems`."""
    FAILED_ITEMS = "FailedItems"
    """More items failed than is tolerated."""
    ALREADY_EXECUTED = "AlreadyExecuted"
    """The ledger has this very Batch as finished; nothing was run again."""

    DRY_RUN = "DryRun"
    """Counted and sampled, nothing written; `dryRun: false` runs it."""


class EngineReason(StrEnum):
    """Reasons of a ProcessEngine's conditions beside those that it shares with its Batches."""

    ATTACHED = "Attached"
    """The database was opened and its schema recognised."""


@dataclass(frozen=True)
class State:
    """What a Batch is doing and why, in words for people."""

    phase: Phase
    reason: Reason
    message: str


_TRUE = {
    Phase.WORKING: {ConditionType.RECONCILING},
    Phase.SUSPENDED: {ConditionType.SUSPENDED},
    Phase.STALLED: {ConditionType.STALLED},
    Phase.COMPLETE: {ConditionType.COMPLETE, ConditionType.READY},
    Phase.FAILED: {ConditionType.FAILED, ConditionType.STALLED},
    Phase.DRY_RUN: {ConditionType.READY},
}
# kstatus takes a Ready that is False or Unknown for "in progress"; Unknown says that no verdict is possible yet.
_READY_WHEN_NOT = {Phase.WORKING: "Unknown"}


def conditions(state: State, *, resolved: str | None, generation: int) -> list[dict[str, Any]]:
    """A state as conditions, without transition times.

    Args:
        state: What the Batch is doing.
        resolved: What is known of the frozen set, in words; `None` while there is none.
        generation: Of the spec that was judged.
    """
    found = [_resolved(state, resolved)]
    for kind in ConditionType:
        if kind is not ConditionType.RESOLVED:
            status = "True" if kind in _TRUE[state.phase] else "False"
            if kind is ConditionType.READY and status == "False":
                status = _READY_WHEN_NOT.get(state.phase, status)
            has_message = status == "True" or kind is ConditionType.READY
            found.append(_condition(kind, status, state.reason, state.message if has_message else ""))
    return [condition | {"observedGeneration": generation} for condition in found]


def _resolved(state: State, resolved: str | None) -> dict[str, Any]:
    if resolved is None:
        return _condition(ConditionType.RESOLVED, "False", state.reason, "")
    return _condition(ConditionType.RESOLVED, "True", "Frozen", resolved)


def _condition(kind: ConditionType, status: str, reason: str, message: str) -> dict[str, Any]:
    return {"type": kind.value, "status": status, "reason": str(reason), "message": message[:MESSAGE_LENGTH]}


MESSAGE_LENGTH = 2048


def engine_conditions(
    reason: str, message: str, *, ready: bool, retrying: bool, generation: int
) -> list[dict[str, Any]]:
    """Conditions of a ProcessEngine, without transition times.

    Args:
        reason: CamelCase.
        message: For people.
        ready: Its database was opened and recognised.
        retrying: It is not, and may come right by itself.
        generation: Of the spec that was judged.
    """
    statuses = {
        ConditionType.RECONCILING: retrying,
        ConditionType.READY: ready,
        ConditionType.STALLED: not ready and not retrying,
    }
    return [
        _condition(kind, str(status), reason, message if status or kind is ConditionType.READY else "")
        | {"observedGeneration": generation}
        for kind, status in statuses.items()
    ]


def with_transition_times(
    new: Sequence[Mapping[str, Any]], old: Iterable[Mapping[str, Any]], now: str
) -> list[dict[str, Any]]:
    """`new` with `lastTransitionTime`: that of `old` where the status is the same, else `now`."""
    before = {condition.get("type"): condition for condition in old}
    return [dict(condition) | {"lastTransitionTime": _since(condition, before, now)} for condition in new]


def _since(condition: Mapping[str, Any], before: Mapping[Any, Mapping[str, Any]], now: str) -> str:
    previous = before.get(condition["type"], {})
    same = previous.get("status") == condition["status"]
    return str(previous.get("lastTransitionTime") or now) if same else now
