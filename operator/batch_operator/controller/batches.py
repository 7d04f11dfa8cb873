"""One look at a Batch: observe, decide, act, and look again until nothing is left to do; then show it.

The deciding is in `reconcile`, the showing in `status`, the acting in `actions`.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from batch_operator.controller.actions import Actions, Memory, Scene
from batch_operator.controller.attempts import AttemptsOfBatch
from batch_operator.controller.cluster import Cluster, ConflictError, GoneError
from batch_operator.controller.engines import EngineKeeper, Session
from batch_operator.controller.observation import bare, find_job, find_row, generation_of, read_batch
from batch_operator.controller.problems import HANDLED
from batch_operator.controller.store import Key, Kind, Store, engine_name, key_of
from batch_operator.lifecycle.conditions import ConditionType
from batch_operator.lifecycle.documents import Document, namespace_of, part, parts, uid_of
from batch_operator.lifecycle.observed import Observed, Problem
from batch_operator.lifecycle.reconcile import Decision, Preview, Resolve, reconcile
from batch_operator.lifecycle.status import Occurrence, Pace, Shown, batch_status, merge_patch, occurrences
from batch_operator.lifecycle.times import now
from process_engine.batch.ledger import Counts, FailureGroup

MOST_ROUNDS = 12
"""Actions in a row before the loop turns to something else."""

STATUS_SECONDS = 1.0
"""At most one status of a Batch is written in so long."""

REFUSED_SECONDS = 60.0
"""A set that was refused is looked for again after so long, or when the Batch or its engine changes."""


@dataclass
class BatchMemory(Memory):
    """What is remembered of a Batch between two looks."""

    uid: str = ""
    pace: Pace = field(default_factory=Pace)
    written_at: float = 0.0
    refusal: tuple[object, Problem, float] | None = None
    failures: tuple[int, Sequence[FailureGroup]] = (0, ())

    def refused(self, version: object) -> Problem | None:
        """The refusal of this version of Batch and engine, while it is fresh."""
        if self.refusal and self.refusal[0] == version and time.monotonic() < self.refusal[2]:
            return self.refusal[1]
        return None


@dataclass(frozen=True)
class View:
    """What was observed, and where to act on it."""

    observed: Observed
    scene: Scene | None = None


class BatchKeeper:
    """Brings Batches on, one look at a time."""

    def __init__(self, cluster: Cluster, store: Store, engines: EngineKeeper) -> None:
        self._cluster = cluster
        self._store = store
        self._engines = engines
        self._actions = Actions(cluster, store)
        self._memories: dict[Key, BatchMemory] = {}

    def forget(self, key: Key) -> None:
        """A Batch is gone."""
        self._memories.pop(key, None)

    def look(self, document: Document) -> float | None:
        """Bring a Batch on as far as it goes now.

        Returns:
            Seconds after which to look again; `None` when only an event brings it on.
        """
        if part(document, "metadata").get("deletionTimestamp"):
            return None
        memory = self._memory(document)
        view = self._observe(document, memory)
        decision = reconcile(view.observed)
        for _ in range(MOST_ROUNDS):
            if decision.action is None or view.scene is None:
                break
            if isinstance(decision.action, Resolve | Preview):
                self._show(document, memory, view, decision)  # finding the set may take a while
            view = self._act(view, view.scene, decision, memory)
            decision = reconcile(view.observed)
        return self._show(document, memory, view, decision)

    def _memory(self, document: Document) -> BatchMemory:
        key, uid = key_of(Kind.BATCH, document), uid_of(document)
        known = self._memories.get(key)
        if known is None or known.uid != uid:
            known = self._memories[key] = BatchMemory(attempts=AttemptsOfBatch(), uid=uid)
        return known

    def _act(self, view: View, scene: Scene, decision: Decision, memory: BatchMemory) -> View:
        assert decision.action is not None  # noqa: S101 - for the type checker
        try:
            self._actions.perform(decision.action, scene)
        except HANDLED as error:
            problem = self._problem(scene.document, error)
            if isinstance(decision.action, Resolve | Preview) and not problem.passing:
                memory.refusal = (_version(scene), problem, time.monotonic() + REFUSED_SECONDS)
            return View(Observed(wanted=view.observed.wanted, problem=problem))
        return self._observe(scene.document, memory)

    def _observe(self, document: Document, memory: BatchMemory) -> View:
        wanted = bare(document)
        try:
            found = memory.found.total if memory.found else None
            wanted, definition = read_batch(document, found)
            session = self._engines.session(namespace_of(document), engine_name(document))
            return self._seen(Scene(document, wanted, definition, session, memory), memory)
        except HANDLED as error:
            return View(Observed(wanted=wanted, problem=self._problem(document, error)))

    def _seen(self, scene: Scene, memory: BatchMemory) -> View:
        wanted, session = scene.wanted, scene.session
        row = find_row(session.ledger, wanted)
        if row is None:
            return View(Observed(wanted=wanted, problem=memory.refused(_version(scene))), scene)
        counts = session.counts.of(row.batch_id)
        job = find_job(self._store, self._cluster, wanted, row)
        attempts = memory.attempts.seen(_version(scene), counts.settled)
        idle = session.counts.is_engine_idle(counts)
        observed = Observed(wanted=wanted, row=row, counts=counts, job=job, attempts=attempts, engine_idle=idle)
        return View(observed, scene)

    def _problem(self, document: Document, error: Exception) -> Problem:
        problem = self._engines.failed(namespace_of(document), engine_name(document), error)
        if problem is None:
            raise error
        return problem

    def _show(self, document: Document, memory: BatchMemory, view: View, decision: Decision) -> float | None:
        wait = memory.written_at + STATUS_SECONDS - time.monotonic()
        if wait > 0:
            return wait
        current = self._store.get(*key_of(Kind.BATCH, document)) or document
        previous = part(current, "status")
        status = batch_status(self._shown(memory, view, decision), previous)
        if patch := merge_patch(previous, status):
            memory.written_at = time.monotonic()
            self._write(current, patch)
        told, memory.to_tell = memory.to_tell, []
        for event in _in_order(occurrences(parts(previous, "conditions"), status["conditions"]), told):
            self._cluster.post(Kind.BATCH, document, event)
        return decision.look_again

    def _write(self, document: Document, patch: dict[str, object]) -> None:
        try:
            patched = self._cluster.patch_status(Kind.BATCH, document, patch)
        except (GoneError, ConflictError):
            return  # deleted meanwhile, or deleted and made anew
        self._store.put(Kind.BATCH, patched)

    def _shown(self, memory: BatchMemory, view: View, decision: Decision) -> Shown:
        seen, scene = view.observed, view.scene
        is_ours = seen.row is not None and seen.row.content_hash == seen.wanted.content_hash
        shown = Shown(wanted=seen.wanted, state=decision.state, now=now())
        if scene is None or seen.row is None or seen.counts is None or not is_ours:
            return replace(shown, sample=memory.found if seen.wanted.dry_run else None)
        return replace(
            shown,
            row=seen.row,
            counts=seen.counts,
            failures=self._failures(scene.session, memory, seen.row.batch_id, seen.counts),
            job=self._job(seen.row.job_name, seen.wanted.namespace),
            rate=memory.pace.add(time.monotonic(), seen.counts.settled),
        )

    def _failures(self, session: Session, memory: BatchMemory, batch_id: str, counts: Counts) -> Sequence[FailureGroup]:
        """Groups of failed items, read again only when there are more."""
        if counts.failed != memory.failures[0]:
            memory.failures = (counts.failed, session.ledger.failures(batch_id))
        return memory.failures[1]

    def _job(self, name: str | None, namespace: str) -> tuple[str, str | None] | None:
        if name is None:
            return None
        document = self._store.get(Kind.JOB, namespace, name)
        return name, uid_of(document) if document else None


def _in_order(changes: Sequence[Occurrence], told: Sequence[Occurrence]) -> list[Occurrence]:
    """Events as things happened: the set is frozen, then a Job is made, then it ends."""
    first = [event for event in changes if event.reason == ConditionType.RESOLVED]
    return [*first, *told, *(event for event in changes if event not in first)]


def _version(scene: Scene) -> object:
    return generation_of(scene.document), scene.session.identity
