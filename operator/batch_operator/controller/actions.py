"""What a decision does in a cluster: the ledger is written, and workers are Jobs."""

from batch_operator.controller.cluster import Cluster, ConflictError
from batch_operator.controller.jobs import build_job, job_name
from batch_operator.controller.observation import ActionContext
from batch_operator.controller.store import ClusterObject, Kind, Store
from batch_operator.ledger_actions import perform_in_ledger
from batch_operator.lifecycle.observed import Desired
from batch_operator.lifecycle.reconcile import Action, AdjustWorkers, PreviewSet, StartWorkers, contradiction_of
from batch_operator.lifecycle.status import EventToPost
from process_engine.batch.resolution import preview


class Actions:
    """Carries actions out; each can be repeated without harm."""

    def __init__(self, cluster: Cluster, store: Store) -> None:
        self._cluster = cluster
        self._store = store

    def perform(self, action: Action, context: ActionContext) -> None:
        """Carry one action out."""
        session, definition = context.session, context.definition
        match action:
            case PreviewSet():
                context.memory.found = preview(session.engine, definition)
            case StartWorkers():
                self._create_job(action, context)
            case AdjustWorkers():
                self._patch_job(action, context.desired.namespace)
            case _:
                perform_in_ledger(action, session.engine, session.ledger, definition, context.desired.uid)

    def _create_job(self, action: StartWorkers, context: ActionContext) -> None:
        """Make the next Job while holding the batch's row: of two operators, the second one finds another Job named."""
        desired = context.desired
        # those that this was decided by may be of a moment ago
        counts = context.session.counts.of(action.batch_id, max_age=0.0)
        with context.session.ledger.lock(action.batch_id) as locked:
            row = locked.row
            is_theirs = row.owner_uid != desired.uid or row.job_name != action.replaces
            if is_theirs or row.is_closed or row.suspended or contradiction_of(row, counts) is not None:
                return
            attempt = row.job_attempts + 1
            name = job_name(desired.name, desired.uid, attempt)
            job = self._made(desired, name, build_job(desired, name, action.batch_id, context.session.workers))
            locked.set_job(name, attempt)
        context.memory.attempts.started(is_retry=action.is_retry)
        self._store.put(job)
        message = f"Job {name}, parallelism {desired.parallelism}"
        context.memory.events.append(EventToPost("Normal", "JobCreated", message))

    def _made(self, desired: Desired, name: str, manifest: dict[str, object]) -> ClusterObject:
        """Make a Job, or find the one that was made before its name could be noted."""
        try:
            return self._cluster.create(Kind.JOB, desired.namespace, manifest)
        except ConflictError:
            found = self._cluster.get(Kind.JOB, desired.namespace, name)
            if found is None or found.batch_uid != desired.uid:
                raise
            return found

    def _patch_job(self, action: AdjustWorkers, namespace: str) -> None:
        changes = {
            "suspend": action.suspend,
            "parallelism": action.parallelism,
            "ttlSecondsAfterFinished": action.ttl_seconds_after_finished,
        }
        self._store.put(self._cluster.patch(Kind.JOB, namespace, action.name, {"spec": changes}))
