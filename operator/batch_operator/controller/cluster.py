"""The only caller of the Kubernetes client: objects of the operator in and out, errors of its own.

All calls block; the operator runs them in threads. The generic client is used for every kind, so that documents are
sent as they are and fields of a newer API server are not lost.
"""

# The client is typed in part only.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

import base64
import json
import logging
import uuid
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, Self, cast

from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from kubernetes.config.config_exception import ConfigException
from urllib3.exceptions import HTTPError

from batch_operator.controller.store import BATCH_UID_LABEL, ClusterObject, Kind
from batch_operator.lifecycle.documents import Document, part, parts
from batch_operator.lifecycle.status import EventToPost
from batch_operator.lifecycle.times import now
from batch_operator.resources.meta import API_VERSION, GROUP, VERSION

logger = logging.getLogger(__name__)

REQUEST_SECONDS = 30
PAGE = 500

RESOURCES = {
    Kind.BATCH: (GROUP, VERSION, "batches"),
    Kind.ENGINE: (GROUP, VERSION, "processengines"),
    Kind.JOB: ("batch", "v1", "jobs"),
}
_SELECTORS = {Kind.JOB: BATCH_UID_LABEL}


class ClusterError(Exception):
    """The API server refused a call or did not answer.

    Attributes:
        status: HTTP status; 0 without an answer.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class ConflictError(ClusterError):
    """An object of this name is there already."""


class GoneError(ClusterError):
    """The object is not there."""


class DeniedError(ClusterError):
    """The operator has no right to do this."""


_ERRORS = {403: DeniedError, 404: GoneError, 409: ConflictError}


@contextmanager
def _own_errors(what: str) -> Generator[None, None, None]:
    try:
        yield
    except ApiException as error:
        status = int(error.status or 0)
        raise _ERRORS.get(status, ClusterError)(status, f"{what}: {status} {_server_message(error)}") from None
    except HTTPError as error:
        raise ClusterError(0, f"{what}: {error}") from None


def _server_message(error: ApiException) -> str:
    """The API server's own words, where it gave any."""
    try:
        return str(json.loads(error.body or "")["message"])
    except (ValueError, KeyError, TypeError):
        return str(error.reason)


class Cluster:
    """Reads and writes objects of the API server."""

    def __init__(self, api: client.ApiClient, namespace: str | None = None) -> None:
        """Use a client; with a namespace, lists are confined to it."""
        self._objects = client.CustomObjectsApi(api)
        self._core = client.CoreV1Api(api)
        self._namespace = namespace

    @classmethod
    def connect(cls, namespace: str | None = None) -> Self:
        """By the pod's service account, else by the kubeconfig."""
        try:
            config.load_incluster_config()
        except ConfigException:
            config.load_kube_config()
        return cls(client.ApiClient(), namespace)

    def list(self, kind: Kind) -> Iterator[ClusterObject]:
        """All objects of a kind, page by page."""
        following: str | None = None
        while following != "":
            with _own_errors(f"list {kind}"):
                page = self._page(kind, following)
            yield from (ClusterObject.of(kind, document) for document in parts(page, "items"))
            following = str(part(page, "metadata").get("continue") or "")

    def _page(self, kind: Kind, following: str | None) -> Document:
        group, version, plural = RESOURCES[kind]
        options: dict[str, Any] = {"limit": PAGE, "_continue": following, "label_selector": _SELECTORS.get(kind)}
        options["_request_timeout"] = REQUEST_SECONDS
        if self._namespace is None:
            return cast("Document", self._objects.list_cluster_custom_object(group, version, plural, **options))
        found = self._objects.list_namespaced_custom_object(group, version, self._namespace, plural, **options)
        return cast("Document", found)

    def get(self, kind: Kind, namespace: str, name: str) -> ClusterObject | None:
        """An object, `None` where it is not there."""
        try:
            with _own_errors(f"get {kind} {name}"):
                found = self._objects.get_namespaced_custom_object(
                    *_where(kind, namespace), name, _request_timeout=REQUEST_SECONDS
                )
        except GoneError:
            return None
        return _object(kind, found)

    def create(self, kind: Kind, namespace: str, manifest: dict[str, Any]) -> ClusterObject:
        """Make an object.

        Raises:
            ConflictError: The name is taken.
        """
        with _own_errors(f"create {kind} {part(manifest, 'metadata').get('name')}"):
            made = self._objects.create_namespaced_custom_object(
                *_where(kind, namespace), manifest, _request_timeout=REQUEST_SECONDS
            )
        return _object(kind, made)

    def patch(self, kind: Kind, namespace: str, name: str, patch: dict[str, Any]) -> ClusterObject:
        """Merge a patch into an object."""
        with _own_errors(f"patch {kind} {name}"):
            patched = self._objects.patch_namespaced_custom_object(
                *_where(kind, namespace), name, patch, _request_timeout=REQUEST_SECONDS
            )
        return _object(kind, patched)

    def patch_status(self, of: ClusterObject, patch: dict[str, Any]) -> ClusterObject:
        """Merge a patch into an object's status, if it is still the same object."""
        body = {"metadata": {"uid": of.uid}, "status": patch}
        with _own_errors(f"patch status of {of.kind} {of.name}"):
            patched = self._objects.patch_namespaced_custom_object_status(
                *_where(of.kind, of.namespace), of.name, body, _request_timeout=REQUEST_SECONDS
            )
        return _object(of.kind, patched)

    def secret(self, namespace: str, name: str) -> dict[str, str]:
        """A Secret's values by key.

        Raises:
            GoneError: It is not there.
            DeniedError: The operator may not read it.
        """
        with _own_errors(f"get Secret {name}"):
            secret = self._core.read_namespaced_secret(name, namespace, _request_timeout=REQUEST_SECONDS)
        data = cast("dict[str, str]", secret.data or {})
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def image_of(self, namespace: str, deployment: str) -> str | None:
        """The image of a Deployment's first container."""
        with _own_errors(f"get Deployment {deployment}"):
            found = self._objects.get_namespaced_custom_object(
                "apps", "v1", namespace, "deployments", deployment, _request_timeout=REQUEST_SECONDS
            )
        containers = parts(cast("Document", found), "spec", "template", "spec", "containers")
        return str(containers[0]["image"]) if containers else None

    def post(self, about: ClusterObject, event: EventToPost) -> None:
        """Post an Event about an object; one that cannot be posted is only logged, the status says the same."""
        body = _event(about, event)
        try:
            with _own_errors(f"post Event {event.reason}"):
                self._objects.create_namespaced_custom_object(
                    "events.k8s.io", "v1", about.namespace, "events", body, _request_timeout=REQUEST_SECONDS
                )
        except ClusterError as error:
            logger.info("%s", error)


def _event(about: ClusterObject, event: EventToPost) -> dict[str, Any]:
    return {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"name": f"{about.name[:200]}.{uuid.uuid4().hex[:16]}", "namespace": about.namespace},
        "eventTime": now().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "reportingController": f"{GROUP}/operator",
        "reportingInstance": "process-batch-operator",
        "action": "Reconcile",
        "reason": event.reason,
        "type": event.kind,
        "note": event.message[:1000],
        "regarding": {
            "apiVersion": about.content.get("apiVersion", API_VERSION),
            "kind": about.kind.value,
            "name": about.name,
            "namespace": about.namespace,
            "uid": about.uid,
        },
    }


def _object(kind: Kind, document: object) -> ClusterObject:
    return ClusterObject.of(kind, cast("Document", document))


def _where(kind: Kind, namespace: str) -> tuple[str, str, str, str]:
    group, version, plural = RESOURCES[kind]
    return group, version, namespace, plural
