"""A namespace with an engine, for tests of the operator: what a user applies, and what is looked at afterwards."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row

from support.cluster import OPERATOR, OPERATOR_NAMESPACE, ROOT, Cluster, until
from support.peer.oracle import Snapshot
from support.peer.scenarios import Scenario
from support.postgres import Server

FAILED_JOBS = 60
WAITING_JOBS = 120
FAILED_EXTERNAL_TASKS = 20
ENDED_INSTANCES = 20
RUNNING_INSTANCES = 5

FINISHED_SECONDS = 90

WAITING_FOR_LOCKS = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)

GROUP = {"apiVersion": "process-batch.io/v1alpha1"}


@dataclass(frozen=True)
class Amounts:
    """How much of each kind is in a stock.

    Attributes:
        failed_jobs: Jobs with no retries left and an incident each.
        waiting_jobs: Jobs with 3 retries.
        failed_external_tasks: External tasks with no retries left and an incident each.
        ended: Instances that have ended.
        running: Instances in a user task.
    """

    failed_jobs: int = FAILED_JOBS
    waiting_jobs: int = WAITING_JOBS
    failed_external_tasks: int = FAILED_EXTERNAL_TASKS
    ended: int = ENDED_INSTANCES
    running: int = RUNNING_INSTANCES


def stock_of(name: str, amounts: Amounts) -> Scenario:
    """How the Java engine starts, fails and ends the instances of a stock."""
    steps: list[dict[str, Any]] = [
        {"start": {"key": "failing", "as": "failed", "n": amounts.failed_jobs, "vars": {"fail": True}}},
        *({"fail": {"of": f"failed{number}"}} for number in range(1, amounts.failed_jobs + 1)),
        {"start": {"key": "failing", "as": "waiting", "n": amounts.waiting_jobs, "vars": {"fail": False}}},
        {"start": {"key": "external", "as": "external", "n": amounts.failed_external_tasks}},
        *({"failExternal": {"of": f"external{number}"}} for number in range(1, amounts.failed_external_tasks + 1)),
        {"start": {"key": "plain", "as": "ended", "n": amounts.ended}},
        *({"complete": {"of": f"ended{number}"}} for number in range(1, amounts.ended + 1)),
        {"start": {"key": "plain", "as": "running", "n": amounts.running}},
    ]
    operation = {"type": "jobRetries", "ids": ["@jobs:failed1"], "retries": 1}
    deployed = ["failing.bpmn", "external.bpmn", "plain.bpmn"]
    return Scenario(name, {"name": name, "deploy": deployed, "setup": steps, "operation": operation})


STOCK = stock_of("cluster-stock", Amounts())
SMALL_STOCK = stock_of("cluster-small", Amounts(8, 3, 6, 6, 2))


@dataclass(frozen=True)
class Flows:
    """A user's namespace."""

    cluster: Cluster
    postgres: Server
    namespace: str
    database: str

    def set_up(self) -> None:
        """Namespace, Secret, the operator's right to read it, and the engine."""
        restricted = {"pod-security.kubernetes.io/enforce": "restricted"}
        self.cluster.apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace, "labels": restricted}}
        )
        self.apply_secret("engine-database", {"url": self.postgres.url(self.database, self.cluster.database_host)})
        self.cluster.kubectl("apply", "-n", self.namespace, "-k", str(ROOT / "deploy" / "engine-access"))
        self.apply_engine({"urlFrom": {"secretKeyRef": {"name": "engine-database", "key": "url"}}})

    @property
    def address(self) -> tuple[str, int]:
        """Host and port of the database as pods see it."""
        return self.cluster.database_host, int(conninfo_to_dict(self.postgres.conninfo)["port"] or 5432)

    def url(self, user: str) -> str:
        """URL of the database for a user, as pods reach it."""
        host, port = self.address
        return f"postgresql://{user}@{host}:{port}/{self.database}"

    def admin(self, statement: str) -> None:
        """Run a statement as the server's administrator."""
        self.postgres.admin(sql.SQL(statement))  # pyright: ignore[reportArgumentType]

    def tear_down(self) -> None:
        """Everything of the namespace goes."""
        self.cluster.kubectl("delete", "namespace", self.namespace, "--wait=false")
        self.postgres.drop(self.database)

    def apply_secret(self, name: str, values: dict[str, str]) -> None:
        """Apply a Secret."""
        self.cluster.apply({"apiVersion": "v1", "kind": "Secret", "metadata": self.meta(name), "stringData": values})

    def apply_engine(self, database: dict[str, Any], name: str = "default", **facts: Any) -> None:
        """Apply a ProcessEngine."""
        self.cluster.apply(self.engine(database, name, **facts))

    def engine(self, database: dict[str, Any], name: str = "default", **facts: Any) -> dict[str, Any]:
        """A ProcessEngine."""
        spec = {"database": database, "engine": {"listenersOutsideModel": "None"} | facts}
        return GROUP | {"kind": "ProcessEngine", "metadata": self.meta(name), "spec": spec}

    def meta(self, name: str) -> dict[str, Any]:
        """Metadata of an object here."""
        return {"name": name, "namespace": self.namespace}

    def batch(self, name: str, **spec: Any) -> dict[str, Any]:
        """A Batch."""
        return GROUP | {"kind": "Batch", "metadata": self.meta(name), "spec": spec}

    def apply(self, name: str, **spec: Any) -> None:
        """Apply a Batch."""
        self.cluster.apply(self.batch(name, **spec))

    def delete(self, name: str) -> None:
        """Delete a Batch and wait until it is gone."""
        self.kubectl("delete", "batch", name, "--wait")

    def kubectl(self, *words: str) -> str:
        """kubectl in this namespace."""
        return self.cluster.kubectl("-n", self.namespace, *words)

    # ------------------------------------------------------------ what is seen

    def status(self, name: str, kind: str = "batch") -> dict[str, Any]:
        """The status of a Batch."""
        return self.cluster.get(kind, name, self.namespace).get("status", {})

    def version(self, name: str) -> str:
        """Changes whenever a Batch is written."""
        return self.cluster.get("batch", name, self.namespace)["metadata"]["resourceVersion"]

    def finished(self, name: str, condition: str = "Complete") -> dict[str, Any]:
        """The status of a Batch once a condition is true, as `kubectl wait` finds it."""
        wait = f"--for=condition={condition}"
        self.kubectl("wait", wait, f"batch/{name}", f"--timeout={FINISHED_SECONDS}s")
        return self.status(name)

    def until_condition(self, name: str, kind: str, reason: str, resource: str = "batch") -> dict[str, Any]:
        """The status once a condition is true for a reason."""

        def probe() -> dict[str, Any] | None:
            status = self.status(name, resource)
            found = condition(status, kind)
            return status if found.get("status") == "True" and found.get("reason") == reason else None

        return until(f"{resource} {name} {kind} {reason}", FINISHED_SECONDS, probe)

    def events(self, name: str) -> list[tuple[str, str]]:
        """Type and reason of the Events about a Batch, the oldest first."""
        found = self.cluster.list("events.events.k8s.io", self.namespace)
        ours = [e for e in found if e["regarding"]["name"] == name and e["regarding"]["kind"] == "Batch"]
        return [(event["type"], event["reason"]) for event in sorted(ours, key=lambda event: event["eventTime"])]

    def jobs(self, name: str) -> list[dict[str, Any]]:
        """The Jobs of a Batch."""
        return self.cluster.list("jobs", self.namespace, "-l", f"process-batch.io/batch-name={name}")

    def running_pod(self, name: str) -> dict[str, Any]:
        """A worker pod of a Batch that runs."""
        selector = f"process-batch.io/batch-name={name}"

        def probe() -> dict[str, Any] | None:
            pods = self.cluster.list("pods", self.namespace, "-l", selector)
            return next((pod for pod in pods if _is_running(pod)), None)

        return until(f"a worker of {name}", FINISHED_SECONDS, probe)

    def query(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        """Rows of the engine's database."""
        with psycopg.connect(self.postgres.conninfo, dbname=self.database, row_factory=dict_row) as connection:
            return connection.execute(statement, values).fetchall()  # pyright: ignore[reportArgumentType]

    def count(self, statement: str, *values: Any) -> int:
        """The one number that a statement gives."""
        return next(iter(self.query(statement, *values)[0].values()))

    def chunks(self, name: str) -> list[dict[str, Any]]:
        """The chunks of a Batch in the ledger, in their order."""
        statement = """
            SELECT c.position, c.size, c.item_ids, c.state, c.attempts, c.succeeded + c.failed + c.skipped AS decided
            FROM process_batch.chunk c JOIN process_batch.batch b USING (batch_id) WHERE b.name = %s ORDER BY c.position
        """
        return self.query(statement, name)

    @contextmanager
    def two_workers_caught(
        self, name: str, spec: Mapping[str, Any], held: Sequence[str], chunks_before: int
    ) -> Iterator[None]:
        """Let a suspended Batch go on until two workers stand still, each within a chunk that it has written a part of.

        They wait for rows of the history, which are written when most of a chunk is.

        Args:
            name: Of the Batch.
            spec: What it says, but that it is suspended.
            held: Process instances of two chunks, whose rows the workers wait for.
            chunks_before: So many chunks are done until then.
        """
        with psycopg.connect(self.postgres.conninfo, dbname=self.database) as connection:
            connection.execute("SELECT 1 FROM act_hi_procinst WHERE id_ = ANY (%s) FOR UPDATE", [list(held)])
            self.apply(name, **spec, suspend=False)

            def both_wait() -> bool:
                before = self.chunks(name)[:chunks_before]
                are_done = all(part["decided"] == part["size"] for part in before)
                return are_done and self.count(WAITING_FOR_LOCKS) >= len(held)

            until(f"{name} in the middle", FINISHED_SECONDS, both_wait)
            yield
            connection.rollback()

    def restart_operator(self) -> None:
        """Delete the operator's pod; the next one knows nothing but what the cluster and the ledger hold."""
        selector = "app.kubernetes.io/component=operator"
        self.cluster.kubectl("-n", OPERATOR_NAMESPACE, "delete", "pod", "-l", selector, "--wait")
        self.cluster.kubectl("-n", OPERATOR_NAMESPACE, "rollout", "status", f"deployment/{OPERATOR}", "--timeout=120s")

    def scale_operator(self, replicas: int) -> None:
        """Run so many operators, and wait until they do."""
        deployment = f"deployment/{OPERATOR}"
        self.cluster.kubectl("-n", OPERATOR_NAMESPACE, "scale", deployment, f"--replicas={replicas}")
        self.cluster.kubectl("-n", OPERATOR_NAMESPACE, "rollout", "status", deployment, "--timeout=120s")


_numbers = itertools.count(1)


def made(cluster: Cluster, postgres: Server, stock: Snapshot) -> Iterator[Flows]:
    """A namespace of its own, with an engine on a copy of a stock, until the caller is done with it."""
    name = f"flows-{next(_numbers)}"
    database = name.replace("-", "_")
    postgres.create(database, template=stock.database)
    flows = Flows(cluster, postgres, name, database)
    flows.set_up()
    yield flows
    flows.tear_down()


def _is_running(pod: dict[str, Any]) -> bool:
    statuses = pod["status"].get("containerStatuses", [])
    return any("running" in status["state"] for status in statuses) and "deletionTimestamp" not in pod["metadata"]


def condition(status: dict[str, Any], kind: str) -> dict[str, Any]:
    """A condition of a status."""
    return next((found for found in status.get("conditions", []) if found["type"] == kind), {})


def add_up(items: dict[str, int]) -> bool:
    """Whether items by outcome are the total."""
    return items["total"] == sum(number for name, number in items.items() if name != "total")
