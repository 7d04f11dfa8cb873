"""Engines' databases: opened once, shared by all Batches of a ProcessEngine, shown in its status.

A session lives until its ProcessEngine changes, or the database refuses its user: then the Secret is read again.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from batch_operator.controller.cluster import Cluster
from batch_operator.controller.credentials import database_of, worker_template
from batch_operator.controller.jobs import WorkerTemplate
from batch_operator.controller.problems import HANDLED, EngineProblemError, invalid, problem_of
from batch_operator.controller.store import ClusterObject, Kind, Store
from batch_operator.environment import DEFAULT_PATIENCE
from batch_operator.lifecycle.conditions import EngineReason, Reason, engine_conditions, with_transition_times
from batch_operator.lifecycle.documents import parts
from batch_operator.lifecycle.observed import Problem, is_engine_idle
from batch_operator.lifecycle.status import events_to_post, merge_patch
from batch_operator.lifecycle.times import now, to_kubernetes
from batch_operator.resources.engine import ProcessEngineSpec
from process_engine.batch.hand_overs import follow
from process_engine.batch.ledger import Counts, Ledger
from process_engine.engine import ProcessEngine

FAILURE_SECONDS = 10.0
"""A database that could not be opened is left alone for so long, whatever its Batches want."""

RECONCILE_SECONDS = 60.0
"""A ProcessEngine that nothing happens to is looked after once in so long."""

COUNTS_SECONDS = 0.7
FOLLOWED_SECONDS = 30.0

Identity = tuple[str, int]
"""Uid and generation of a ProcessEngine."""


@dataclass
class CountsOfEngine:
    """Counts of all Batches that are followed on one engine, read with one query for all of them.

    Where the Java engine has items, what it did with them is noted before.
    """

    engine: ProcessEngine
    ledger: Ledger
    patience: timedelta
    _asked: dict[str, float] = field(default_factory=dict[str, float])
    _read: dict[str, Counts] = field(default_factory=dict[str, Counts])
    _read_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, batch_id: str, max_age: float = COUNTS_SECONDS) -> Counts:
        """Counts of a batch, not older than so many seconds."""
        with self._lock:
            moment = time.monotonic()
            self._asked[batch_id] = moment
            if batch_id not in self._read or moment - self._read_at >= max_age:
                self._asked = {id_: at for id_, at in self._asked.items() if moment - at < FOLLOWED_SECONDS}
                self._read, self._read_at = self._counts(), moment
            return self._read[batch_id]

    def _counts(self) -> dict[str, Counts]:
        found = self.ledger.counts(self._asked)
        if not any(counts.handed_over for counts in found.values()):
            return found
        follow(self.engine, self.ledger)
        return self.ledger.counts(self._asked)

    def is_engine_idle(self, counts: Counts) -> bool:
        """Whether the Java engine has long done nothing with what it was given."""
        return is_engine_idle(counts, now(), self.patience)


@dataclass(frozen=True)
class Session:
    """An engine's database, opened."""

    identity: Identity
    engine: ProcessEngine
    ledger: Ledger
    counts: CountsOfEngine
    workers: WorkerTemplate

    def close(self) -> None:
        """Give its connections back."""
        self.engine.database.dispose()


def _spec(manifest: ClusterObject) -> ProcessEngineSpec:
    try:
        return ProcessEngineSpec.model_validate(manifest.content.get("spec"))
    except ValidationError as error:
        raise EngineProblemError(invalid(Reason.INVALID_ENGINE, error)) from None


