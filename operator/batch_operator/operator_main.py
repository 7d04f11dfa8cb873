"""Starts the operator: `process-batch operator`."""

import logging
import os

import kopf

from batch_operator.batches import BatchKeeper
from batch_operator.cluster import Cluster
from batch_operator.controller import Controller
from batch_operator.engines import EngineKeeper
from batch_operator.handlers import Handlers
from batch_operator.store import Store

LIVENESS_ENDPOINT = "http://0.0.0.0:8080/healthz"
WORKER_IMAGE_VARIABLE = "PROCESS_BATCH_WORKER_IMAGE"


def run(namespace: str | None = None, *, liveness_endpoint: str | None = LIVENESS_ENDPOINT) -> None:
    """Run the operator until it is told to stop.

    Args:
        namespace: Serve only this one; `None` serves the whole cluster.
        liveness_endpoint: Where the kubelet asks whether the loop is alive; `None` for nowhere.
    """
    kopf.configure(log_format=kopf.LogFormat.JSON)
    # each watched event is one line of these, and says nothing
    for name in ("aiohttp.access", "kopf.objects"):
        logging.getLogger(name).setLevel(logging.WARNING)

    def make_controller() -> Controller:
        cluster, store = Cluster.connect(namespace), Store()
        engines = EngineKeeper(cluster, store, os.environ.get(WORKER_IMAGE_VARIABLE, "process-batch"))
        return Controller(cluster, store, BatchKeeper(cluster, store, engines), engines)

    kopf.run(
        registry=Handlers(make_controller).registry(),
        clusterwide=namespace is None,
        namespaces=[] if namespace is None else [namespace],
        standalone=True,
        liveness_endpoint=liveness_endpoint,
    )
