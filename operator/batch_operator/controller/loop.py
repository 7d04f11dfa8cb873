"""The operator's own loop: whatever happens to an object, it is looked at as a whole, by one thread at a time."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from batch_operator.controller.batches import BatchKeeper
from batch_operator.controller.cluster import Cluster, ClusterError
from batch_operator.controller.engines import EngineKeeper
from batch_operator.controller.problems import fault
from batch_operator.controller.store import Key, Kind, Store, key_of
from batch_operator.controller.wakeups import Wakeups
from batch_operator.lifecycle.documents import Document, name_of, namespace_of

THREADS = 4
RELIST_SECONDS = 120.0
RELIST_RETRY_SECONDS = 5.0
FAILED_LOOK_SECONDS = 10.0
BREATH_SECONDS = 0.2
"""Between two looks at the same object, so that a storm of events costs one."""

logger = logging.getLogger(__name__)


class Controller:
    """Looks at Batches and ProcessEngines whenever something happened to them, and from time to time."""

    def __init__(self, cluster: Cluster, store: Store, batches: BatchKeeper, engines: EngineKeeper) -> None:
        self.wakeups = Wakeups()
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

    def seen(self, kind: Kind, document: Document, *, deleted: bool) -> None:
        """Take over what a watch told, and look at what it concerns."""
        if deleted:
            self._store.remove(kind, document)
        else:
            self._store.put(kind, document)
        self._wake(kind, document)

    def _wake(self, kind: Kind, document: Document) -> None:
        if kind is Kind.JOB:
            batch = self._store.batch_of_job(document)
            if batch is not None:
                self.wakeups.wake(batch)
            return
        self.wakeups.wake(key_of(kind, document))
        if kind is Kind.ENGINE:
            for key in self._store.batches_of_engine(namespace_of(document), name_of(document)):
                self.wakeups.wake(key)

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
            documents = await asyncio.to_thread(self._listed, kind)
            for key in self._store.replace(kind, documents):
                document = self._store.get(*key)
                if document is not None:
                    self._wake(kind, document)
                elif kind is not Kind.JOB:
                    self.wakeups.wake(key)
        # a Job that vanished unseen has no document left to say whose it was
        for key in self._store.keys(Kind.BATCH):
            self.wakeups.wake(key)

    def _listed(self, kind: Kind) -> list[Document]:
        return list(self._cluster.list(kind))

    async def _work(self) -> None:
        while True:
            key = await self.wakeups.take()
            try:
                await self._look(key)
            finally:
                self.wakeups.hold(key, BREATH_SECONDS)
                self.wakeups.done(key)

    async def _look(self, key: Key) -> None:
        kind, namespace, name = key
        document = self._store.get(kind, namespace, name)
        try:
            if kind is Kind.BATCH:
                look_again = await asyncio.to_thread(self._look_at_batch, key, document)
            else:
                look_again = await asyncio.to_thread(self._engines.look, namespace, name, document)
        except Exception as error:  # noqa: BLE001 - one object must not stop the others
            # the type and place only: a message may hold what a driver was given
            logger.error("%s %s/%s: %s", kind, namespace, name, fault(error))  # noqa: TRY400
            look_again = FAILED_LOOK_SECONDS
        if document is not None and look_again is not None:
            self.wakeups.wake(key, look_again)

    def _look_at_batch(self, key: Key, document: Document | None) -> float | None:
        if document is None:
            self._batches.forget(key)
            self.wakeups.forget(key)
            return None
        return self._batches.look(document)
