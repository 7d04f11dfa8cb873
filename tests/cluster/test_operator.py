"""What a person sees who applies a ProcessEngine and Batches to a real cluster."""

import json

from support.cluster import OPERATOR_NAMESPACE
from support.flows import (
    ENDED_INSTANCES,
    FAILED_EXTERNAL_TASKS,
    FAILED_JOBS,
    Flows,
    add_up,
    condition,
)

FAILED = "SELECT id_ AS id FROM act_ru_job WHERE retries_ = 0 ORDER BY id_"
RETRIES = {"type": "JobRetries", "jobRetries": {"retries": 2}}


def failed_jobs(flows: Flows) -> list[str]:
    return [row["id"] for row in flows.query(FAILED)]


def touched(flows: Flows) -> set[str]:
    return {row["id"] for row in flows.query("SELECT id_ AS id FROM act_ru_job WHERE retries_ = 2")}


def outcome(**items: int) -> dict[str, int]:
    """Items of a batch that is done."""
    none = {"pending": 0, "running": 0, "succeeded": 0, "failed": 0, "skipped": 0, "handedOver": 0}
    return none | items | {"total": sum(items.values())}


def test_an_engine_becomes_ready_and_shows_what_its_database_says(flows: Flows) -> None:
    flows.kubectl("wait", "--for=condition=Ready", "processengine/default", "--timeout=60s")

    status = flows.status("default", "processengine")
    assert status["historyLevel"] == "Full"
    assert status["schemaVersion"]
    assert condition(status, "Stalled")["status"] == "False"


def test_a_batch_of_a_query_sets_retries_and_completes(flows: Flows) -> None:
    jobs = failed_jobs(flows)

    flows.apply("retry-failed", operation=RETRIES, query={"jobs": {"noRetriesLeft": True}}, parallelism=2, chunkSize=10)
    status = flows.finished("retry-failed")

    assert status["items"] == {
        "total": FAILED_JOBS,
        "pending": 0,
        "running": 0,
        "succeeded": FAILED_JOBS,
        "failed": 0,
        "skipped": 0,
        "handedOver": 0,
    }
    assert status["progress"] == "100%"
    assert touched(flows) == set(jobs)
    assert flows.count("SELECT count(*) FROM act_ru_incident WHERE incident_type_ = 'failedJob'") == 0
    assert flows.count(
        "SELECT count(*) FROM act_hi_incident WHERE incident_type_ = 'failedJob' AND incident_state_ = 1"
    ) == len(jobs)


def test_a_finished_batch_reads_right_for_every_tool(flows: Flows) -> None:
    flows.apply("retry-failed", operation=RETRIES, query={"jobs": {"noRetriesLeft": True}})
    status = flows.finished("retry-failed")

    shown = {found["type"]: found["status"] for found in status["conditions"]}
    assert shown == {
        "Resolved": "True", "Reconciling": "False", "Ready": "True", "Stalled": "False", "Complete": "True",
        "Failed": "False", "Suspended": "False",
    }  # fmt: skip
    assert status["observedGeneration"] == 1
    assert status["startTime"] <= status["completionTime"]
    assert json.loads(status["effectiveQuery"])["jobs"] == {"noRetriesLeft": True}
    assert status["jobRef"]["name"] == flows.jobs("retry-failed")[0]["metadata"]["name"]
    row = flows.kubectl("get", "batches", "retry-failed").splitlines()[1].split()
    assert row[:6] == ["retry-failed", "JobRetries", "100%", str(FAILED_JOBS), str(FAILED_JOBS), "0"]


def test_a_batch_carries_nothing_of_the_operator_but_its_status(flows: Flows) -> None:
    """So it can be deleted while the operator is away, and a GitOps tool sees no drift."""
    flows.apply("retry-failed", operation=RETRIES, query={"jobs": {"noRetriesLeft": True}})
    flows.finished("retry-failed")

    metadata = flows.cluster.get("batch", "retry-failed", flows.namespace)["metadata"]
    assert "finalizers" not in metadata
    assert list(metadata["annotations"]) == ["kubectl.kubernetes.io/last-applied-configuration"]


