"""What a ProcessEngine says about its workers."""

from typing import Any

from batch_operator.controller.credentials import worker_template
from batch_operator.controller.jobs import build_job
from batch_operator.lifecycle.observed import Desired
from batch_operator.resources.engine import ProcessEngineSpec

URL = {"urlFrom": {"secretKeyRef": {"name": "engine-database", "key": "url"}}}
FACTS = {"listenersOutsideModel": "None"}
PARTS = {
    "host": "db.flows",
    "name": "engine",
    "usernameFrom": {"secretKeyRef": {"name": "db-app", "key": "username"}},
    "passwordFrom": {"secretKeyRef": {"name": "db-app", "key": "password"}},
}
DESIRED = Desired(namespace="flows", name="retry", uid="u1", generation=1, content_hash="h")


def pod_of(**spec: Any) -> dict[str, Any]:
    written = ProcessEngineSpec.model_validate({"database": URL, "engine": FACTS} | spec)
    template = worker_template(written, "process-batch:1")
    return build_job(DESIRED, "retry-1", "b1", template)["spec"]["template"]


def environment(pod: dict[str, Any]) -> dict[str, str]:
    return {variable["name"]: variable["value"] for variable in pod["spec"]["containers"][0]["env"]}


def test_a_url_reaches_the_worker_as_the_file_it_reads() -> None:
    assert environment(pod_of()) == {
        "PROCESS_BATCH_DATABASE_URL_FILE": "/etc/process-batch/database/url",
        "PROCESS_BATCH_LEDGER_SCHEMA": "process_batch",
    }


def test_a_database_in_parts_reaches_the_worker_with_its_secrets_as_files() -> None:
    pod = pod_of(database=PARTS, ledger={"schema": "own"})

    assert environment(pod) == {
        "PROCESS_BATCH_DATABASE_HOST": "db.flows",
        "PROCESS_BATCH_DATABASE_PORT": "5432",
        "PROCESS_BATCH_DATABASE_NAME": "engine",
        "PROCESS_BATCH_DATABASE_USERNAME_FILE": "/etc/process-batch/database/username",
        "PROCESS_BATCH_DATABASE_PASSWORD_FILE": "/etc/process-batch/database/password",
        "PROCESS_BATCH_LEDGER_SCHEMA": "own",
    }
    secrets = [source["secret"]["name"] for source in pod["spec"]["volumes"][0]["projected"]["sources"]]
    assert secrets == ["db-app"]


def test_the_operators_image_is_used_where_the_engine_names_none() -> None:
    assert pod_of()["spec"]["containers"][0]["image"] == "process-batch:1"
    assert pod_of(worker={"image": "own:2"})["spec"]["containers"][0]["image"] == "own:2"


def test_settings_of_pods_are_taken_over_but_never_weaken_them() -> None:
    pod = pod_of(
        worker={
            "serviceAccountName": "batch",
            "imagePullSecrets": [{"name": "registry"}],
            "nodeSelector": {"pool": "batch"},
            "tolerations": [{"key": "batch", "operator": "Exists"}],
            "priorityClassName": "low",
            "resources": {"limits": {"memory": "1Gi"}},
            "podLabels": {"team": "flows", "process-batch.io/batch-uid": "forged"},
            "podAnnotations": {"note": "x"},
        }
    )

    spec = pod["spec"]
    assert spec["serviceAccountName"] == "batch"
    assert spec["imagePullSecrets"] == [{"name": "registry"}]
    assert spec["nodeSelector"] == {"pool": "batch"}
    assert spec["tolerations"] == [{"key": "batch", "operator": "Exists"}]
    assert spec["priorityClassName"] == "low"
    assert spec["containers"][0]["resources"] == {"limits": {"memory": "1Gi"}}
    assert pod["metadata"]["annotations"] == {"note": "x"}
    assert (pod["metadata"]["labels"]["team"], pod["metadata"]["labels"]["process-batch.io/batch-uid"]) == (
        "flows",
        "u1",
    )
    assert spec["automountServiceAccountToken"] is False
