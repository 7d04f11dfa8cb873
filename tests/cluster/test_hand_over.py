"""Items that need Java code are handed over to a real Java engine, which is switched on only after a while."""

from collections.abc import Iterator

import pytest

from support.cluster import Cluster
from support.flows import Flows, add_up, condition, made
from support.peer.databases import Databases
from support.peer.executor import BAD, GOOD, JAVA_CODE, PLAIN, job_executor
from support.peer.oracle import Oracle
from support.postgres import Server
from support.remains import remains


@pytest.fixture
def flows(operator: Cluster, postgres: Server, oracle: Oracle) -> Iterator[Flows]:
    """A namespace with an engine whose instances run Java code at their end."""
    yield from made(operator, postgres, oracle.snapshot(JAVA_CODE))


def let_five_minutes_pass(flows: Flows) -> None:
    """As if nothing had been seen of the Java engine for so long."""
    flows.query(
        "UPDATE process_batch.hand_over SET seen_time = seen_time - interval '5 minutes' RETURNING engine_batch_id"
    )


def test_a_batch_waits_for_the_java_engine_says_that_it_does_nothing_and_ends_with_it(flows: Flows) -> None:
    flows.apply(
        "cancel",
        operation={"type": "Cancellation"},
        query={"processInstances": {"all": True}},
        onJvmCode="HandOver",
        chunkSize=2,
        failurePolicy={"toleratedFailedItems": 1},
    )
    waiting = flows.until_condition("cancel", "Reconciling", "HandedOver")
    flows.kubectl("wait", "--for=condition=Complete", f"job/{waiting['jobRef']['name']}", "--timeout=60s")
    let_five_minutes_pass(flows)
    stalled = flows.until_condition("cancel", "Stalled", "EngineNotExecuting")
    flows.restart_operator()

    with job_executor(Databases(flows.postgres.conninfo), flows.database):
        status = flows.finished("cancel")

    assert waiting["items"]["handedOver"] == GOOD + BAD
    assert "6 items are with the Java engine" in condition(waiting, "Reconciling")["message"]
    assert all(add_up(each["items"]) for each in (waiting, stalled, status))
    assert (status["items"]["succeeded"], status["items"]["failed"]) == (GOOD + PLAIN, BAD)
    assert condition(status, "Complete")["reason"] == "CompletedWithFailures"
    assert condition(status, "Stalled")["status"] == "False"
    assert "the archive is closed" in status["failures"][0]["reason"]
    assert [reason for _, reason in flows.events("cancel") if reason in ("HandedOver", "Stalled")][:2] == [
        "HandedOver",
        "Stalled",
    ]
    assert len(flows.jobs("cancel")) == 1
    assert flows.count("SELECT count(*) FROM act_ru_batch") == 0
    assert flows.count("SELECT count(*) FROM act_hi_varinst WHERE name_ = 'archived'") == GOOD
    assert remains(flows.count) == {}
