"""Thousands of process instances are migrated in the cluster, by key and version: each is wholly on one version."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from support.cluster import Cluster
from support.flows import Flows, add_up, condition, made
from support.peer.oracle import Oracle, Snapshot
from support.peer.scenarios import Scenario
from support.postgres import Server

MIGRATED, ELSEWHERE, OF_ANOTHER = 1997, 2, 1
TOTAL = MIGRATED + ELSEWHERE + OF_ANOTHER
CHUNK = 100
CHUNKS_BEFORE = 5
CARRIED_ON = 40

STOCK = Scenario(
    "cluster-migration",
    {
        "name": "cluster-migration",
        "deploy": ["two-steps.bpmn", "two-steps-v2.bpmn", "plain.bpmn"],
        "setup": [
            {
                "start": {
                    "key": "two-steps:1",
                    "as": "p",
                    "n": MIGRATED + ELSEWHERE,
                    "vars": {"amount": 5, "raw": {"type": "bytes", "value": "x"}},
                }
            },
            *({"complete": {"of": f"p{number}", "task": "first"}} for number in range(1, ELSEWHERE + 1)),
            {"start": {"key": "plain", "as": "other"}},
        ],
        "operation": {"type": "cancellation", "ids": ["@p1"]},
    },
)


@pytest.fixture(scope="session")
def stock(oracle: Oracle) -> Snapshot:
    """The instances, started by the Java engine."""
    return oracle.snapshot(STOCK)


@pytest.fixture
def flows(operator: Cluster, postgres: Server, stock: Snapshot) -> Iterator[Flows]:
    """A namespace with an engine that runs them."""
    yield from made(operator, postgres, stock)


def running(flows: Flows, key: str, version: int) -> set[str]:
    """Ids of the running instances of a version."""
    statement = """
        SELECT e.id_ AS id FROM act_ru_execution e JOIN act_re_procdef d ON d.id_ = e.proc_def_id_
        WHERE e.parent_id_ IS NULL AND d.key_ = %s AND d.version_ = %s
    """
    return {row["id"] for row in flows.query(statement, key, version)}


def at_second(flows: Flows) -> set[str]:
    """Ids of the instances that are past the first task, which the plan does not map."""
    statement = "SELECT proc_inst_id_ AS id FROM act_ru_task WHERE task_def_key_ = 'second'"
    return {row["id"] for row in flows.query(statement)}


MIXED = """
    SELECT count(*) FROM act_ru_execution i
    JOIN act_re_procdef d ON d.id_ = i.proc_def_id_
    JOIN act_hi_procinst h ON h.id_ = i.id_
    WHERE i.parent_id_ IS NULL AND (h.proc_def_id_ <> d.id_
    OR EXISTS (SELECT 1 FROM act_ru_execution e WHERE e.proc_inst_id_ = i.id_ AND e.proc_def_id_ <> d.id_)
    OR EXISTS (SELECT 1 FROM act_ru_task t WHERE t.proc_inst_id_ = i.id_ AND t.proc_def_id_ <> d.id_)
    OR EXISTS (SELECT 1 FROM act_ru_job j WHERE j.process_instance_id_ = i.id_
        AND (j.process_def_id_ <> d.id_ OR j.deployment_id_ <> d.deployment_id_))
    OR EXISTS (SELECT 1 FROM act_hi_varinst v WHERE v.proc_inst_id_ = i.id_ AND v.proc_def_id_ <> d.id_)
    OR EXISTS (SELECT 1 FROM act_hi_varinst v LEFT JOIN act_ge_bytearray b ON b.id_ = v.bytearray_id_
        WHERE v.proc_inst_id_ = i.id_ AND v.bytearray_id_ IS NOT NULL AND b.id_ IS NULL)
    OR EXISTS (SELECT 1 FROM act_hi_actinst a WHERE a.proc_inst_id_ = i.id_ AND a.end_time_ IS NULL
        AND a.proc_def_id_ <> d.id_))
