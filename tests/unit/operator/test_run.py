"""`process-batch run` without a cluster: what it does, what it prints, how it ends."""

from datetime import datetime
from typing import Any

import pytest

from process_engine.batch.ledger import Ledger
from process_engine.database import connect
from process_engine.schema.runtime_jobs import act_ru_ext_task, act_ru_job
from support.embedded import DELIVERED, FAILED_JOBS, Embedded, Ended, batch, invoke

DELETION = {"query": {"historicProcessInstances": {"processDefinitionKey": "order", "finished": True}}}
NOT_THERE = {"ids": {"jobs": ["nowhere"]}, "unknownIds": "Fail"}


def run(engine: Embedded, *documents: dict[str, Any], words: tuple[str, ...] = ("-o", "json")) -> Ended:
    path = engine.manifest(*documents)
    return invoke("run", "-f", path, "--database-url", engine.url, *words)


def conditions(status: dict[str, Any]) -> set[str]:
    return {each["type"] for each in status["conditions"] if each["status"] == "True"}


def reason(status: dict[str, Any]) -> str:
    return next(each["reason"] for each in status["conditions"] if each["type"] == "Ready")


def test_run_does_the_work_and_ends_with_the_status_as_json(engine: Embedded) -> None:
    ended = run(engine, batch())

    status = ended.results["retry"]
    assert ended.status == 0
    assert engine.failed_jobs() == 0
    assert status["items"] == {
        "total": FAILED_JOBS, "pending": 0, "running": 0, "succeeded": FAILED_JOBS, "failed": 0, "skipped": 0,
        "handedOver": 0,
    }  # fmt: skip
    assert status["progress"] == "100%"
    assert conditions(status) == {"Resolved", "Complete", "Ready"}
    assert {"batchId", "resolvedTime", "startTime", "completionTime", "effectiveQuery"} <= status.keys()


def test_run_prints_plain_lines_where_there_is_no_terminal(engine: Embedded) -> None:
    ended = run(engine, batch(), words=())

    assert ended.output.splitlines() == [
        f"retry: 0 of {FAILED_JOBS} items, 0 failed",
        f"retry: {FAILED_JOBS} of {FAILED_JOBS} items, 0 failed",
        f"retry: Complete: {FAILED_JOBS} items settled",
        f"  {FAILED_JOBS} total, {FAILED_JOBS} succeeded",
    ]


def test_run_works_on_the_union_of_ids_and_queries_without_what_is_excluded(engine: Embedded) -> None:
    overlapping = {"processInstances": ["fb0f4754-e886-11f1-bec8-769c4130fdf6", "fb1ba36e-e886-11f1-bec8-769c4130fdf6"]}
    excluded = {"processInstances": ["fb1ba36e-e886-11f1-bec8-769c4130fdf6"]}
    before = engine.historic_instances()

    ended = run(engine, batch("delete", "HistoricDeletion", ids=overlapping, exclude=excluded, **DELETION))

    assert ended.results["delete"]["items"]["succeeded"] == DELIVERED - 1
    assert engine.historic_instances() == before - (DELIVERED - 1)


def test_run_ends_with_1_when_more_fail_than_is_tolerated(engine: Embedded) -> None:
    ended = run(engine, batch(**NOT_THERE))

    status = ended.results["retry"]
    assert ended.status == 1
    assert conditions(status) == {"Resolved", "Failed", "Stalled"}
    assert (status["items"]["succeeded"], status["items"]["failed"]) == (FAILED_JOBS, 1)
    assert status["failures"][0]["sampleIds"] == ["nowhere"]
    assert "No job found with id 'nowhere'" in status["failures"][0]["reason"]


def test_run_ends_with_0_when_no_more_fail_than_is_tolerated(engine: Embedded) -> None:
    ended = run(engine, batch(failurePolicy={"toleratedFailedItems": 1}, **NOT_THERE))

    assert ended.status == 0
    assert reason(ended.results["retry"]) == "CompletedWithFailures"


def test_run_skips_what_is_not_there_unless_told_otherwise(engine: Embedded) -> None:
    ended = run(engine, batch(ids={"jobs": ["nowhere"]}))

    assert ended.status == 0
    assert ended.results["retry"]["items"]["skipped"] == 1