def test_events_tell_how_a_batch_went(flows: Flows) -> None:
    flows.apply("retry-failed", operation=RETRIES, query={"jobs": {"noRetriesLeft": True}})
    flows.finished("retry-failed")

    events = flows.events("retry-failed")
    assert sorted(events) == [("Normal", "Complete"), ("Normal", "JobCreated"), ("Normal", "Resolved")]


def test_a_batch_of_ids_works_on_them_alone(flows: Flows) -> None:
    some = failed_jobs(flows)[:7]

    flows.apply("retry-some", operation=RETRIES, ids={"jobs": some})
    status = flows.finished("retry-some")

    assert status["items"]["total"] == status["items"]["succeeded"] == 7
    assert touched(flows) == set(some)


def test_ids_and_query_that_overlap_are_united(flows: Flows) -> None:
    failed = failed_jobs(flows)
    waiting = [row["id"] for row in flows.query("SELECT id_ AS id FROM act_ru_job WHERE retries_ = 3 LIMIT 3")]

    flows.apply(
        "retry-union",
        operation=RETRIES,
        ids={"jobs": failed[:5] + waiting},
        query={"jobs": {"noRetriesLeft": True}},
        exclude={"jobs": failed[-2:]},
    )
    status = flows.finished("retry-union")

    assert status["items"]["total"] == FAILED_JOBS + len(waiting) - 2
    assert touched(flows) == set(failed[:-2]) | set(waiting)


def test_external_tasks_get_retries_and_lose_their_incidents(flows: Flows) -> None:
    flows.apply(
        "ship-again",
        operation={"type": "ExternalTaskRetries", "externalTaskRetries": {"retries": 4}},
        query={"externalTasks": {"noRetriesLeft": True}},
    )
    status = flows.finished("ship-again")

    assert status["items"]["succeeded"] == FAILED_EXTERNAL_TASKS
    assert flows.count("SELECT count(*) FROM act_ru_ext_task WHERE retries_ = 4") == FAILED_EXTERNAL_TASKS
    assert flows.count("SELECT count(*) FROM act_ru_incident WHERE incident_type_ = 'failedExternalTask'") == 0


def test_history_is_deleted_and_an_instance_that_still_runs_fails_alone(flows: Flows) -> None:
    running = flows.query("SELECT id_ AS id FROM act_hi_procinst WHERE end_time_ IS NULL LIMIT 1")[0]["id"]
    before = flows.count("SELECT count(*) FROM act_hi_procinst")

    flows.apply(
        "forget",
        operation={"type": "HistoricDeletion"},
        ids={"processInstances": [running]},
        query={"historicProcessInstances": {"processDefinitionKey": "plain", "finished": True}},
    )
    status = flows.finished("forget", "Failed")

    assert status["items"] == outcome(succeeded=ENDED_INSTANCES, failed=1)
    assert status["failures"][0]["sampleIds"] == [running]
    assert condition(status, "Ready")["reason"] == "FailedItems"
    assert condition(status, "Stalled")["status"] == "True"
    assert flows.count("SELECT count(*) FROM act_hi_procinst") == before - ENDED_INSTANCES
    assert ("Warning", "Failed") in flows.events("forget")


def test_tolerated_failures_make_a_batch_complete(flows: Flows) -> None:
    flows.apply(
        "retry-known",
        operation=RETRIES,
        ids={"jobs": [*failed_jobs(flows)[:2], "no-such-job"]},
        unknownIds="Fail",
        failurePolicy={"toleratedFailedItems": 1},
    )
    status = flows.finished("retry-known")

    assert condition(status, "Complete")["reason"] == "CompletedWithFailures"
    assert (status["items"]["succeeded"], status["items"]["failed"]) == (2, 1)


def test_a_misspelt_filter_that_the_api_server_lets_through_changes_nothing(flows: Flows) -> None:
    """A client that asks for no field validation gets its typo stored; it must not widen the set."""
    query = {"jobs": {"processDefinitionKey": "failing", "noRetrieLeft": True}}

    flows.cluster.apply(flows.batch("typo", operation=RETRIES, query=query), options=("--validate=ignore",))
    status = flows.until_condition("typo", "Stalled", "InvalidSpec")

    message = condition(status, "Stalled")["message"]
    assert message.startswith("spec.query.jobs")
    assert "noRetrieLeft" in message
    assert touched(flows) == set()
    assert flows.jobs("typo") == []


