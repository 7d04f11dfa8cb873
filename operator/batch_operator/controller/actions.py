"""What a decision does to the ledger and to Jobs."""

from dataclasses import dataclass, field

from batch_operator.controller.attempts import AttemptsOfBatch
from batch_operator.controller.cluster import Cluster, ConflictError
from batch_operator.controller.engines import Session
from batch_operator.controller.jobs import BATCH_UID_LABEL, build_job, job_name
from batch_operator.controller.store import Kind, Store
from batch_operator.lifecycle.documents import Document, name_of, namespace_of, part
from batch_operator.lifecycle.observed import Wanted
from batch_operator.lifecycle.reconcile import (
    Action,
    Adopt,
    Close,
    CreateJob,
    PatchJob,
    Preview,
    Resolve,
    SetPolicy,
    SetSuspended,
)
from batch_operator.lifecycle.status import Occurrence
from batch_operator.lifecycle.times import now
from process_engine.batch.definition import BatchDefinition
from process_engine.batch.hand_overs import set_suspended
from process_engine.batch.resolution import Preview as Found
from process_engine.batch.resolution import preview, resolve


@dataclass
class Memory:
    """What the operator remembers of one Batch; losing it costs nothing but a look.

    Attributes:
        attempts: At its Job.
        found: By a dry run.
        to_tell: Events that wait for the next status.
    """

    attempts: AttemptsOfBatch
    found: Found | None = None
    to_tell: list[Occurrence] = field(default_factory=list[Occurrence])


@dataclass(frozen=True)
class Scene:
    """Where an action takes place."""

    document: Document
    wanted: Wanted
    definition: BatchDefinition
    session: Session
    memory: Memory


class Actions:
    """Carries actions out; each can be repeated without harm."""

    def __init__(self, cluster: Cluster, store: Store) -> None:
        self._cluster = cluster
        self._store = store

    def perform(self, action: Action, scene: Scene) -> None:
        """Carry one action out."""
        ledger = scene.session.ledger
        match action:
            case Resolve(suspended):
                engine, owner = scene.session.engine, scene.wanted.uid
                resolve(engine, ledger, scene.definition, owner_uid=owner, suspended=suspended)
            case Preview():
                scene.memory.found = preview(scene.session.engine, scene.definition)
            case CreateJob():
                self._create_job(action, scene)
            case PatchJob():
                self._patch_job(action, scene)
            case _:
                _tell_ledger(action, scene)

    def _create_job(self, action: CreateJob, scene: Scene) -> None:
        """Make the next Job while holding the batch's row: of two operators, the second one finds another Job named."""
        wanted = scene.wanted
        with scene.session.ledger.lock(action.batch_id) as locked:
            row = locked.row
            is_theirs = row.owner_uid != wanted.uid or row.job_name != action.replaces
            if is_theirs or row.completion_time is not None or row.suspended:
                return
            attempt = row.job_attempts + 1
            name = job_name(wanted.name, wanted.uid, attempt)
            job = self._made(build_job(wanted, name, action.batch_id, scene.session.workers))
            locked.set_job(name, attempt)
        scene.memory.attempts.started(is_retry=action.is_retry)
        self._store.put(Kind.JOB, job)
        message = f"Job {name}, parallelism {wanted.parallelism}"
        scene.memory.to_tell.append(Occurrence("Normal", "JobCreated", message))

    def _made(self, manifest: dict[str, object]) -> Document:
        """Make a Job, or find the one that was made before its name could be noted."""
        try:
            return self._cluster.create(Kind.JOB, manifest)
        except ConflictError:
            found = self._cluster.get(Kind.JOB, namespace_of(manifest), name_of(manifest))
            if found is None or _batch_uid(found) != _batch_uid(manifest):
                raise
            return found

    def _patch_job(self, action: PatchJob, scene: Scene) -> None:
        changes = {
            "suspend": action.suspend,
            "parallelism": action.parallelism,
            "ttlSecondsAfterFinished": action.ttl_seconds_after_finished,
        }
        patched = self._cluster.patch(Kind.JOB, scene.wanted.namespace, action.name, {"spec": changes})
        self._store.put(Kind.JOB, patched)


def _batch_uid(job: Document) -> str | None:
    return part(job, "metadata", "labels").get(BATCH_UID_LABEL)


def _tell_ledger(action: Action, scene: Scene) -> None:
    engine, ledger = scene.session.engine, scene.session.ledger
    match action:
        case Adopt(batch_id):
            ledger.adopt(batch_id, scene.wanted.uid)
        case SetSuspended(batch_id, suspended):
            set_suspended(engine, ledger, batch_id, is_suspended=suspended)
        case SetPolicy(batch_id, policy):
            ledger.set_failure_policy(
                batch_id,
                tolerated_failed_items=policy.tolerated_failed_items,
                stop_after_failed_items=policy.stop_after_failed_items,
                max_attempts=policy.max_attempts,
            )
        case Close(batch_id):
            ledger.close(batch_id, now())
        case _:
            raise TypeError(action)
