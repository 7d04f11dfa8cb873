"""`init`, `plan`, `status`, `items`, `failures`, `which` and `ledger ddl`."""

import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest

from process_engine.schema.runtime_jobs import act_ru_job
from support.embedded import DELIVERED, FAILED_JOBS, STOCK, WAITING, Embedded, Ended, batch, invoke

NOT_THERE = batch(ids={"jobs": ["nowhere"]}, unknownIds="Fail", failurePolicy={"toleratedFailedItems": 1})


def ask(engine: Embedded, *words: object) -> Ended:
    return invoke(*words, "--database-url", engine.url)


@pytest.fixture
def after_run(engine: Embedded) -> Embedded:
    """An engine on which a Batch was run, of whose items one failed."""
    assert invoke("run", "-f", engine.manifest(NOT_THERE), "--database-url", engine.url).status == 0
    return engine


def rows(result: Ended) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(result.output)))


def test_plan_tells_the_set_and_what_would_fail_and_changes_nothing(engine: Embedded) -> None:
    before = engine.count(act_ru_job, act_ru_job.c.retries_ == 0)

    result = ask(engine, "plan", "-f", engine.manifest(NOT_THERE), "-o", "json")

    plan = json.loads(result.output)
    assert result.status == 0
    assert plan["status"]["items"]["total"] == FAILED_JOBS + 1
    assert plan["status"]["sample"]["unknownIds"] == ["nowhere"]
    assert plan["plan"]["tried"] == FAILED_JOBS + 1
    assert [(each["count"], each["sampleIds"]) for each in plan["plan"]["wouldFail"]] == [(1, ["nowhere"])]
    assert engine.count(act_ru_job, act_ru_job.c.retries_ == 0) == before
    assert ask(engine, "status").status == 3, "plan makes no ledger"


def test_plan_ends_with_1_when_more_would_fail_than_is_tolerated(engine: Embedded) -> None:
    manifest = batch(ids={"jobs": ["nowhere"]}, unknownIds="Fail")

    result = ask(engine, "plan", "-f", engine.manifest(manifest))

    assert result.status == 1
    assert "1 would fail: NotFound" in result.output


def test_plan_ends_with_3_when_the_batch_would_be_refused(engine: Embedded) -> None:
    result = ask(engine, "plan", "-f", engine.manifest(batch(maxItems=3)))

    assert result.status == 3
    assert f"would not run: The set has {FAILED_JOBS} items but spec.maxItems is 3" in result.output


def test_plan_tells_that_a_batch_has_finished_already(after_run: Embedded) -> None:
    result = ask(after_run, "plan", "-f", after_run.folder / "batch.yaml")

    assert result.status == 3
    assert "AlreadyExecuted" in result.output


def test_plan_tells_that_a_listed_instance_still_runs(engine: Embedded) -> None:
    running = {"processInstances": ["f851fb96-e886-11f1-bec8-769c4130fdf6"]}

    result = ask(engine, "plan", "-f", engine.manifest(batch("x", "HistoricDeletion", query=None, ids=running)))

    assert result.status == 1
    assert "1 would fail: StillRunning" in result.output


def test_status_shows_one_line_a_batch(after_run: Embedded) -> None:
    invoke("run", "-f", after_run.manifest(batch("second"), name="second.yaml"), "--database-url", after_run.url)

    found = rows(ask(after_run, "status", "-o", "csv"))

    assert [(row["name"], row["state"], row["failed"]) for row in found] == [
        ("second", "Complete", "0"),
        ("retry", "CompletedWithFailures", "1"),
    ]


def test_status_as_json_is_that_of_the_resource(after_run: Embedded) -> None:
    result = json.loads(ask(after_run, "status", "retry", "-o", "json").output)

    assert result["name"] == "retry"
    assert result["status"]["items"]["failed"] == 1
    assert {each["type"] for each in result["status"]["conditions"]} >= {"Ready", "Complete", "Failed"}


def test_status_of_a_name_that_is_not_there_ends_with_3(after_run: Embedded) -> None:
    result = ask(after_run, "status", "retry", "other")

    assert result.status == 3
    assert "the ledger has no Batch other in namespace default" in result.errors


def test_batches_of_another_namespace_are_others(after_run: Embedded) -> None:
    assert ask(after_run, "status", "retry", "-n", "flows").status == 3


