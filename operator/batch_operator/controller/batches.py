"""Bringing a Batch on: observe, decide, act, and observe again until nothing is left to do; then show it.

The observing is in `observation`, the deciding in `reconcile`, the acting in `actions`, the showing in `status`.
"""

import time
from collections.abc import Sequence

from batch_operator.controller.actions import Actions
from batch_operator.controller.cluster import Cluster, ConflictError, GoneError
from batch_operator.controller.engines import EngineSessions
from batch_operator.controller.memory import BatchMemory
from batch_operator.controller.observation import ActionContext, Observation, Observer
from batch_operator.controller.problems import HANDLED
from batch_operator.controller.store import ClusterObject, Key, Kind, Store
from batch_operator.lifecycle.conditions import ConditionType, State
from batch_operator.lifecycle.documents import parts
from batch_operator.lifecycle.reconcile import Action, PreviewSet, Resolve, reconcile
from batch_operator.lifecycle.status import EventToPost, StatusInputs, batch_status, events_to_post, merge_patch
from batch_operator.lifecycle.times import now

MOST_ROUNDS = 12
"""Actions in a row before the loop turns to something else."""

STATUS_SECONDS = 1.0
"""At most one status of a Batch is written in so long."""


class BatchReconciler:
    """Brings Batches on, one at a time."""

    def __init__(self, cluster: Cluster, store: Store, engines: EngineSessions) -> None:
        self._cluster = cluster
        self._store = store
        self._observer = Observer(cluster, store, engines)
        self._actions = Actions(cluster, store)
        self._memories: dict[Key, BatchMemory] = {}

    def forget(self, key: Key) -> None:
        """A Batch is gone."""
        self._memories.pop(key, None)

    def reconcile_one(self, batch: ClusterObject) -> float | None:
        """Bring a Batch on as far as it goes now.

        Returns:
            Seconds after which to do so again; `None` when only an event brings it on.
        """
        if batch.is_being_deleted:
            return None
        memory = self._memory(batch)
        seen = self._observer.observe(batch, memory)
        decision = reconcile(seen.observed)
        for _ in range(MOST_ROUNDS):
            if decision.action is None or seen.context is None:
                break
            if isinstance(decision.action, Resolve | PreviewSet):
                self._show(batch, memory, seen, decision.state)  # finding the set may take a while
            seen = self._act(decision.action, seen.context)
            decision = reconcile(seen.observed)
        wait = self._show(batch, memory, seen, decision.state)
        if decision.action is not None and seen.context is not None:
            return 0.0  # there is more to do, after the others
        return decision.requeue_after if wait is None else wait

    def _memory(self, batch: ClusterObject) -> BatchMemory:
        known = self._memories.get(batch.key)
        if known is None or known.uid != batch.uid:
            known = self._memories[batch.key] = BatchMemory(batch.uid)
        return known

    def _act(self, action: Action, context: ActionContext) -> Observation:
        try:
            self._actions.perform(action, context)
        except HANDLED as error:
            hindered = self._observer.hindered(context.batch, context.desired, error)
            problem = hindered.observed.problem
            if isinstance(action, Resolve | PreviewSet) and problem is not None and not problem.passing:
                context.memory.refuse(context.version, problem)
            return hindered
        return self._observer.observe(context.batch, context.memory)

    def _show(self, batch: ClusterObject, memory: BatchMemory, seen: Observation, state: State) -> float | None:
        """Write the status and post Events; returns seconds to wait where it is too early for that."""
        wait = memory.written_at + STATUS_SECONDS - time.monotonic()
        if wait > 0:
            return wait
        current = self._store.get(*batch.key) or batch
        status = batch_status(self._inputs(memory, seen, state), current.status)
        if patch := merge_patch(current.status, status):
            memory.written_at = time.monotonic()
            self._write(current, patch)
        waiting, memory.events = memory.events, []
        for event in _in_order(events_to_post(parts(current.status, "conditions"), status["conditions"]), waiting):
            self._cluster.post(batch, event)
        return None

    def _write(self, batch: ClusterObject, patch: dict[str, object]) -> None:
        try:
            patched = self._cluster.patch_status(batch, patch)
        except (GoneError, ConflictError):
            return  # deleted meanwhile, or deleted and made anew
        self._store.put(patched)

    def _inputs(self, memory: BatchMemory, seen: Observation, state: State) -> StatusInputs:
        own, context = seen.observed.own, seen.context
        if own is None or context is None:
            return StatusInputs(seen=seen.observed, state=state, now=now(), sample=memory.found)
        row, counts = own
        return StatusInputs(
            seen=seen.observed,
            state=state,
            now=now(),
            failures=memory.failure_groups(context.session.ledger, row.batch_id, counts.failed),
            job=self._job(row.job_name, row.namespace),
            rate=memory.pace.add(time.monotonic(), counts.settled),
        )

    def _job(self, name: str | None, namespace: str) -> tuple[str, str | None] | None:
        if name is None:
            return None
        job = self._store.get(Kind.JOB, namespace, name)
        return name, job.uid if job else None


def _in_order(changes: Sequence[EventToPost], waiting: Sequence[EventToPost]) -> list[EventToPost]:
    """Events as things happened: the set is frozen, then a Job is made, then it ends."""
    first = [event for event in changes if event.reason == ConditionType.RESOLVED]
    return [*first, *waiting, *(event for event in changes if event not in first)]