def test_run_of_nothing_is_complete(engine: Embedded) -> None:
    ended = run(engine, batch(query={"jobs": {"processDefinitionKey": "nothing"}}))

    assert ended.status == 0
    assert ended.results["retry"]["items"]["total"] == 0
    assert conditions(ended.results["retry"]) == {"Resolved", "Complete", "Ready"}


def test_run_of_a_finished_batch_runs_nothing(engine: Embedded) -> None:
    first = run(engine, batch())
    revisions = engine.count(act_ru_job, act_ru_job.c.rev_ == 3)

    again = run(engine, batch(parallelism=2))

    assert again.status == 0
    assert reason(again.results["retry"]) == "AlreadyExecuted"
    assert again.results["retry"]["batchId"] == first.results["retry"]["batchId"]
    assert engine.count(act_ru_job, act_ru_job.c.rev_ == 3) == revisions == FAILED_JOBS


def test_run_refuses_another_content_under_a_name_that_is_taken(engine: Embedded) -> None:
    run(engine, batch(query={"jobs": {"jobId": "nothing"}}))

    ended = run(engine, batch())

    assert ended.status == 3
    assert reason(ended.results["retry"]) == "NameInUse"
    assert engine.failed_jobs() == FAILED_JOBS


@pytest.mark.parametrize(
    ("spec", "expected"),
    [({"maxItems": 5}, "MaxItemsExceeded"), (NOT_THERE | {"unknownIds": "Reject"}, "UnknownIds")],
    ids=["too many items", "unknown ids"],
)
def test_run_that_is_refused_leaves_nothing_behind(engine: Embedded, spec: dict[str, Any], expected: str) -> None:
    refused = run(engine, batch(**spec))
    mended = run(engine, batch())

    assert refused.status == 3
    assert reason(refused.results["retry"]) == expected
    assert conditions(refused.results["retry"]) == {"Stalled"}
    assert mended.status == 0


def test_dry_run_counts_and_samples_and_changes_nothing(engine: Embedded) -> None:
    dry = run(engine, batch(dryRun=True))
    wet = run(engine, batch(dryRun=False))

    status = dry.results["retry"]
    assert dry.status == wet.status == 0
    assert reason(status) == "DryRun"
    assert status["items"]["total"] == FAILED_JOBS
    assert len(status["sample"]["ids"]) == 20
    assert "batchId" not in status
    assert wet.results["retry"]["items"]["succeeded"] == FAILED_JOBS


def test_dry_run_under_a_name_that_is_taken_says_what_a_cluster_says(engine: Embedded) -> None:
    run(engine, batch("other", query={"jobs": {"jobId": "nothing"}}), batch("waiting", suspend=True), batch("done"))

    other = run(engine, batch("other", dryRun=True))
    waiting = run(engine, batch("waiting", dryRun=True))
    done = run(engine, batch("done", dryRun=True))
    went_on = run(engine, batch("waiting", dryRun=False))

    assert [ended.status for ended in (other, waiting, done, went_on)] == [3, 3, 0, 0]
    assert reason(other.results["other"]) == "NameInUse"
    assert reason(waiting.results["waiting"]) == "FoundUnfinished"
    assert reason(done.results["done"]) == "AlreadyExecuted"
    assert reason(went_on.results["waiting"]) == "Complete"


def test_suspended_batch_is_resolved_and_waits(engine: Embedded) -> None:
    waiting = run(engine, batch(suspend=True))
    went_on = run(engine, batch(suspend=False))

    assert waiting.status == 3
    assert conditions(waiting.results["retry"]) == {"Resolved", "Suspended"}
    assert waiting.results["retry"]["items"]["pending"] == FAILED_JOBS
    assert went_on.status == 0
    assert went_on.results["retry"]["batchId"] == waiting.results["retry"]["batchId"]


def test_run_stops_after_too_many_failures_and_goes_on_when_more_are_allowed(engine: Embedded) -> None:
    missing = {"ids": {"jobs": [f"nowhere-{number}" for number in range(30)]}, "unknownIds": "Fail", "chunkSize": 10}

    stopped = run(engine, batch(failurePolicy={"stopAfterFailedItems": 1}, **missing))
    went_on = run(engine, batch(failurePolicy={"stopAfterFailedItems": 1000, "toleratedFailedItems": 30}, **missing))

    assert stopped.status == 1
    assert reason(stopped.results["retry"]) == "TooManyFailures"
    assert stopped.results["retry"]["items"]["pending"] > 0
    assert went_on.status == 0
    assert went_on.results["retry"]["items"]["failed"] == 30


