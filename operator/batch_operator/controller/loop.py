"""The operator's own loop: whatever happens to an object, it is reconciled as a whole, by one thread at a time."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from batch_operator.controller.batches import BatchReconciler
from batch_operator.controller.cluster import Cluster, ClusterError
from batch_operator.controller.engines import EngineSessions
from batch_operator.controller.problems import fault
from batch_operator.controller.store import ClusterObject, Key, Kind, Store
from batch_operator.controller.work_queue import WorkQueue

THREADS = 4
RELIST_SECONDS = 120.0
RELIST_RETRY_SECONDS = 5.0
FAULT_SECONDS = 10.0
"""After a fault of the operator an object is left alone for so long."""

MIN_SECONDS_BETWEEN_RECONCILES = 0.2
"""Of the same object, so that a storm of events costs one."""

logger = logging.getLogger(__name__)


class Controller:
    """Brings Batches and ProcessEngines on whenever something happened to them, and from time to time."""

    def __init__(self, cluster: Cluster, store: Store, batches: BatchReconciler, engines: EngineSessions) -> None:
        self.queue = WorkQueue()
        self._cluster = cluster
        self._store = store
        self._batches = batches
        self._engines = engines
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Read what is there, then begin to work."""
        await self._relist()
        loops: list[Coroutine[Any, Any, None]] = [self._relist_for_ever(), *(self._work() for _ in range(THREADS))]
        self._tasks = [asyncio.create_task(loop) for loop in loops]

    async def stop(self) -> None:
        """Stop working; what a thread has begun ends by itself."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def seen(self, found: ClusterObject, *, deleted: bool) -> None:
        """Take over what a watch said, and bring on what it concerns."""
        if deleted:
            self._store.remove(found)
        else:
            self._store.put(found)
        self._add_concerned(found)

    def _add_concerned(self, found: ClusterObject) -> None:
        if found.kind is Kind.JOB:
            batch = self._store.batch_of_job(found)
            if batch is not None:
                self.queue.add(batch)
            return
        self.queue.add(found.key)
        if found.kind is Kind.ENGINE:
            for key in self._store.batches_of_engine(found.namespace, found.name):
                self.queue.add(key)

    async def _relist_for_ever(self) -> None:
        pause = RELIST_SECONDS
        while True:
            await asyncio.sleep(pause)
            try:
                await self._relist()
                pause = RELIST_SECONDS
            except ClusterError as error:
                logger.warning("cannot list: %s", error)
                pause = RELIST_RETRY_SECONDS

    async def _relist(self) -> None:
        """What a broken watch missed comes back this way; deletions above all."""
        for kind in (Kind.ENGINE, Kind.JOB, Kind.BATCH):
            objects = await asyncio.to_thread(self._listed, kind)
            for key in self._store.replace(kind, objects):
                found = self._store.get(*key)
                if found is not None:
                    self._add_concerned(found)
                elif kind is not Kind.JOB:
                    self.queue.add(key)
        # a Job that vanished unseen has no document left to say whose it was
        for key in self._store.keys(Kind.BATCH):
            self.queue.add(key)

    def _listed(self, kind: Kind) -> list[ClusterObject]:
        return list(self._cluster.list(kind))

    async def _work(self) -> None:
        while True:
            key = await self.queue.take()
            try:
                await self._reconcile(key)
            finally:
                self.queue.hold(key, MIN_SECONDS_BETWEEN_RECONCILES)
                self.queue.done(key)

    async def _reconcile(self, key: Key) -> None:
        try:
            requeue_after = await asyncio.to_thread(self._reconcile_one, key)
        except Exception as error:  # noqa: BLE001 - one object must not stop the others
            # the type and place only: a message may hold what a driver was given
            logger.error("%s %s/%s: %s", *key, fault(error))  # noqa: TRY400
            requeue_after = FAULT_SECONDS
        if self._store.get(*key) is not None and requeue_after is not None:
            self.queue.add(key, requeue_after)

    def _reconcile_one(self, key: Key) -> float | None:
        kind, namespace, name = key
        if kind is Kind.ENGINE:
            return self._engines.reconcile_one(namespace, name)
        batch = self._store.get(*key)
        if batch is None:
            self._batches.forget(key)
            self.queue.forget(key)
            return None
        return self._batches.reconcile_one(batch)