def test_items_lists_each_item_with_its_outcome(after_run: Embedded) -> None:
    found = rows(ask(after_run, "items", "retry", "-o", "csv"))

    outcomes = [row["outcome"] for row in found]
    assert len(found) == FAILED_JOBS + 1
    assert outcomes.count("succeeded") == FAILED_JOBS
    assert len({row["item_id"] for row in found}) == len(found)
    assert all(row["process_instance_id"] for row in found if row["outcome"] == "succeeded")


def test_failures_lists_each_failed_item_with_its_error(after_run: Embedded) -> None:
    found = rows(ask(after_run, "failures", "retry", "-o", "csv"))

    assert [(row["batch"], row["item_id"], row["reason"]) for row in found] == [("retry", "nowhere", "NotFound")]
    assert "No job found with id 'nowhere'" in found[0]["message"]


def test_which_finds_the_batches_of_an_item_and_of_its_instance(after_run: Embedded) -> None:
    item = rows(ask(after_run, "items", "retry", "-o", "csv"))[0]

    by_item = rows(ask(after_run, "which", item["item_id"], "-o", "csv"))
    by_instance = rows(ask(after_run, "which", item["process_instance_id"], "-o", "csv"))

    assert by_item == by_instance == [item]


def test_ledger_ddl_makes_a_ledger_that_can_be_worked_with(engine: Embedded) -> None:
    statements = invoke("ledger", "ddl", "--dialect", "sqlite").output
    with sqlite3.connect(engine.folder / "engine.db") as connection:
        connection.executescript(statements)
    connection.close()
    no_creation = {
        "apiVersion": "process-batch.io/v1alpha1",
        "kind": "ProcessEngine",
        "metadata": {"name": "default"},
        "spec": {
            "database": {"urlFrom": {"secretKeyRef": {"name": "engine", "key": "url"}}},
            "engine": {"listenersOutsideModel": "None"},
            "ledger": {"create": False},
        },
    }

    assert invoke("run", "-f", engine.manifest(no_creation, batch()), "--database-url", engine.url).status == 0


def test_ledger_is_not_made_where_a_dba_makes_it(engine: Embedded) -> None:
    no_creation = {
        "apiVersion": "process-batch.io/v1alpha1",
        "kind": "ProcessEngine",
        "metadata": {"name": "default"},
        "spec": {
            "database": {"urlFrom": {"secretKeyRef": {"name": "engine", "key": "url"}}},
            "engine": {"listenersOutsideModel": "None"},
            "ledger": {"create": False},
        },
    }

    ended = invoke("run", "-f", engine.manifest(no_creation, batch()), "--database-url", engine.url)

    assert ended.status == 3
    assert "ledger ddl" in ended.errors


def test_ledger_ddl_takes_no_schema_name_that_would_need_quotes() -> None:
    result = invoke("ledger", "ddl", "--ledger-schema", "x; drop table y")

    assert result.status == 2


def test_init_makes_an_engine_and_fills_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/engine.db"

    result = invoke("init", "--database-url", url, "--stock", str(STOCK), "--copies", "2")

    engine = Embedded(tmp_path)
    assert result.status == 0
    assert engine.failed_jobs() == 4
    assert engine.historic_instances() == 32


def test_init_leaves_an_engine_that_is_there_alone(engine: Embedded) -> None:
    result = ask(engine, "init")

    assert result.status == 3
    assert "Expected an empty database" in result.errors
    assert engine.failed_jobs() == FAILED_JOBS


def test_samples_run_as_their_comments_say(engine: Embedded) -> None:
    samples = STOCK.parents[1]

    ended = invoke("run", "-f", samples, "--database-url", engine.url, "-o", "json")

    items = {name: status["items"] for name, status in ended.results.items()}
    assert ended.status == 0
    assert items["cancel-waiting-orders"]["succeeded"] == items["cancel-waiting-orders"]["total"] == WAITING - 1
    assert items["delete-delivered-orders"]["succeeded"] == 2 * DELIVERED - 1
    assert (items["retry-failed-charges"]["succeeded"], items["retry-failed-charges"]["failed"]) == (FAILED_JOBS, 1)
    assert items["retry-stuck-deliveries"]["succeeded"] == FAILED_JOBS
