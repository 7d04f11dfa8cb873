"""kopf's part: it watches, and wakes the operator's own loop up. Nothing is decided here.

kopf keeps no state on any object for this: no annotations and no finalizers, so a Batch can be deleted while the
operator is away, and nothing but the ledger says what was run.
"""

import time
from collections.abc import Callable, Coroutine
from typing import Any

import kopf

from batch_operator.controller.cluster import RESOURCES
from batch_operator.controller.loop import Controller
from batch_operator.controller.store import BATCH_UID_LABEL, ClusterObject, Kind

WATCH_SECONDS = 300
LONGEST_SILENCE_SECONDS = 180
"""The loop takes up work, or looks whether there is any, at least once a minute."""


class Handlers:
    """The handlers of one operator.

    Args:
        make_controller: Called once kopf's event loop runs.
    """

    def __init__(self, make_controller: Callable[[], Controller]) -> None:
        self._make_controller = make_controller
        self._running: Controller | None = None

    @property
    def controller(self) -> Controller:
        """The loop; kopf watches nothing before it was started."""
        if self._running is None:
            raise kopf.TemporaryError("the operator's loop has not started", delay=1)
        return self._running

    def log_in(self, **arguments: Any) -> kopf.ConnectionInfo | None:
        """By the pod's service account, else by the kubeconfig."""
        return kopf.login_via_client(**arguments)

    async def start(self, settings: kopf.OperatorSettings, **_: Any) -> None:
        """Begin to work."""
        configure(settings)
        self._running = self._make_controller()
        await self._running.start()

    async def stop(self, **_: Any) -> None:
        """End the loop."""
        if self._running is not None:
            await self._running.stop()

    def probe(self, **_: Any) -> float:
        """How long ago the loop looked for work, in seconds."""
        silence = time.monotonic() - self.controller.queue.last_taken
        if silence > LONGEST_SILENCE_SECONDS:
            # any other error would be tried again inside the probe, and the kubelet would see a time-out only
            raise kopf.PermanentError(f"the operator's loop has stood still for {silence:.0f} s")
        return round(silence, 1)

    def watch(self, kind: Kind) -> Callable[..., Coroutine[Any, Any, None]]:
        """Takes over what happens to objects of a kind."""

        async def seen(event: Any, **_: Any) -> None:
            self.controller.seen(ClusterObject.of(kind, event["object"]), deleted=event["type"] == "DELETED")

        return seen

    def registry(self) -> kopf.OperatorRegistry:
        """All of them, as kopf wants them."""
        registry = kopf.OperatorRegistry()
        kopf.on.login(id="login", registry=registry)(self.log_in)
        # a start that fails ends the pod: the kubelet tries again sooner than kopf would
        kopf.on.startup(id="start", errors=kopf.ErrorsMode.PERMANENT, registry=registry)(self.start)
        kopf.on.cleanup(id="stop", registry=registry)(self.stop)
        kopf.on.probe(id="loop", registry=registry)(self.probe)
        for kind, resource in RESOURCES.items():
            kopf.on.event(*resource, id=kind.value, registry=registry)(self.watch(kind))
        return registry


def configure(settings: kopf.OperatorSettings) -> None:
    """Watch little, notice silence, write nothing."""
    settings.watching.label_selectors["batch", "v1", "jobs"] = BATCH_UID_LABEL
    settings.watching.chunk_size = 500
    settings.watching.server_timeout = WATCH_SECONDS
    settings.watching.client_timeout = WATCH_SECONDS + 30
    settings.watching.connect_timeout = 10
    settings.networking.request_timeout = 30
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.peering.standalone = True
