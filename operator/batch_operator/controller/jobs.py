"""The Job of a Batch: a pure builder of its manifest, and a reader of what the API server says about it.

A plain Job with `parallelism` and no `completions`: its workers share the ledger's chunks, so none of them has a part
of its own, and a worker exits 0 only when nothing is left to claim.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from batch_operator.controller.store import BATCH_UID_LABEL, ClusterObject
from batch_operator.lifecycle.documents import part, parts
from batch_operator.lifecycle.observed import Desired, ObservedWorkers
from batch_operator.resources.meta import API_VERSION, BATCH_KIND, GROUP
from batch_operator.worker import WRONG_CONFIGURATION

BATCH_NAME_LABEL = f"{GROUP}/batch-name"
BATCH_ID_ANNOTATION = f"{GROUP}/batch-id"

CONTAINER = "worker"
DATABASE_FOLDER = "/etc/process-batch/database"
BACKOFF_LIMIT = 6
"""Pods that may die before the Job fails and the operator makes the next one."""

GRACE_SECONDS = 120
"""A worker that is told to stop finishes or rolls back its chunk in this time."""

DEFAULT_RESOURCES = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}}

_LABEL_LENGTH = 63


@dataclass(frozen=True)
class SecretFile:
    """A key of a Secret of the Batch's namespace, mounted as a file.

    Attributes:
        variable: Environment variable that names the file.
        secret: Name of the Secret.
        key: In it.
        path: Under `DATABASE_FOLDER`.
    """

    variable: str
    secret: str
    key: str
    path: str


@dataclass(frozen=True, kw_only=True)
class WorkerTemplate:
    """What the engine says about its workers.

    Attributes:
        image: Runs `process-batch worker`.
        environment: Plain settings, nothing secret.
        files: The database's credentials.
        resources: Of the container.
        pod: Further fields of the pod's spec.
        labels: Further labels of the pod.
        annotations: Of the pod.
    """

    image: str
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    files: Sequence[SecretFile] = ()
    resources: Mapping[str, Any] | None = None
    pod: Mapping[str, Any] = field(default_factory=dict[str, Any])
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])


def job_name(name: str, uid: str, attempt: int) -> str:
    """The name of a Batch's Job: the same for the same attempt, another for another object of the same name."""
    suffix = f"{hashlib.sha256(uid.encode()).hexdigest()[:6]}-{attempt}"
    return f"{name[: _LABEL_LENGTH - len(suffix) - 1].rstrip('-.')}-{suffix}"


def build_job(desired: Desired, name: str, batch_id: str, template: WorkerTemplate) -> dict[str, Any]:
    """The manifest of a Job of worker shards."""
    labels = _labels(desired)
    spec: dict[str, Any] = {
        "parallelism": desired.parallelism,
        "backoffLimit": BACKOFF_LIMIT,
        "podReplacementPolicy": "Failed",
        "podFailurePolicy": {"rules": _FAILURE_RULES},
        "suspend": False,
        "template": {
            "metadata": {
                "labels": {**template.labels, **labels},
                "annotations": dict(template.annotations),
            },
            "spec": _pod(batch_id, template),
        },
    }
    if desired.ttl_seconds_after_finished is not None:
        spec["ttlSecondsAfterFinished"] = desired.ttl_seconds_after_finished
    metadata = {
        "name": name,
        "namespace": desired.namespace,
        "labels": labels,
        "annotations": {BATCH_ID_ANNOTATION: batch_id},
        "ownerReferences": [_owner(desired)],
    }
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}


# An eviction or a drained node must not use up the limit; a wrong configuration does not get better by trying again.
_FAILURE_RULES: list[dict[str, Any]] = [
    {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
    {
        "action": "FailJob",
        "onExitCodes": {"containerName": CONTAINER, "operator": "In", "values": [WRONG_CONFIGURATION]},
    },
]


def _labels(desired: Desired) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": "process-batch",
        "app.kubernetes.io/component": "worker",
        "app.kubernetes.io/managed-by": "process-batch",
        BATCH_UID_LABEL: desired.uid,
        BATCH_NAME_LABEL: desired.name[:_LABEL_LENGTH].rstrip("-."),
    }


def _owner(desired: Desired) -> dict[str, Any]:
    # blockOwnerDeletion would need rights on batches/finalizers on some clusters, and nobody waits for it
    return {
        "apiVersion": API_VERSION,
        "kind": BATCH_KIND,
        "name": desired.name,
        "uid": desired.uid,
        "controller": True,
        "blockOwnerDeletion": False,
    }


def _pod(batch_id: str, template: WorkerTemplate) -> dict[str, Any]:
    return {
        **template.pod,
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [_container(batch_id, template)],
        "volumes": _volumes(template),
    }


def _container(batch_id: str, template: WorkerTemplate) -> dict[str, Any]:
    environment = {
        **template.environment,
        **{file.variable: f"{DATABASE_FOLDER}/{file.path}" for file in template.files},
    }
    return {
        "name": CONTAINER,
        "image": template.image,
        "imagePullPolicy": "IfNotPresent",
        "args": ["worker", "--batch-id", batch_id],
        "env": [{"name": name, "value": value} for name, value in sorted(environment.items())],
        "resources": dict(template.resources or DEFAULT_RESOURCES),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "database", "mountPath": DATABASE_FOLDER, "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108
        ],
    }


def _volumes(template: WorkerTemplate) -> list[dict[str, Any]]:
    secrets = sorted({file.secret for file in template.files})
    sources = [
        {
            "secret": {
                "name": secret,
                "items": [{"key": f.key, "path": f.path} for f in template.files if f.secret == secret],
            }
        }
        for secret in secrets
    ]
    # readable by the pod's user, who is not root, and by nobody outside of the pod
    return [
        {"name": "database", "projected": {"sources": sources, "defaultMode": 0o444}},
        {"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}},
    ]


def read_job(job: ClusterObject) -> ObservedWorkers:
    """A Job of the API server as the operator sees it."""
    spec, status = part(job.content, "spec"), job.status
    true = {c.get("type"): c for c in parts(status, "conditions") if c.get("status") == "True"}
    failed = true.get("Failed", {})
    return ObservedWorkers(
        name=job.name,
        active=int(status.get("active") or 0) + int(status.get("terminating") or 0),
        ready=int(status.get("ready") or 0),
        suspended=bool(spec.get("suspend")),
        parallelism=int(spec.get("parallelism", 1)),
        ttl_seconds_after_finished=spec.get("ttlSecondsAfterFinished"),
        ended=bool(failed) or "Complete" in true,
        misconfigured=failed.get("reason") == "PodFailurePolicy",
        message=f"{failed.get('reason')}: {failed.get('message')}" if failed else "",
    )
