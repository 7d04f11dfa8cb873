"""Thousands of process instances are cancelled in the cluster: those meant and no others, each wholly or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from support.cluster import Cluster
from support.flows import Flows, add_up, condition, made
from support.peer.oracle import Oracle, Snapshot
from support.peer.scenarios import Scenario
from support.postgres import Server
from support.remains import remains

STARTED = {"plain": 1642, "parallel": 100, "call-parent": 60, "failing": 100, "audited": 3, "nested": 60, "external": 5}
"""Instances by their definition; each call-parent calls a call-child."""
LISTED_NESTED, LISTED_PLAIN, EXCLUDED_PLAIN = 40, 20, 5
CALLED = STARTED["call-parent"]
AUDITED = STARTED["audited"]
TOTAL = 2000

STOCK = Scenario(
    "cluster-cancellation",
    {
        "name": "cluster-cancellation",
        "deploy": ["call-child.bpmn", *(f"{key}.bpmn" for key in STARTED)],
        "setup": [
            {
                "start": {
                    "key": key,
                    "as": key,
                    "n": number,
                    "vars": {"fail": False, "raw": {"type": "bytes", "value": "x"}},
                }
            }
            for key, number in STARTED.items()
        ],
        "operation": {"type": "cancellation", "ids": ["@plain1"]},
    },
)

CHUNK = 100
CHUNKS_BEFORE = 5


@pytest.fixture(scope="session")
def stock(oracle: Oracle) -> Snapshot:
    """The instances, started by the Java engine."""
    return oracle.snapshot(STOCK)


@pytest.fixture
def flows(operator: Cluster, postgres: Server, stock: Snapshot) -> Iterator[Flows]:
    """A namespace with an engine that runs them."""
    yield from made(operator, postgres, stock)


def running(flows: Flows, key: str) -> list[str]:
    """Ids of the running instances of a definition."""
    statement = """
        SELECT e.id_ AS id FROM act_ru_execution e JOIN act_re_procdef d ON d.id_ = e.proc_def_id_
        WHERE e.parent_id_ IS NULL AND d.key_ = %s ORDER BY e.id_
    """
    return [row["id"] for row in flows.query(statement, key)]


def all_running(flows: Flows) -> set[str]:
    """Ids of all running instances."""
    return {row["id"] for row in flows.query("SELECT id_ AS id FROM act_ru_execution WHERE parent_id_ IS NULL")}


def cancelled(flows: Flows) -> Mapping[str, tuple[str, str | None]]:
    """State and reason of the instances that have ended, by id."""
    statement = (
        "SELECT id_ AS id, state_ AS state, delete_reason_ AS reason FROM act_hi_procinst WHERE end_time_ IS NOT NULL"
    )
    return {row["id"]: (row["state"], row["reason"]) for row in flows.query(statement)}


def expect_failures_of(status: Mapping[str, Any], ids: Sequence[str]) -> None:
    """The status names them all, with the element that needs a JVM and the way out."""
    failures = status["failures"]
    assert {id_ for group in failures for id_ in group["sampleIds"]} == set(ids)
    assert sum(group["count"] for group in failures) == len(ids)
    for group in failures:
        assert all(word in group["reason"] for word in ("NeedsJvm", "approve", "skipCustomListeners")), group["reason"]


def set_of(flows: Flows) -> dict[str, Any]:
    """A set by query, and by ids some of which the query finds too."""
    plain, nested = running(flows, "plain"), running(flows, "nested")
    keys = ["plain", "parallel", "call-parent", "call-child", "failing", "audited"]
    return {
        "query": {"processInstances": {"processDefinitionKeyIn": keys}},
        "ids": {"processInstances": nested[:LISTED_NESTED] + plain[-LISTED_PLAIN:]},
        "exclude": {"processInstances": plain[:EXCLUDED_PLAIN]},
    }


def test_two_thousand_instances_are_cancelled_though_a_worker_is_killed_and_three_need_a_jvm(flows: Flows) -> None:
    before, audited, called = all_running(flows), running(flows, "audited"), running(flows, "call-child")
    chosen = set_of(flows)
    kept = {*chosen["exclude"]["processInstances"], *audited, *running(flows, "external")}
    kept |= set(running(flows, "nested")) - set(chosen["ids"]["processInstances"])
    spec: dict[str, Any] = chosen | {
        "operation": {"type": "Cancellation", "cancellation": {"deleteReason": "stuck after the outage"}},
        "parallelism": 2,
        "chunkSize": CHUNK,
        "failurePolicy": {"toleratedFailedItems": AUDITED, "maxAttempts": 50},
    }
    flows.apply("cancel-stuck", **spec, suspend=True)
    flows.until_condition("cancel-stuck", "Suspended", "Suspended")

    plain, parts = set(running(flows, "plain")), flows.chunks("cancel-stuck")[CHUNKS_BEFORE:]
    held = [next(id_ for id_ in part["item_ids"] if id_ in plain) for part in parts[:2]]

    with flows.two_workers_caught("cancel-stuck", spec, held, CHUNKS_BEFORE):
        flows.cluster.kill(flows.running_pod("cancel-stuck"))

    status = flows.finished("cancel-stuck")
    items = status["items"]
    assert (items["total"], items["failed"], items["skipped"]) == (TOTAL, AUDITED, CALLED)
    assert items["succeeded"] == TOTAL - AUDITED - CALLED
    assert add_up(items)
    assert condition(status, "Complete")["reason"] == "CompletedWithFailures"
    expect_failures_of(status, audited)
    attempts = [part["attempts"] for part in flows.chunks("cancel-stuck")]
    assert attempts[:CHUNKS_BEFORE] == [1] * CHUNKS_BEFORE
    assert max(attempts[CHUNKS_BEFORE : CHUNKS_BEFORE + 2]) > 1
    assert all_running(flows) == kept
    assert cancelled(flows) == dict.fromkeys(before - kept, ("EXTERNALLY_TERMINATED", "stuck after the outage"))
    assert set(called) <= cancelled(flows).keys()
    assert remains(flows.count) == {}


def test_the_way_out_that_the_failure_names_leads_out_and_the_java_engine_carries_on(
    flows: Flows, stock: Snapshot, oracle: Oracle
) -> None:
    audited, called = running(flows, "audited"), running(flows, "call-child")
    flows.apply("cancel-all", operation={"type": "Cancellation"}, **set_of(flows))
    expect_failures_of(flows.finished("cancel-all", "Failed"), audited)

    flows.apply(
        "cancel-rest",
        operation={"type": "Cancellation", "cancellation": {"skipCustomListeners": True}},
        ids={"processInstances": [*audited, called[0]]},
        unknownIds="Reject",
    )

    items = flows.finished("cancel-rest")["items"]
    assert (items["succeeded"], items["skipped"]) == (AUDITED, 1)
    assert not {*audited, *called} & all_running(flows)
    assert oracle.carry_on(stock, flows.database) == {}
    assert remains(flows.count) == {}


def test_what_a_process_engine_says_of_listeners_that_no_model_shows_reaches_the_workers(small_flows: Flows) -> None:
    flows = small_flows
    database = {"urlFrom": {"secretKeyRef": {"name": "engine-database", "key": "url"}}}
    flows.apply_engine(database, "with-event-bridge", listenersOutsideModel="Skippable")
    work: dict[str, Any] = {
        "engineRef": {"name": "with-event-bridge"},
        "ids": {"processInstances": running(flows, "plain")},
    }

    flows.apply("with-listeners", operation={"type": "Cancellation"}, **work)
    options = {"skipCustomListeners": True}
    status = flows.finished("with-listeners", "Failed")
    flows.apply("without", operation={"type": "Cancellation", "cancellation": options}, **work)

    assert status["items"]["failed"] == status["items"]["total"] > 0
    assert all("listenersOutsideModel" in group["reason"] for group in status["failures"])
    assert flows.finished("without")["items"]["succeeded"] == status["items"]["total"]
