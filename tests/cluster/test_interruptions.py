"""Whatever is killed, deleted or applied again, each item is done exactly once, and what is finished stays finished.

A batch is caught in the middle by a lock on the row of one item: its worker waits there, the chunks before it done.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from support.cluster import until
from support.flows import FINISHED_SECONDS, WAITING_JOBS, Flows, condition

# To no retries, so that a second time would leave its mark: a revision more.
SPEC: dict[str, Any] = {
    "operation": {"type": "JobRetries", "jobRetries": {"retries": 0}},
    "query": {"jobs": {"withRetriesLeft": True}},
    "parallelism": 1,
    "chunkSize": 10,
    "failurePolicy": {"maxAttempts": 50},
}
CHUNKS_BEFORE = 5
INCIDENTS = """
    SELECT configuration_ AS job, count(*) AS number FROM act_hi_incident WHERE configuration_ = ANY (%s) GROUP BY 1
"""
REVISIONS = "SELECT id_ AS id, rev_ AS revision FROM act_ru_job"


@pytest.fixture
def revisions(flows: Flows) -> dict[str, int]:
    """The revision of each job before anything is done."""
    return revisions_of(flows)


def revisions_of(flows: Flows) -> dict[str, int]:
    return {row["id"]: row["revision"] for row in flows.query(REVISIONS)}


def chunks(flows: Flows, name: str) -> list[dict[str, Any]]:
    statement = """
        SELECT c.position, c.size, c.item_ids, c.attempts, c.state
        FROM process_batch.chunk c JOIN process_batch.batch b USING (batch_id) WHERE b.name = %s ORDER BY c.position
    """
    return flows.query(statement, name)


def expect_each_item_once(flows: Flows, name: str, before: dict[str, int]) -> None:
    """By the revisions of the jobs, by the history of their incidents, and by the ledger."""
    after = revisions_of(flows)
    items = {item for chunk in chunks(flows, name) for item in chunk["item_ids"]}
    assert {id_: after[id_] - before[id_] for id_ in before} == {id_: int(id_ in items) for id_ in before}
    assert len(items) == WAITING_JOBS
    incidents = flows.query(INCIDENTS, list(items))
    assert {row["job"]: row["number"] for row in incidents} == dict.fromkeys(items, 1)
    assert flows.status(name)["items"]["succeeded"] == WAITING_JOBS


@contextmanager
def caught_in_the_middle(flows: Flows, name: str) -> Iterator[int]:
    """A batch whose worker waits for one item; gives the number of items done before it."""
    flows.apply(name, **SPEC, suspend=True)
    flows.until_condition(name, "Suspended", "Suspended")
    parts = chunks(flows, name)
    done = sum(part["size"] for part in parts[:CHUNKS_BEFORE])
    with psycopg.connect(flows.postgres.conninfo, dbname=flows.database) as connection:
        connection.execute("SELECT 1 FROM act_ru_job WHERE id_ = %s FOR UPDATE", [parts[CHUNKS_BEFORE]["item_ids"][0]])
        flows.apply(name, **SPEC, suspend=False)
        until(f"{name} in the middle", FINISHED_SECONDS, lambda: flows.status(name)["items"]["succeeded"] == done)
        yield done
        connection.rollback()


def test_a_worker_killed_in_the_middle_loses_and_repeats_nothing(flows: Flows, revisions: dict[str, int]) -> None:
    with caught_in_the_middle(flows, "to-zero"):
        flows.cluster.kill(flows.running_pod("to-zero"))

    flows.finished("to-zero")
    expect_each_item_once(flows, "to-zero", revisions)
    attempts = [part["attempts"] for part in chunks(flows, "to-zero")]
    assert attempts[:CHUNKS_BEFORE] == [1] * CHUNKS_BEFORE
    assert attempts[CHUNKS_BEFORE] > 1


def test_an_operator_deleted_in_the_middle_goes_on_with_the_same_job(flows: Flows, revisions: dict[str, int]) -> None:
    with caught_in_the_middle(flows, "to-zero"):
        flows.restart_operator()

    flows.finished("to-zero")
    expect_each_item_once(flows, "to-zero", revisions)
    assert len(flows.jobs("to-zero")) == 1
    assert flows.events("to-zero").count(("Normal", "JobCreated")) == 1


def test_a_job_deleted_in_the_middle_is_replaced_under_another_name(flows: Flows, revisions: dict[str, int]) -> None:
    with caught_in_the_middle(flows, "to-zero"):
        first = flows.status("to-zero")["jobRef"]["name"]
        flows.kubectl("delete", "job", first, "--wait=false")

    status = flows.finished("to-zero")
    expect_each_item_once(flows, "to-zero", revisions)
    assert status["jobRef"]["name"] != first


def test_a_batch_suspended_in_the_middle_rests_and_then_goes_on(flows: Flows, revisions: dict[str, int]) -> None:
    with caught_in_the_middle(flows, "to-zero"):
        flows.apply("to-zero", **SPEC, suspend=True)
        told = "SELECT count(*) FROM process_batch.batch WHERE suspended"
        until("workers told to stop", FINISHED_SECONDS, lambda: flows.count(told) == 1)

    status = flows.until_condition("to-zero", "Suspended", "Suspended")
    assert status["items"]["pending"] > 0
    assert status["items"]["running"] == 0

    flows.apply("to-zero", **SPEC, suspend=False)

    flows.finished("to-zero")
    expect_each_item_once(flows, "to-zero", revisions)


def test_more_workers_join_a_running_batch(flows: Flows, revisions: dict[str, int]) -> None:
    with caught_in_the_middle(flows, "to-zero"):
        flows.kubectl("patch", "batch", "to-zero", "--type=merge", "-p", json.dumps({"spec": {"parallelism": 2}}))
        rest = WAITING_JOBS - SPEC["chunkSize"]
        until("the others", FINISHED_SECONDS, lambda: flows.status("to-zero")["items"]["succeeded"] == rest)

    flows.finished("to-zero")
    expect_each_item_once(flows, "to-zero", revisions)
    assert len(flows.jobs("to-zero")) == 1


def test_a_finished_batch_stays_finished_without_its_job_and_after_a_restart(
    flows: Flows, revisions: dict[str, int]
) -> None:
    flows.apply("to-zero", **SPEC)
    before = flows.finished("to-zero")
    version = flows.version("to-zero")

    flows.kubectl("delete", "job", before["jobRef"]["name"])
    flows.restart_operator()
    flows.apply("next", operation=SPEC["operation"], ids={"jobs": ["no-such-job"]})
    flows.finished("next")

    assert flows.jobs("to-zero") == []
    assert flows.status("to-zero") == before
    assert flows.version("to-zero") == version, "nothing new is to be said, so nothing is written"
    expect_each_item_once(flows, "to-zero", revisions)


def test_a_finished_batch_applied_again_runs_nothing(flows: Flows, revisions: dict[str, int]) -> None:
    flows.apply("to-zero", **SPEC)
    before = flows.finished("to-zero")
    flows.delete("to-zero")

    flows.apply("to-zero", **SPEC)

    status = flows.until_condition("to-zero", "Complete", "AlreadyExecuted")
    assert status["items"] == before["items"]
    assert status["batchId"] == before["batchId"]
    assert status["completionTime"] == before["completionTime"]
    assert flows.events("to-zero").count(("Normal", "JobCreated")) == 1
    expect_each_item_once(flows, "to-zero", revisions)


def test_an_unfinished_batch_applied_again_waits_until_it_is_told_its_id(
    flows: Flows, revisions: dict[str, int]
) -> None:
    with caught_in_the_middle(flows, "to-zero"):
        batch_id = flows.status("to-zero")["batchId"]
        flows.delete("to-zero")

    flows.apply("to-zero", **SPEC)
    status = flows.until_condition("to-zero", "Suspended", "FoundUnfinished")
    assert batch_id in condition(status, "Suspended")["message"]

    flows.apply("to-zero", **SPEC, resume=batch_id)

    flows.finished("to-zero")
    expect_each_item_once(flows, "to-zero", revisions)


def test_another_content_under_a_used_name_is_refused(flows: Flows) -> None:
    flows.apply("to-zero", **SPEC)
    flows.finished("to-zero")
    flows.delete("to-zero")

    other = {"type": "JobRetries", "jobRetries": {"retries": 9}}
    flows.apply("to-zero", operation=other, query=SPEC["query"])

    status = flows.until_condition("to-zero", "Stalled", "NameInUse")
    assert "items" not in status
    assert flows.count("SELECT count(*) FROM act_ru_job WHERE retries_ = 9") == 0


def test_a_batch_stops_at_too_many_failures_and_goes_on_when_more_are_allowed(
    flows: Flows, revisions: dict[str, int]
) -> None:
    ids = [f"no-such-job-{number}" for number in range(3)]
    spec = SPEC | {"ids": {"jobs": ids}, "unknownIds": "Fail", "chunkSize": 1}
    policy = {"stopAfterFailedItems": 2, "toleratedFailedItems": 3}

    flows.apply("to-zero", **spec | {"failurePolicy": policy})
    status = flows.until_condition("to-zero", "Stalled", "TooManyFailures")
    assert status["items"]["failed"] == 2
    assert status["items"]["pending"] > 0

    flows.apply("to-zero", **spec | {"failurePolicy": policy | {"stopAfterFailedItems": 4}})

    status = flows.finished("to-zero")
    assert condition(status, "Complete")["reason"] == "CompletedWithFailures"
    assert status["items"]["failed"] == 3
    done = {id_ for id_, revision in revisions_of(flows).items() if revision != revisions[id_]}
    assert len(done) == status["items"]["succeeded"] == WAITING_JOBS


def test_a_batch_that_lost_chunks_before_it_began_stalls_and_gets_no_job(
    flows: Flows, revisions: dict[str, int]
) -> None:
    flows.apply("to-zero", **SPEC, suspend=True)
    flows.until_condition("to-zero", "Suspended", "Suspended")
    lost = flows.query("DELETE FROM process_batch.chunk WHERE position > 0 RETURNING size")

    flows.apply("to-zero", **SPEC, suspend=False)

    status = flows.until_condition("to-zero", "Stalled", "LedgerInconsistent")
    left = WAITING_JOBS - sum(row["size"] for row in lost)
    message = condition(status, "Stalled")["message"]
    assert f"was frozen with {WAITING_JOBS} items, but its chunks hold {left}" in message
    assert "completionTime" not in status
    assert flows.events("to-zero").count(("Warning", "Stalled")) == 1
    assert flows.jobs("to-zero") == []
    assert revisions_of(flows) == revisions


def test_a_batch_that_loses_chunks_in_the_middle_rests_until_they_are_restored(
    flows: Flows, revisions: dict[str, int]
) -> None:
    with caught_in_the_middle(flows, "to-zero"):
        flows.query("UPDATE process_batch.chunk SET batch_id = 'lost' WHERE session IS NULL RETURNING position")
        status = flows.until_condition("to-zero", "Stalled", "LedgerInconsistent")
        until("the Job suspended", FINISHED_SECONDS, lambda: flows.jobs("to-zero")[0]["spec"].get("suspend"))
        batch_id = status["batchId"]

    flows.query("UPDATE process_batch.chunk SET batch_id = %s WHERE batch_id = 'lost' RETURNING position", batch_id)

    flows.finished("to-zero")
    expect_each_item_once(flows, "to-zero", revisions)
    assert len(flows.jobs("to-zero")) == 1


@pytest.fixture
def two_operators(flows: Flows) -> Iterator[None]:
    """As when a pod was believed dead and was not."""
    flows.scale_operator(2)
    yield
    flows.scale_operator(1)


@pytest.mark.usefixtures("two_operators")
def test_two_operators_make_one_job_for_each_batch(flows: Flows, revisions: dict[str, int]) -> None:
    parts = [f"part-{number}" for number in range(4)]
    waiting = sorted(row["id"] for row in flows.query("SELECT id_ AS id FROM act_ru_job WHERE retries_ = 3"))

    batches = [
        flows.batch(name, operation=SPEC["operation"], ids={"jobs": waiting[number::4]}, chunkSize=3)
        for number, name in enumerate(parts)
    ]
    flows.cluster.apply(*batches)

    for name in parts:
        flows.finished(name)
        assert len(flows.jobs(name)) == 1
        assert flows.events(name).count(("Normal", "JobCreated")) == 1
    assert {id_: revision - revisions[id_] for id_, revision in revisions_of(flows).items()} == {
        id_: int(id_ in waiting) for id_ in revisions
    }