@dataclass
class _Slot:
    """What is known of one ProcessEngine's database."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    session: Session | None = None
    failure: tuple[Identity, Problem, float] | None = None

    def failed(self, identity: Identity) -> Problem | None:
        """The failure that is still too fresh to try again."""
        if self.failure and self.failure[0] == identity and time.monotonic() < self.failure[2]:
            return self.failure[1]
        return None


class EngineSessions:
    """Opens engines' databases and keeps the status of ProcessEngines."""

    def __init__(
        self, cluster: Cluster, store: Store, worker_image: str, patience: timedelta = DEFAULT_PATIENCE
    ) -> None:
        self._cluster = cluster
        self._store = store
        self._worker_image = worker_image
        self._patience = patience
        self._slots: dict[tuple[str, str], _Slot] = {}

    def session(self, namespace: str, name: str) -> Session:
        """The open database of a ProcessEngine.

        Raises:
            EngineProblemError: It is not there, or its database cannot be used.
        """
        manifest = self._store.get(Kind.ENGINE, namespace, name)
        if manifest is None:
            self._close(namespace, name)
            raise EngineProblemError(
                Problem(Reason.ENGINE_NOT_FOUND, f"spec.engineRef.name {name!r}: no such ProcessEngine in {namespace}")
            )
        identity = (manifest.uid, manifest.generation)
        slot = self._slots.setdefault((namespace, name), _Slot())
        with slot.lock:
            if slot.session is not None and slot.session.identity == identity:
                return slot.session
            if (problem := slot.failed(identity)) is not None:
                raise EngineProblemError(problem)
            return self._open(slot, manifest, identity)

    def _open(self, slot: _Slot, manifest: ClusterObject, identity: Identity) -> Session:
        if slot.session is not None:
            slot.session.close()
            slot.session = None
        try:
            slot.session = self._opened(manifest, identity)
        except EngineProblemError as error:
            slot.failure = (identity, error.problem, time.monotonic() + FAILURE_SECONDS)
            raise
        slot.failure = None
        return slot.session

    def _opened(self, manifest: ClusterObject, identity: Identity) -> Session:
        try:
            spec = _spec(manifest)
            database = database_of(spec, manifest.namespace, self._cluster)
            engine = ProcessEngine.attach(database, spec.engine.configuration())
            ledger = Ledger(database, spec.ledger.schema_name, create=spec.ledger.create)
            ledger.ensure()
        except HANDLED as error:
            if (problem := problem_of(error)) is None:
                raise
            raise EngineProblemError(problem) from None
        counts = CountsOfEngine(engine, ledger, self._patience)
        return Session(identity, engine, ledger, counts, worker_template(spec, self._worker_image))

    def failed(self, namespace: str, name: str, error: Exception) -> Problem | None:
        """What an error in the use of a session means; one about the user closes it: the Secret is read again."""
        problem = problem_of(error)
        if problem is not None and problem.reason is Reason.AUTHENTICATION_FAILED:
            self._close(namespace, name)
        return problem

    def _close(self, namespace: str, name: str) -> None:
        slot = self._slots.get((namespace, name))
        if slot is None:
            return
        with slot.lock:
            if slot.session is not None:
                slot.session.close()
            slot.session = slot.failure = None

    def reconcile_one(self, namespace: str, name: str) -> float | None:
        """Open the database of a ProcessEngine and show in its status what came of it.

        Returns:
            Seconds after which to do so again; `None` where it is gone.
        """
        manifest = self._store.get(Kind.ENGINE, namespace, name)
        if manifest is None:
            self._close(namespace, name)
            return None
        generation = manifest.generation
        try:
            facts = self.session(namespace, name).engine.facts
        except EngineProblemError as error:
            problem = error.problem
            shown = engine_conditions(
                problem.reason, problem.message, ready=False, retrying=problem.passing, generation=generation
            )
            self._show(manifest, {}, shown)
            return FAILURE_SECONDS
        level = facts.history_level.name.capitalize()
        message = f"schema {facts.version}, history level {level}"
        shown = engine_conditions(EngineReason.ATTACHED, message, ready=True, retrying=False, generation=generation)
        self._show(manifest, {"historyLevel": level, "schemaVersion": facts.version}, shown)
        return RECONCILE_SECONDS

    def _show(self, engine: ClusterObject, facts: Mapping[str, Any], conditions: list[dict[str, Any]]) -> None:
        before = parts(engine.status, "conditions")
        timed = with_transition_times(conditions, before, to_kubernetes(now()))
        patch = merge_patch(engine.status, {"observedGeneration": engine.generation, **facts, "conditions": timed})
        if not patch:
            return
        self._store.put(self._cluster.patch_status(engine, patch))
        for event in events_to_post(before, timed):
            self._cluster.post(engine, event)