"""
"""Instances of which one row says another version than another row."""


def expect_that_the_java_engine_carries_on(flows: Flows, stock: Snapshot, oracle: Oracle, kept: Sequence[str]) -> None:
    """It ends those that are kept; the others are cancelled, which it would take too long for."""
    query = {"processInstances": {"processDefinitionKey": "two-steps"}}
    flows.apply("rest", operation={"type": "Cancellation"}, query=query, exclude={"processInstances": kept})
    flows.finished("rest")
    assert oracle.carry_on(stock, flows.database) == {}


def operation(**more: Any) -> dict[str, Any]:
    given = {
        "source": {"key": "two-steps", "version": 1},
        "target": {"key": "two-steps", "latest": True},
        "instructions": [
            {"sourceActivityId": "first", "targetActivityId": "begin"},
            {"sourceActivityId": "late", "targetActivityId": "late"},
        ],
    }
    return {"type": "Migration", "migration": given | more}


def test_two_thousand_instances_are_migrated_by_key_and_version_though_a_worker_is_killed_and_three_cannot(
    flows: Flows, stock: Snapshot, oracle: Oracle
) -> None:
    [other], elsewhere = running(flows, "plain", 1), at_second(flows)
    before = running(flows, "two-steps", 1)
    spec: dict[str, Any] = {
        "operation": operation(),
        "query": {"processInstances": {"all": True}},
        "ids": {"processInstances": [other]},
        "parallelism": 2,
        "chunkSize": CHUNK,
        "failurePolicy": {"toleratedFailedItems": ELSEWHERE + OF_ANOTHER, "maxAttempts": 50},
    }
    flows.apply("to-the-second", **spec, suspend=True)
    flows.until_condition("to-the-second", "Suspended", "Suspended")

    held = [part["item_ids"][CHUNK // 2] for part in flows.chunks("to-the-second")[CHUNKS_BEFORE:][:2]]

    with flows.two_workers_caught("to-the-second", spec, held, CHUNKS_BEFORE):
        flows.cluster.kill(flows.running_pod("to-the-second"))

    status = flows.finished("to-the-second")
    items = status["items"]
    assert (items["total"], items["failed"], items["succeeded"]) == (TOTAL, ELSEWHERE + OF_ANOTHER, MIGRATED)
    assert add_up(items)
    assert condition(status, "Complete")["reason"] == "CompletedWithFailures"
    told = {id_: group["reason"] for group in status["failures"] for id_ in group["sampleIds"]}
    assert told.keys() == {other, *elsewhere}
    assert "DefinitionMismatch" in told[other]
    assert "from plain version 1 to two-steps version 2" in told[other]
    assert all("There is no migration instruction" in told[id_] and "second" in told[id_] for id_ in elsewhere)
    attempts = [part["attempts"] for part in flows.chunks("to-the-second")]
    assert max(attempts[CHUNKS_BEFORE : CHUNKS_BEFORE + 2]) > 1
    assert running(flows, "two-steps", 1) == elsewhere
    assert running(flows, "two-steps", 2) == before - elsewhere
    assert flows.count(MIXED) == 0
    expect_that_the_java_engine_carries_on(flows, stock, oracle, sorted(running(flows, "two-steps", 2))[:CARRIED_ON])


def test_a_plan_that_breaks_rules_stands_in_the_condition_with_all_that_is_wrong(flows: Flows) -> None:
    wrong = [
        {"sourceActivityId": "first", "targetActivityId": "gone"},
        {"sourceActivityId": "late", "targetActivityId": "begin"},
    ]

    flows.apply("wrong", operation=operation(instructions=wrong), query={"processInstances": {"all": True}})

    status = flows.until_condition("wrong", "Stalled", "InvalidMigrationPlan")
    message = condition(status, "Stalled")["message"]
    assert "Target activity 'gone' does not exist" in message
    assert "incompatible types" in message
    assert len(running(flows, "two-steps", 1)) == MIGRATED + ELSEWHERE
