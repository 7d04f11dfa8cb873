"""The CRDs on a real API server: what it accepts, what it refuses and in which words, and what is frozen when."""

import copy
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from support.cluster import ROOT, Cluster

_numbers = itertools.count(1)
SAMPLES = ROOT / "deploy" / "samples"
JOB_RETRIES = {"type": "JobRetries", "jobRetries": {"retries": 3}}
QUERY = {"jobs": {"noRetriesLeft": True}}


@dataclass(frozen=True)
class Namespace:
    """A namespace without an engine, so that nothing but the API server has a say."""

    cluster: Cluster
    name: str

    def create(self, document: dict[str, Any], *options: str) -> dict[str, Any]:
        """Post a document as a client does that does not ask for validation."""
        words = ("-n", self.name, "create", "--validate=false", "-o", "json", *options, "-f", "-")
        return json.loads(self.cluster.kubectl(*words, given=json.dumps(document)))

    def refusal(self, document: dict[str, Any]) -> str:
        words = ("-n", self.name, "create", "--validate=false", "--dry-run=server", "-f", "-")
        done = self.cluster.try_kubectl(*words, given=json.dumps(document))
        assert done.returncode, "it was accepted"
        return done.stderr

    def patch(self, batch: str, spec: dict[str, Any]) -> str:
        """Edit a spec; what the API server says against it."""
        words = ("-n", self.name, "patch", "batch", batch, "--type=merge", "-p", json.dumps({"spec": spec}))
        return self.cluster.try_kubectl(*words).stderr

    def resolved(self, batch: str) -> None:
        """What the operator writes when it has frozen the set."""
        status = {"status": {"resolvedTime": "2026-05-03T14:00:00Z", "items": {"total": 5, "failed": 0}}}
        words = ("patch", "batch", batch, "--subresource=status", "--type=merge", "-p", json.dumps(status))
        self.cluster.kubectl("-n", self.name, *words)


@pytest.fixture(scope="module")
def installed(cluster: Cluster) -> Cluster:
    cluster.kubectl("apply", "-k", str(ROOT / "crds"))
    names = [f"crd/{plural}.process-batch.io" for plural in ("batches", "processengines")]
    cluster.kubectl("wait", "--for=condition=Established", "--timeout=30s", *names)
    return cluster


@pytest.fixture
def namespace(installed: Cluster) -> Iterator[Namespace]:
    name = f"crds-{next(_numbers)}"
    installed.kubectl("create", "namespace", name)
    yield Namespace(installed, name)
    installed.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture(scope="module")
def somewhere(installed: Cluster) -> Namespace:
    """For what is only tried."""
    return Namespace(installed, "default")


def batch(name: str = "retry", **spec: Any) -> dict[str, Any]:
    content = {"operation": JOB_RETRIES, "query": QUERY} | spec
    return {
        "apiVersion": "process-batch.io/v1alpha1",
        "kind": "Batch",
        "metadata": {"name": name},
        "spec": {field: value for field, value in content.items() if value is not None},
    }


def engine(**database: Any) -> dict[str, Any]:
    return {
        "apiVersion": "process-batch.io/v1alpha1",
        "kind": "ProcessEngine",
        "metadata": {"name": "default"},
        "spec": {"database": database, "engine": {"listenersOutsideModel": "None"}},
    }


SECRET = {"secretKeyRef": {"name": "engine", "key": "url"}}


@pytest.mark.parametrize("file", sorted(path.name for path in SAMPLES.glob("*.yaml")))
def test_api_server_accepts_the_sample(somewhere: Namespace, file: str) -> None:
    document = yaml.safe_load((SAMPLES / file).read_text())

    created = somewhere.create(document, "--dry-run=server")

    assert created["kind"] == document["kind"]


def test_api_server_fills_in_the_defaults(somewhere: Namespace) -> None:
    created = somewhere.create(batch(), "--dry-run=server")

    spec = {field: value for field, value in created["spec"].items() if field not in ("operation", "query")}
    assert spec == {
        "engineRef": {"name": "default"},
        "unknownIds": "Skip",
        "onJvmCode": "Fail",
        "chunkSize": 500,
        "parallelism": 2,
        "suspend": False,
        "dryRun": False,
        "ttlSecondsAfterFinished": 86400,
        "failurePolicy": {"toleratedFailedItems": 0, "maxAttempts": 3},
    }
    assert created["status"] == {"observedGeneration": -1}