def test_unfinished_batch_of_a_cluster_goes_on_here_only_when_it_is_named(engine: Embedded) -> None:
    waiting = run(engine, batch(suspend=True))
    batch_id = waiting.results["retry"]["batchId"]
    database = connect(engine.url)
    Ledger(database).adopt(batch_id, "uid-of-an-object")
    database.dispose()

    refused = run(engine, batch())
    resumed = run(engine, batch(resume=batch_id))

    assert refused.status == 3
    assert reason(refused.results["retry"]) == "FoundUnfinished"
    assert refused.results["retry"]["items"]["pending"] == FAILED_JOBS
    assert resumed.status == 0
    assert resumed.results["retry"]["batchId"] == batch_id


def test_documents_of_a_file_are_run_in_order(engine: Embedded) -> None:
    tasks = batch("ship", "ExternalTaskRetries", query={"processInstances": {"withIncident": True}})

    ended = run(engine, batch(), tasks)

    assert list(ended.results) == ["retry", "ship"]
    assert engine.failed_jobs() == 0
    assert engine.count(act_ru_ext_task, act_ru_ext_task.c.retries_ == 0) == 0


def test_the_batches_after_a_failed_one_are_run_too(engine: Embedded) -> None:
    ended = run(engine, batch("first", maxItems=1), batch("second"))

    assert ended.status == 3
    assert reason(ended.results["second"]) == "Complete"


PROCESS_ENGINE = {
    "apiVersion": "process-batch.io/v1alpha1",
    "kind": "ProcessEngine",
    "metadata": {"name": "default"},
    "spec": {
        "database": {"urlFrom": {"secretKeyRef": {"name": "engine", "key": "url"}}},
        "engine": {"listenersOutsideModel": "None", "timeZone": "Asia/Tokyo"},
    },
}


def test_a_process_engine_tells_the_facts_about_its_engine(engine: Embedded) -> None:
    due = {"type": "JobRetries", "jobRetries": {"retries": 3, "dueDate": "2026-05-03T14:00:00+02:00"}}

    manifest = batch()
    manifest["spec"]["operation"] = due

    ended = run(engine, PROCESS_ENGINE, manifest)

    in_tokyo = datetime(2026, 5, 3, 21)  # noqa: DTZ001 - the tables hold local times
    assert ended.status == 0
    assert engine.count(act_ru_job, act_ru_job.c.duedate_ == in_tokyo) == FAILED_JOBS


def test_a_batch_whose_engine_is_missing_among_those_given_is_refused(engine: Embedded) -> None:
    ended = run(engine, PROCESS_ENGINE, batch(engineRef={"name": "other"}))

    assert ended.status == 2
    assert "spec.engineRef.name: 'other' is no ProcessEngine of these manifests" in ended.errors


def test_run_ends_with_2_on_a_manifest_that_breaks_a_rule(engine: Embedded) -> None:
    ended = run(engine, batch(query={"jobs": {"noRetriesLefd": True}}))

    assert ended.status == 2
    assert "spec.query.jobs: unknown filter noRetriesLefd; did you mean noRetriesLeft?" in ended.errors
    assert "pydantic" not in ended.errors


def test_run_ends_with_2_where_there_is_no_batch(engine: Embedded) -> None:
    assert run(engine, PROCESS_ENGINE).status == 2


def test_run_ends_with_2_on_a_driver_that_is_not_allowed(engine: Embedded) -> None:
    ended = run(engine, batch(), words=("--database-url", "mysql://user:secret@host/name"))

    assert ended.status == 2
    assert "only postgresql is allowed" in ended.errors
    assert "secret" not in ended.errors


def test_run_makes_no_database_where_there_is_none(engine: Embedded) -> None:
    ended = run(engine, batch(), words=("--database-url", f"sqlite:///{engine.folder}/other.db"))

    assert ended.status == 3
    assert "process-batch init" in ended.errors
    assert not (engine.folder / "other.db").exists()


def test_run_ends_with_3_on_a_database_of_another_kind(engine: Embedded) -> None:
    (engine.folder / "empty.db").touch()

    ended = run(engine, batch(), words=("--database-url", f"sqlite:///{engine.folder}/empty.db"))

    assert ended.status == 3
    assert "Expected a database of the Camunda 7 family" in ended.errors
