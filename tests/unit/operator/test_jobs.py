"""The Job of a Batch."""

from dataclasses import replace

from batch_operator.controller.jobs import SecretFile, WorkerTemplate, build_job, job_name, read_job
from batch_operator.controller.store import ClusterObject, Kind
from batch_operator.lifecycle.observed import Desired

DESIRED = Desired(namespace="flows", name="retry", uid="uid-1", generation=1, content_hash="h", parallelism=3)
TEMPLATE = WorkerTemplate(
    image="process-batch:1",
    environment={"PROCESS_BATCH_LEDGER_SCHEMA": "process_batch"},
    files=[SecretFile("PROCESS_BATCH_DATABASE_URL_FILE", "engine-database", "url", "url")],
)


def test_job_names_differ_by_attempt_and_fit_a_label() -> None:
    first, second = (job_name("a" * 253, "uid-1", attempt) for attempt in (1, 2))

    assert first != second
    assert max(len(first), len(second)) <= 63


def test_another_object_of_the_same_name_has_jobs_of_its_own() -> None:
    assert job_name("retry", "uid-2", 1) != job_name("retry", "uid-1", 1)


def test_a_job_is_a_plain_one_whose_workers_share_the_ledger() -> None:
    spec = build_job(DESIRED, "retry-1", "b1", TEMPLATE)["spec"]

    assert spec["parallelism"] == 3
    assert "completions" not in spec
    assert "completionMode" not in spec
    assert [rule["action"] for rule in spec["podFailurePolicy"]["rules"]] == ["Ignore", "FailJob"]
    assert spec["template"]["spec"]["restartPolicy"] == "Never"


def test_a_worker_gets_no_api_token_and_fits_the_restricted_standard() -> None:
    pod = build_job(DESIRED, "retry-1", "b1", TEMPLATE)["spec"]["template"]["spec"]
    container = pod["containers"][0]

    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"] == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_credentials_reach_a_worker_as_files_only() -> None:
    pod = build_job(DESIRED, "retry-1", "b1", TEMPLATE)["spec"]["template"]["spec"]

    assert {"name": "PROCESS_BATCH_DATABASE_URL_FILE", "value": "/etc/process-batch/database/url"} in pod["containers"][
        0
    ]["env"]
    assert pod["volumes"][0]["projected"]["sources"] == [
        {"secret": {"name": "engine-database", "items": [{"key": "url", "path": "url"}]}}
    ]
    assert all("valueFrom" not in variable for variable in pod["containers"][0]["env"])


def test_a_ttl_is_set_only_where_one_is_wanted() -> None:
    with_ttl = build_job(replace(DESIRED, ttl_seconds_after_finished=60), "retry-1", "b1", TEMPLATE)["spec"]

    assert with_ttl["ttlSecondsAfterFinished"] == 60
    assert "ttlSecondsAfterFinished" not in build_job(DESIRED, "retry-1", "b1", TEMPLATE)["spec"]


def test_a_job_is_read_with_its_terminating_pods_as_active() -> None:
    content = {
        "metadata": {"name": "retry-1"},
        "spec": {"parallelism": 2, "suspend": True},
        "status": {"active": 1, "terminating": 1},
    }

    job = read_job(ClusterObject.of(Kind.JOB, content))

    assert (job.active, job.suspended, job.parallelism, job.ended) == (2, True, 2, False)


def test_a_job_that_failed_by_a_wrong_configuration_is_told_from_one_that_ran_out_of_tries() -> None:
    def failed(reason: str) -> ClusterObject:
        condition = {"type": "Failed", "status": "True", "reason": reason, "message": "m"}
        content = {"metadata": {"name": "retry-1"}, "spec": {}, "status": {"conditions": [condition]}}
        return ClusterObject.of(Kind.JOB, content)

    wrong, worn_out = read_job(failed("PodFailurePolicy")), read_job(failed("BackoffLimitExceeded"))

    assert (wrong.ended, wrong.misconfigured) == (True, True)
    assert (worn_out.ended, worn_out.misconfigured, worn_out.message) == (True, False, "BackoffLimitExceeded: m")
