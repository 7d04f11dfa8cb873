"""Starts the operator: `process-batch operator`."""

import logging
import os
import socket
from collections.abc import Mapping
from typing import Any, cast

import kopf

from batch_operator.controller.batches import BatchReconciler
from batch_operator.controller.cluster import Cluster
from batch_operator.controller.engines import EngineSessions
from batch_operator.controller.handlers import Handlers
from batch_operator.controller.loop import Controller
from batch_operator.controller.store import Store
from batch_operator.environment import patience_of_environment

LIVENESS_ENDPOINT = "http://0.0.0.0:8080/healthz"
WORKER_IMAGE = "PROCESS_BATCH_WORKER_IMAGE"
DEPLOYMENT = "PROCESS_BATCH_DEPLOYMENT"
NAMESPACE = "PROCESS_BATCH_NAMESPACE"
DEFAULT_IMAGE = "process-batch"


def run(namespace: str | None = None, *, liveness_endpoint: str | None = LIVENESS_ENDPOINT) -> None:
    """Run the operator until it is told to stop.

    Args:
        namespace: Serve only this one; `None` serves the whole cluster.
        liveness_endpoint: Where the kubelet asks whether the loop is alive; `None` for nowhere.
    """
    patience = patience_of_environment(os.environ)
    kopf.configure(log_format=kopf.LogFormat.JSON)
    # each watched event is one line of these, and says nothing
    for name in ("aiohttp.access", "kopf.objects", "kopf.activities.probe"):
        logging.getLogger(name).setLevel(logging.WARNING)

    def make_controller() -> Controller:
        cluster, store = Cluster.connect(namespace), Store()
        engines = EngineSessions(cluster, store, worker_image(cluster, os.environ), patience)
        return Controller(cluster, store, BatchReconciler(cluster, store, engines), engines)

    kopf.run(
        registry=Handlers(make_controller).registry(),
        clusterwide=namespace is None,
        namespaces=[] if namespace is None else [namespace],
        standalone=True,
        # kopf's own guess asks for the name of a user who has none in the image
        identity=cast("Any", socket.gethostname()),
        liveness_endpoint=liveness_endpoint,
    )


def worker_image(cluster: Cluster, environment: Mapping[str, str]) -> str:
    """The image of workers whose ProcessEngine names none: as given, else that of the operator's own Deployment."""
    if given := environment.get(WORKER_IMAGE):
        return given
    if DEPLOYMENT not in environment or NAMESPACE not in environment:
        return DEFAULT_IMAGE
    return cluster.image_of(environment[NAMESPACE], environment[DEPLOYMENT]) or DEFAULT_IMAGE