def test_a_typo_is_mended_in_place_before_anything_ran(flows: Flows) -> None:
    wrong = {"jobs": {"processDefinitionKey": "failing", "noRetrieLeft": True}}
    flows.cluster.apply(flows.batch("typo", operation=RETRIES, query=wrong), options=("--validate=ignore",))
    flows.until_condition("typo", "Stalled", "InvalidSpec")

    flows.apply("typo", operation=RETRIES, query={"jobs": {"noRetriesLeft": True}})

    assert flows.finished("typo")["items"]["succeeded"] == FAILED_JOBS


def test_a_set_larger_than_allowed_is_refused_until_the_limit_is_raised(flows: Flows) -> None:
    query = {"jobs": {"noRetriesLeft": True}}
    flows.apply("too-large", operation=RETRIES, query=query, maxItems=FAILED_JOBS - 1)
    status = flows.until_condition("too-large", "Stalled", "MaxItemsExceeded")

    assert f"spec.maxItems is {FAILED_JOBS - 1}" in condition(status, "Stalled")["message"]
    assert touched(flows) == set()

    flows.apply("too-large", operation=RETRIES, query=query, maxItems=FAILED_JOBS)

    assert flows.finished("too-large")["items"]["total"] == FAILED_JOBS


def test_a_dry_run_counts_and_samples_and_then_runs(flows: Flows) -> None:
    query = {"jobs": {"noRetriesLeft": True}}
    flows.apply("try-first", operation=RETRIES, query=query, dryRun=True)
    tried = flows.until_condition("try-first", "Ready", "DryRun")

    assert tried["items"]["total"] == FAILED_JOBS
    assert set(tried["sample"]["ids"]) <= set(failed_jobs(flows))
    assert "resolvedTime" not in tried
    assert touched(flows) == set()

    flows.apply("try-first", operation=RETRIES, query=query, dryRun=False)

    assert flows.finished("try-first")["items"]["succeeded"] == FAILED_JOBS


def test_a_suspended_batch_is_resolved_and_waits(flows: Flows) -> None:
    query = {"jobs": {"noRetriesLeft": True}}
    flows.apply("later", operation=RETRIES, query=query, suspend=True)
    waiting = flows.until_condition("later", "Suspended", "Suspended")

    assert waiting["items"]["pending"] == waiting["items"]["total"] == FAILED_JOBS
    assert condition(waiting, "Resolved")["status"] == "True"
    assert flows.jobs("later") == []

    flows.apply("later", operation=RETRIES, query=query, suspend=False)

    assert flows.finished("later")["items"]["succeeded"] == FAILED_JOBS


def test_an_engine_that_is_not_there_yet_is_waited_for(flows: Flows) -> None:
    spec = {"engineRef": {"name": "second"}, "operation": RETRIES, "query": {"jobs": {"noRetriesLeft": True}}}
    flows.apply("early", **spec)
    status = flows.until_condition("early", "Stalled", "EngineNotFound")

    assert "spec.engineRef.name 'second'" in condition(status, "Stalled")["message"]

    flows.apply_engine({"urlFrom": {"secretKeyRef": {"name": "engine-database", "key": "url"}}}, name="second")

    assert add_up(flows.finished("early")["items"])


def test_a_database_given_in_parts_is_used_by_operator_and_workers(flows: Flows) -> None:
    host, port = flows.address
    flows.apply_secret("engine-database", {"username": "postgres", "password": "unused"})
    flows.apply_engine(
        {
            "host": host,
            "port": port,
            "name": flows.database,
            "usernameFrom": {"secretKeyRef": {"name": "engine-database", "key": "username"}},
            "passwordFrom": {"secretKeyRef": {"name": "engine-database", "key": "password"}},
        },
        name="parts",
    )

    flows.apply("retry", engineRef={"name": "parts"}, operation=RETRIES, query={"jobs": {"noRetriesLeft": True}})

    assert flows.finished("retry")["items"]["succeeded"] == FAILED_JOBS