REFUSED_BATCHES = {
    "an operation of a later day": (
        batch(operation={"type": "Modification"}),
        "spec.operation.type: Unsupported value",
    ),
    "no operation": (batch(operation=None), "spec.operation: Required value"),
    "an operation without its options": (
        batch(operation={"type": "JobRetries"}),
        "type JobRetries needs jobRetries.retries",
    ),
    "options of another operation": (
        batch(operation=JOB_RETRIES | {"historicDeletion": {}}),
        "historicDeletion belongs to type HistoricDeletion alone",
    ),
    "negative retries": (
        batch(operation={"type": "JobRetries", "jobRetries": {"retries": -1}}),
        "spec.operation.jobRetries.retries in body should be greater than or equal to 0",
    ),
    "a due date without an offset": (
        batch(operation={"type": "JobRetries", "jobRetries": {"retries": 1, "dueDate": "2026-05-03T14:00:00"}}),
        "spec.operation.jobRetries.dueDate in body should match",
    ),
    "an empty query": (batch(query={"jobs": {}}), "spec.query.jobs in body should have at least 1 properties"),
    "a flag that is false": (batch(query={"jobs": {"noRetriesLeft": False}}), "Unsupported value: false"),
    "a flag that is null": (batch(query={"jobs": {"noRetriesLeft": None, "timers": True}}), "Unsupported value: null"),
    "a filter of another type": (
        batch(query={"jobs": {"processDefinitionKey": 7}}),
        'spec.query.jobs.processDefinitionKey in body must be of type string: "integer"',
    ),
    "an id that is too long": (batch(ids={"jobs": ["x" * 65]}), "may not be more than 64 bytes"),
    "too many ids in a list": (batch(ids={"jobs": ["x"] * 3001}), "must have at most 3000 items"),
    "too many ids in all": (
        batch(ids={"jobs": ["x"] * 2000, "processInstances": ["x"] * 1001}),
        "ids has more than 3000 ids in all; a larger set takes a query",
    ),
    "too many excluded ids": (
        batch(exclude={"jobs": ["x"] * 2000, "processInstances": ["x"] * 1001}),
        "exclude has more than 3000 ids in all",
    ),
    "no worker": (batch(parallelism=0), "spec.parallelism in body should be greater than or equal to 1"),
    "a chunk that is too large": (
        batch(chunkSize=20000),
        "spec.chunkSize in body should be less than or equal to 10000",
    ),
    "an unknown word": (batch(unknownIds="Ignore"), 'supported values: "Skip", "Fail", "Reject"'),
    "a number as a text": (batch(maxItems="10"), 'spec.maxItems in body must be of type integer: "string"'),
    "an impossible policy": (
        batch(failurePolicy={"maxAttempts": 0}),
        "spec.failurePolicy.maxAttempts in body should be greater than or equal to 1",
    ),
    "a name that no Job could have": (batch("r" * 53), "metadata.name is longer than 52 characters"),
    "an engine that cannot be named": (
        batch(engineRef={"name": "Default!"}),
        "spec.engineRef.name in body should match",
    ),
}


@pytest.mark.parametrize(("document", "message"), REFUSED_BATCHES.values(), ids=REFUSED_BATCHES)
def test_api_server_refuses(somewhere: Namespace, document: dict[str, Any], message: str) -> None:
    assert message in somewhere.refusal(document)


NO_FACTS = engine(host="db", name="camunda", usernameFrom=SECRET, passwordFrom=SECRET)
del NO_FACTS["spec"]["engine"]["listenersOutsideModel"]

REFUSED_ENGINES = {
    "nothing said of listeners that no model shows": (NO_FACTS, "spec.engine.listenersOutsideModel: Required value"),
    "a url and its parts": (engine(urlFrom=SECRET, host="db"), "give either urlFrom or all of host, name"),
    "some of the parts": (engine(host="db", name="camunda"), "give either urlFrom or all of host, name"),
    "neither": (engine(), "give either urlFrom or all of host, name"),
    "a port that is none": (
        engine(host="db", port=70000, name="camunda", usernameFrom=SECRET, passwordFrom=SECRET),
        "spec.database.port in body should be less than or equal to 65535",
    ),
}


@pytest.mark.parametrize(("document", "message"), REFUSED_ENGINES.values(), ids=REFUSED_ENGINES)
def test_api_server_refuses_an_engine_with(somewhere: Namespace, document: dict[str, Any], message: str) -> None:
    assert message in somewhere.refusal(document)


UNKNOWN = {
    "a filter": batch(query={"jobs": {"noRetriesLeft": True, "activityIDIn": ["x"]}}),
    "an excluded list": batch(exclude={"job": ["x"]}),
    "exclude itself": batch(exlude={"jobs": ["x"]}),
    "dryRun": batch(dryrun=True),
    "an option": batch(operation={"type": "JobRetries", "jobRetries": {"retries": 3, "duedate": None}}),
    "a number of the policy": batch(failurePolicy={"stopAfter": 3}),
}


@pytest.mark.parametrize("document", UNKNOWN.values(), ids=UNKNOWN)
def test_what_is_misspelt_is_kept_so_that_the_operator_can_refuse_it(
    somewhere: Namespace, document: dict[str, Any]
) -> None:
    created = somewhere.create(copy.deepcopy(document), "--dry-run=server")

    kept = json.dumps(created["spec"])
    for word in ("activityIDIn", '"job"', "exlude", "dryrun", "duedate", "stopAfter"):
        assert (word in json.dumps(document["spec"])) == (word in kept)


