"""kopf's part: it watches, and wakes the operator's own loop up. Nothing is decided here.

kopf keeps no state on any object for this: no annotations and no finalizers, so a Batch can be deleted while the
operator is away, and nothing but the ledger says what was run.
"""

import time
from collections.abc import Callable
from typing import Any

import kopf

from batch_operator.controller import Controller
from batch_operator.documents import Document
from batch_operator.jobs import BATCH_UID_LABEL
from batch_operator.store import Kind

WATCH_SECONDS = 300
LONGEST_SILENCE_SECONDS = 180
"""The loop takes up work, or looks whether there is any, at least once a minute."""


def registry(make_controller: Callable[[], Controller]) -> kopf.OperatorRegistry:
    """The handlers of one operator.

    Args:
        make_controller: Called once kopf's event loop runs.
    """
    handlers = kopf.OperatorRegistry()
    running: dict[str, Controller] = {}

    @kopf.on.login(id="login", registry=handlers)
    def log_in(**arguments: Any) -> kopf.ConnectionInfo | None:
        return kopf.login_with_service_account(**arguments) or kopf.login_via_client(**arguments)

    @kopf.on.startup(id="start", registry=handlers)
    async def start(settings: kopf.OperatorSettings, **_: Any) -> None:
        configure(settings)
        running["controller"] = make_controller()
        await running["controller"].start()

    @kopf.on.cleanup(id="stop", registry=handlers)
    async def stop(**_: Any) -> None:
        if "controller" in running:
            await running["controller"].stop()

    @kopf.on.probe(id="loop", registry=handlers)
    def alive(**_: Any) -> float:
        silence = time.monotonic() - running["controller"].wakeups.last_taken
        if silence > LONGEST_SILENCE_SECONDS:
            # any other error would be tried again inside the probe, and the kubelet would see a time-out only
            raise kopf.PermanentError(f"the operator's loop has stood still for {silence:.0f} s")
        return round(silence, 1)

    def seen(kind: Kind) -> Callable[..., None]:
        def wake_up(event: Any, **_: Any) -> None:
            document: Document = event["object"]
            running["controller"].seen(kind, document, deleted=event["type"] == "DELETED")

        return wake_up

    kopf.on.event("process-batch.io", "v1alpha1", "batches", registry=handlers)(_named(seen(Kind.BATCH), "batch"))
    kopf.on.event("process-batch.io", "v1alpha1", "processengines", registry=handlers)(
        _named(seen(Kind.ENGINE), "engine")
    )
    kopf.on.event("batch", "v1", "jobs", registry=handlers)(_named(seen(Kind.JOB), "job"))
    return handlers


def _named(function: Callable[..., None], name: str) -> Callable[..., Any]:
    async def handler(**arguments: Any) -> None:
        function(**arguments)

    handler.__name__ = handler.__qualname__ = name
    return handler


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
