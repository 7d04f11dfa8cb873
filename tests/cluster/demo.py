"""`make cluster-demo`: the sample Batches on a real cluster, and what one sees of them."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from support.cluster import Cluster, image, install_operator, running_cluster  # noqa: E402
from support.postgres import Server, running_server  # noqa: E402

NAMESPACE = DATABASE = "orders"
SAMPLES = ROOT / "deploy" / "samples"
COPIES = 1000
LONGEST_SECONDS = 300


def say(text: str) -> None:
    """A heading."""
    print(f"\n\033[1m{text}\033[0m", flush=True)


def show(cluster: Cluster, *words: str) -> None:
    """A kubectl command and what it prints."""
    say(f"$ kubectl {' '.join(words)}")
    print(cluster.kubectl(*words), flush=True)


def fill(server: Server) -> None:
    """A database of orders that the Java engine made, multiplied."""
    server.create(DATABASE)
    program = [sys.executable, "-m", "batch_operator.cli", "init"]
    stock = ["--stock", str(SAMPLES / "stock" / "stock.json"), "--copies", str(COPIES)]
    subprocess.run([*program, "--database-url", server.url(DATABASE), *stock], check=True)


def prepare(cluster: Cluster, server: Server) -> None:
    """A namespace that holds the database's URL, which the operator may read."""
    cluster.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found")
    cluster.kubectl("create", "namespace", NAMESPACE)
    cluster.kubectl("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted")
    url = server.url(DATABASE, cluster.database_host)
    cluster.kubectl("-n", NAMESPACE, "create", "secret", "generic", "engine-database", f"--from-literal=url={url}")
    show(cluster, "apply", "-n", NAMESPACE, "-k", "deploy/engine-access")


def watch(cluster: Cluster) -> None:
    """What `kubectl get batches -w` prints until all Batches are finished."""
    words = ["-n", NAMESPACE, "get", "batches", "-w"]
    say(f"$ kubectl {' '.join(words)}")
    command = [cluster.kubectl_program, "--kubeconfig", cluster.kubeconfig, *words]
    with subprocess.Popen(command) as shown:
        end = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < end and not finished(cluster.list("batches", NAMESPACE)):
            time.sleep(0.5)
        time.sleep(1)  # the last line is still on its way
        shown.terminate()


def finished(batches: Sequence[dict[str, object]]) -> bool:
    """Whether every Batch is complete or failed."""
    return all('"completionTime"' in json.dumps(batch) for batch in batches)


def main() -> None:
    """Run it."""
    say("A real one-node cluster, PostgreSQL beside it, and the operator as a pod: kubectl apply -k deploy/")
    with running_cluster() as cluster, running_server() as server:
        install_operator(cluster, image(cluster))
        show(cluster, "-n", "process-batch", "get", "pods")
        say(f"A database of {COPIES * 10} orders that a Java engine made, and the namespace of those who own it")
        fill(server)
        prepare(cluster, server)
        show(cluster, "apply", "-n", NAMESPACE, "-f", "deploy/samples")
        watch(cluster)
        show(cluster, "-n", NAMESPACE, "get", "batches,processengines,jobs", "-o", "wide")
        show(
            cluster,
            "-n",
            NAMESPACE,
            "get",
            "batch",
            "retry-failed-charges",
            "-o",
            "jsonpath-as-json={.status.failures}",
        )
        show(cluster, "-n", NAMESPACE, "get", "events", "--field-selector", "involvedObject.kind=Batch")
        cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false")


if __name__ == "__main__":
    main()
