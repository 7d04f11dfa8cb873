"""From objects of the cluster and rows of the ledger to what `reconcile` sees."""

from dataclasses import dataclass, replace

from pydantic import ValidationError

from batch_operator.controller.cluster import Cluster
from batch_operator.controller.engines import EngineSessions, Session
from batch_operator.controller.jobs import read_job
from batch_operator.controller.memory import BatchMemory
from batch_operator.controller.problems import HANDLED, EngineProblemError, invalid
from batch_operator.controller.store import ClusterObject, Kind, Store
from batch_operator.lifecycle.conditions import Reason
from batch_operator.lifecycle.desired import desired_of
from batch_operator.lifecycle.documents import part, parts
from batch_operator.lifecycle.observed import Desired, Observed, ObservedWorkers
from batch_operator.resources.batch import BatchSpec
from process_engine.batch.definition import BatchDefinition
from process_engine.batch.ledger import BatchRow


@dataclass(frozen=True)
class ActionContext:
    """Where an action takes place."""

    batch: ClusterObject
    desired: Desired
    definition: BatchDefinition
    session: Session
    memory: BatchMemory

    @property
    def version(self) -> object:
        """Changes with the Batch's spec and its engine."""
        return self.batch.generation, self.session.identity


@dataclass(frozen=True)
class Observation:
    """What was observed, and where to act on it."""

    observed: Observed
    context: ActionContext | None = None


class Observer:
    """Gathers what is to be known of a Batch."""

    def __init__(self, cluster: Cluster, store: Store, engines: EngineSessions) -> None:
        self._cluster = cluster
        self._store = store
        self._engines = engines

    def observe(self, batch: ClusterObject, memory: BatchMemory) -> Observation:
        """Everything about a Batch; a problem where something is in the way."""
        desired = bare(batch)
        try:
            desired, definition = read_batch(batch, memory.found.total if memory.found else None)
            session = self._engines.session(batch.namespace, batch.engine_name)
            return self._in_ledger(ActionContext(batch, desired, definition, session, memory))
        except HANDLED as error:
            return self.hindered(batch, desired, error)

    def hindered(self, batch: ClusterObject, desired: Desired, error: Exception) -> Observation:
        """What an error means for a Batch; one that is a fault of the operator is raised again."""
        problem = self._engines.failed(batch.namespace, batch.engine_name, error)
        if problem is None:
            raise error
        return Observation(Observed(desired=desired, problem=problem))

    def _in_ledger(self, context: ActionContext) -> Observation:
        desired, session, memory = context.desired, context.session, context.memory
        row = session.ledger.find(desired.namespace, desired.name)
        if row is None:
            return Observation(Observed(desired=desired, problem=memory.refused(context.version)), context)
        counts = session.counts.of(row.batch_id)
        observed = Observed(
            desired=desired,
            row=row,
            counts=counts,
            workers=self._workers(desired, row),
            attempts=memory.attempts.seen(context.version, counts.settled),
            engine_idle=session.counts.is_engine_idle(counts),
        )
        return Observation(observed, context)

    def _workers(self, desired: Desired, row: BatchRow) -> ObservedWorkers | None:
        """The Job that the ledger names for this object; the API server is asked before it is believed to be gone."""
        if row.job_name is None or row.owner_uid != desired.uid or row.is_closed:
            return None
        job = self._store.get(Kind.JOB, desired.namespace, row.job_name)
        if job is None:
            job = self._cluster.get(Kind.JOB, desired.namespace, row.job_name)
            if job is not None:
                self._store.put(job)
        return None if job is None else read_job(job)


def bare(batch: ClusterObject) -> Desired:
    """What can be said of a Batch whose spec cannot be read."""
    return Desired(
        namespace=batch.namespace, name=batch.name, uid=batch.uid, generation=batch.generation, content_hash=""
    )


def read_batch(batch: ClusterObject, previewed: int | None) -> tuple[Desired, BatchDefinition]:
    """A Batch's spec.

    Args:
        batch: Of the API server.
        previewed: Items that a dry run of this operator found, if there was one.

    Raises:
        EngineProblemError: The spec breaks a rule.
    """
    try:
        spec = BatchSpec.model_validate(batch.content.get("spec"))
        definition = spec.definition(batch.namespace, batch.name)
    except ValidationError as error:
        raise EngineProblemError(invalid(Reason.INVALID_SPEC, error)) from None
    desired = replace(
        desired_of(spec, definition, uid=batch.uid, generation=batch.generation),
        was_resolved=bool(batch.status.get("resolvedTime")),
        previewed=_previewed(batch) if previewed is None else previewed,
    )
    return desired, definition


def _previewed(batch: ClusterObject) -> int | None:
    """The items that a dry run of this generation found, as an earlier operator wrote it down."""
    is_shown = any(
        condition.get("reason") == Reason.DRY_RUN and condition.get("observedGeneration") == batch.generation
        for condition in parts(batch.status, "conditions")
    )
    return int(part(batch.status, "items").get("total", 0)) if is_shown and "sample" in batch.status else None
