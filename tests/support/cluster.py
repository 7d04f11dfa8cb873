"""A real Kubernetes cluster for tests: the one that the environment names, or the one-node cluster of tests/cluster.

PROCESS_BATCH_TEST_KUBECONFIG: a kubeconfig; then also PROCESS_BATCH_TEST_IMAGE, an image that cluster can pull, and
PROCESS_BATCH_TEST_DATABASE_HOST, where its pods reach the PostgreSQL of the tests.
"""

import contextlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

RIG = Path(__file__).resolve().parents[1] / "cluster"
ROOT = RIG.parents[1]
OPERATOR_NAMESPACE = "process-batch"
OPERATOR = "process-batch-operator"
POLL_SECONDS = 0.2

Found = TypeVar("Found")


def until(what: str, seconds: float, probe: Callable[[], Found | None]) -> Found:
    """What `probe` finds, asked again and again until it finds something.

    Raises:
        AssertionError: It found nothing in time.
    """
    end = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(POLL_SECONDS)


@dataclass(frozen=True)
class Cluster:
    """A cluster and the kubectl that talks to it.

    Attributes:
        kubeconfig: Path.
        kubectl_program: Path or name.
        state: Folder of the one-node cluster; `None` where it is another one.
    """

    kubeconfig: str
    kubectl_program: str = "kubectl"
    state: Path | None = None

    @property
    def database_host(self) -> str:
        """This machine as pods see it."""
        return os.environ.get("PROCESS_BATCH_TEST_DATABASE_HOST", "10.88.0.1")

    def try_kubectl(self, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run kubectl and tell how it ended."""
        command = [self.kubectl_program, "--kubeconfig", self.kubeconfig, *words]
        return subprocess.run(command, input=given, capture_output=True, text=True, check=False)

    def kubectl(self, *words: str, given: str | None = None) -> str:
        """Run kubectl; its output."""
        done = self.try_kubectl(*words, given=given)
        if done.returncode:
            raise AssertionError(f"kubectl {' '.join(words)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def apply(self, *documents: dict[str, Any], options: tuple[str, ...] = ()) -> None:
        """`kubectl apply` documents."""
        self.kubectl("apply", *options, "-f", "-", given=yaml.safe_dump_all(documents))

    def get(self, kind: str, name: str, namespace: str) -> dict[str, Any]:
        """An object."""
        return json.loads(self.kubectl("-n", namespace, "get", kind, name, "-o", "json"))

    def list(self, kind: str, namespace: str, *options: str) -> list[dict[str, Any]]:
        """All objects of a kind in a namespace."""
        return json.loads(self.kubectl("-n", namespace, "get", kind, "-o", "json", *options))["items"]

    def kill(self, pod: dict[str, Any]) -> None:
        """SIGKILL a pod's process, as when its node loses power or memory."""
        namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        if self.state is None:
            self.kubectl("-n", namespace, "delete", "pod", name, "--grace-period=0", "--force")
            return
        container = pod["status"]["containerStatuses"][0]["containerID"].removeprefix("containerd://")
        socket = str(self.state / "containerd.sock")
        kill = ["ctr", "-a", socket, "-n", "k8s.io", "tasks", "kill", "-s", "SIGKILL", container]
        subprocess.run(kill, capture_output=True, check=True)


@contextlib.contextmanager
def running_cluster() -> Iterator[Cluster]:
    """The cluster of the environment, or the one-node one until the block ends; one that ran before is left running."""
    if given := os.environ.get("PROCESS_BATCH_TEST_KUBECONFIG"):
        yield Cluster(given)
        return
    state = state_folder()
    ran_before = _is_running(state)
    up = subprocess.run([RIG / "up"], capture_output=True, text=True, check=False)
    if up.returncode:
        raise RuntimeError(f"The cluster did not start:\n{up.stdout}{up.stderr}")
    try:
        yield Cluster(up.stdout.strip(), str(state / "bin" / "kubectl"), state)
    finally:
        if not ran_before:
            subprocess.run([RIG / "down"], check=False)


def state_folder() -> Path:
    """Where the one-node cluster lies."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("PROCESS_BATCH_CLUSTER_STATE") or cache / "process-batch" / "cluster")


def _is_running(state: Path) -> bool:
    pid = state / "kubelet.pid"
    return pid.exists() and Path("/proc", pid.read_text().strip()).exists()


def image(cluster: Cluster) -> str:
    """The project's image as the cluster knows it, built from the checkout."""
    if cluster.state is None:
        return os.environ["PROCESS_BATCH_TEST_IMAGE"]
    built = subprocess.run([RIG / "image"], capture_output=True, text=True, check=False)
    if built.returncode:
        raise RuntimeError(f"The image could not be built:\n{built.stdout}{built.stderr}")
    return built.stdout.strip()


def install_operator(cluster: Cluster, image_name: str) -> None:
    """`kubectl apply -k` of an overlay that names the image, and nothing else, over deploy/; waits until it runs."""
    name, _, tag = image_name.rpartition(":")
    with tempfile.TemporaryDirectory() as folder:
        overlay = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": [os.path.relpath(ROOT / "deploy", Path(folder).resolve())],
            "images": [{"name": "process-batch", "newName": name, "newTag": tag}],
        }
        (Path(folder) / "kustomization.yaml").write_text(yaml.safe_dump(overlay))
        cluster.kubectl("apply", "-k", folder)
    names = ("crd/batches.process-batch.io", "crd/processengines.process-batch.io")
    cluster.kubectl("wait", "--for=condition=Established", *names, "--timeout=30s")
    cluster.kubectl("-n", OPERATOR_NAMESPACE, "rollout", "status", f"deployment/{OPERATOR}", "--timeout=120s")