def test_due_date_null_reaches_the_operator(somewhere: Namespace) -> None:
    document = batch(operation={"type": "JobRetries", "jobRetries": {"retries": 3, "dueDate": None}})

    created = somewhere.create(document, "--dry-run=server")

    assert created["spec"]["operation"]["jobRetries"] == {"retries": 3, "dueDate": None}


def test_due_date_none_reaches_the_operator_through_kubectl_apply(namespace: Namespace) -> None:
    document = batch(operation={"type": "JobRetries", "jobRetries": {"retries": 3, "dueDate": "None"}})

    namespace.cluster.apply(document, options=("-n", namespace.name))

    found = namespace.cluster.get("batch", "retry", namespace.name)
    assert found["spec"]["operation"]["jobRetries"]["dueDate"] == "None"


def test_a_set_may_be_mended_until_it_is_resolved(namespace: Namespace) -> None:
    namespace.create(batch())

    assert namespace.patch("retry", {"query": {"jobs": {"timers": True}}, "exclude": {"jobs": ["x"]}}) == ""
    assert namespace.patch("retry", {"operation": {"jobRetries": {"retries": 7}}}) == ""


FROZEN = {
    "operation": {"operation": {"jobRetries": {"retries": 7}}},
    "a filter": {"query": {"jobs": {"timers": True}}},
    "an unknown filter": {"query": {"jobs": {"activityIDIn": ["x"]}}},
    "another query": {"query": {"processInstances": {"all": True}}},
    "ids that were not there": {"ids": {"jobs": ["x"]}},
    "exclude": {"exclude": {"jobs": ["x"]}},
    "query taken away": {"query": None},
    "engineRef": {"engineRef": {"name": "other"}},
}


@pytest.fixture(scope="module")
def resolved(installed: Cluster) -> Iterator[Namespace]:
    """A namespace with a Batch whose set is resolved."""
    namespace = Namespace(installed, "crds-resolved")
    installed.kubectl("create", "namespace", namespace.name)
    namespace.create(batch())
    namespace.resolved("retry")
    yield namespace
    installed.kubectl("delete", "namespace", namespace.name, "--wait=false")


@pytest.mark.parametrize("change", FROZEN.values(), ids=FROZEN)
def test_once_the_set_is_resolved_the_api_server_freezes(resolved: Namespace, change: dict[str, Any]) -> None:
    message = resolved.patch("retry", change)

    assert "operation, ids, query, exclude and engineRef are frozen since the set was resolved" in message


@pytest.mark.parametrize(
    "change",
    [{"parallelism": 7}, {"suspend": True}, {"failurePolicy": {"stopAfterFailedItems": 9}}, {"resume": "some-batch"}],
    ids=lambda change: next(iter(change)),
)
def test_while_a_batch_runs_one_may_edit(resolved: Namespace, change: dict[str, Any]) -> None:
    assert resolved.patch("retry", change) == ""


def test_the_same_manifest_may_be_applied_again_after_the_set_is_resolved(namespace: Namespace) -> None:
    document = batch(ids={"jobs": ["x"]})
    namespace.cluster.apply(document, options=("-n", namespace.name))
    namespace.resolved("retry")

    namespace.cluster.apply(document, options=("-n", namespace.name))
    namespace.cluster.apply(document, options=("-n", namespace.name, "--server-side", "--force-conflicts"))


def test_dry_run_can_be_switched_off_and_not_on(namespace: Namespace) -> None:
    namespace.create(batch(dryRun=True))

    assert namespace.patch("retry", {"dryRun": False}) == ""
    assert "dryRun can be switched off, not on" in namespace.patch("retry", {"dryRun": True})


def test_a_set_as_large_as_may_be_listed_is_frozen_too(namespace: Namespace) -> None:
    ids = [f"{number:08d}-e886-11f1-bec8-769c4130fdf6" for number in range(3000)]
    namespace.create(batch(ids={"jobs": ids}))
    namespace.resolved("retry")

    assert "are frozen" in namespace.patch("retry", {"ids": {"jobs": ids[1:]}})
    assert namespace.patch("retry", {"parallelism": 2}) == ""


def test_explain_tells_what_a_filter_means(installed: Cluster) -> None:
    shown = installed.kubectl("explain", "batch.spec.query.processInstances")

    assert "Running process instances." in shown
    assert "processDefinitionKeyIn" in shown
    assert "Key of the definition" in shown


def test_get_shows_operation_progress_counts_state_and_age(namespace: Namespace) -> None:
    namespace.create(batch())

    header = namespace.cluster.kubectl("-n", namespace.name, "get", "batches").splitlines()[0]

    assert header.split() == ["NAME", "OPERATION", "PROGRESS", "TOTAL", "SUCCEEDED", "FAILED", "STATE", "AGE"]
    assert "batch.process-batch.io/retry" in namespace.cluster.kubectl(
        "-n", namespace.name, "get", "process-batch", "-o", "name"
    )