def test_another_driver_is_refused_and_no_password_is_shown(flows: Flows) -> None:
    password = "s3cret-of-nobody"  # noqa: S105
    flows.apply_secret("engine-database", {"url": f"mysql://root:{password}@10.88.0.1/flows"})
    flows.apply_engine({"urlFrom": {"secretKeyRef": {"name": "engine-database", "key": "url"}}}, name="other")
    flows.apply("retry", engineRef={"name": "other"}, operation=RETRIES, query={"jobs": {"noRetriesLeft": True}})

    flows.until_condition("other", "Stalled", "InvalidDatabaseURL", "processengine")
    flows.until_condition("retry", "Stalled", "InvalidDatabaseURL")

    seen = flows.kubectl("get", "batches,processengines,events", "-o", "yaml")
    logs = flows.cluster.kubectl("-n", OPERATOR_NAMESPACE, "logs", "deployment/process-batch-operator", "--tail=-1")
    assert password not in seen + logs


def test_a_secret_that_the_operator_may_not_read_is_named(flows: Flows) -> None:
    flows.apply_secret("private", {"url": "postgresql://nobody@10.88.0.1/flows"})
    flows.apply_engine({"urlFrom": {"secretKeyRef": {"name": "private", "key": "url"}}}, name="other")

    status = flows.until_condition("other", "Stalled", "SecretNotFound", "processengine")

    assert "'private'" in condition(status, "Stalled")["message"]


def test_a_rotated_secret_is_read_again_when_the_database_refuses_the_old_user(flows: Flows) -> None:
    old, new = f"{flows.database}_old", f"{flows.database}_new"
    flows.admin(f"CREATE ROLE {old} SUPERUSER LOGIN")
    flows.apply_secret("engine-database", {"url": flows.url(user=old)})
    flows.apply_engine({"urlFrom": {"secretKeyRef": {"name": "engine-database", "key": "url"}}}, name="rotating")
    flows.kubectl("wait", "--for=condition=Ready", "processengine/rotating", "--timeout=60s")

    flows.admin(f"ALTER ROLE {old} RENAME TO {new}")
    flows.admin(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename IN ('{old}', '{new}')")
    flows.apply_secret("engine-database", {"url": flows.url(user=new)})
    flows.apply("retry", engineRef={"name": "rotating"}, operation=RETRIES, query={"jobs": {"noRetriesLeft": True}})

    assert flows.finished("retry")["items"]["succeeded"] == FAILED_JOBS


def test_workers_that_are_misconfigured_stall_a_batch_until_it_or_its_engine_changes(flows: Flows) -> None:
    """The operator has the database open already, so only the workers meet the wrong URL."""
    flows.kubectl("wait", "--for=condition=Ready", "processengine/default", "--timeout=60s")
    flows.apply_secret("engine-database", {"url": "mysql://nobody@10.88.0.1/flows"})
    spec = {"operation": RETRIES, "query": {"jobs": {"noRetriesLeft": True}}}

    flows.apply("retry", **spec, parallelism=1)
    status = flows.until_condition("retry", "Stalled", "JobFailed")

    assert "PodFailurePolicy" in condition(status, "Stalled")["message"]
    assert touched(flows) == set()

    flows.apply_secret("engine-database", {"url": flows.url(user="postgres")})
    flows.apply("retry", **spec, parallelism=2)

    assert flows.finished("retry")["items"]["succeeded"] == FAILED_JOBS
    assert len(flows.jobs("retry")) == 2


def test_a_resolved_batch_is_frozen_but_its_parallelism_is_not(flows: Flows) -> None:
    spec = {"operation": RETRIES, "query": {"jobs": {"noRetriesLeft": True}}, "suspend": True}
    flows.apply("frozen", **spec)
    flows.until_condition("frozen", "Suspended", "Suspended")

    patch = json.dumps({"spec": {"query": {"jobs": {"noRetriesLeft": None, "all": True}}}})
    refused = flows.cluster.try_kubectl("-n", flows.namespace, "patch", "batch", "frozen", "--type=merge", "-p", patch)
    flows.kubectl("patch", "batch", "frozen", "--type=merge", "-p", json.dumps({"spec": {"parallelism": 3}}))

    assert refused.returncode != 0
    assert flows.status("frozen")["items"]["total"] == FAILED_JOBS


def test_workers_run_restricted_without_a_token_and_with_their_secret_as_a_file(flows: Flows) -> None:
    flows.apply("retry", operation=RETRIES, query={"jobs": {"noRetriesLeft": True}})
    flows.finished("retry")

    pod = flows.jobs("retry")[0]["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True
    assert "postgresql://" not in json.dumps(flows.jobs("retry"))
