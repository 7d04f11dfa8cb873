"""From a ProcessEngine's spec to its database: the operator reads the Secret, a worker gets it mounted."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import URL, Engine

from batch_operator.controller.cluster import Cluster, DeniedError, GoneError
from batch_operator.controller.jobs import SecretFile, WorkerTemplate
from batch_operator.controller.problems import EngineProblemError
from batch_operator.lifecycle.conditions import Reason
from batch_operator.lifecycle.observed import Problem
from batch_operator.resources.engine import ProcessEngineSpec, SecretKeyRef
from process_engine.database import connect, database_url
from process_engine.errors import InvalidDatabaseUrlError

CONNECT_SECONDS = 10


@dataclass(frozen=True)
class _Use:
    """A key of a Secret, where the spec names it, and how a worker gets it."""

    field: str
    reference: SecretKeyRef
    variable: str
    path: str


def _uses(spec: ProcessEngineSpec) -> Iterator[_Use]:
    database = spec.database
    if database.url_from is not None:
        yield _Use("urlFrom", database.url_from.secret_key_ref, "PROCESS_BATCH_DATABASE_URL_FILE", "url")
    if database.username_from is not None:
        reference = database.username_from.secret_key_ref
        yield _Use("usernameFrom", reference, "PROCESS_BATCH_DATABASE_USERNAME_FILE", "username")
    if database.password_from is not None:
        reference = database.password_from.secret_key_ref
        yield _Use("passwordFrom", reference, "PROCESS_BATCH_DATABASE_PASSWORD_FILE", "password")


def database_of(spec: ProcessEngineSpec, namespace: str, cluster: Cluster) -> Engine:
    """A pool of connections with the credentials as they are now; nothing is opened yet.

    Raises:
        EngineProblemError: A Secret or key is not there, or may not be read.
        InvalidDatabaseUrlError: The URL is not allowed.
    """
    values = {use.path: _value(cluster, namespace, use) for use in _uses(spec)}
    url = database_url(values["url"]) if "url" in values else _url(spec, values)
    if url.get_backend_name() != "postgresql":
        raise InvalidDatabaseUrlError(f"The database URL has driver {url.drivername!r}; only postgresql is allowed")
    return connect(url.update_query_dict({"connect_timeout": url.query.get("connect_timeout", str(CONNECT_SECONDS))}))


def _value(cluster: Cluster, namespace: str, use: _Use) -> str:
    field = f"spec.database.{use.field}.secretKeyRef"
    name, key = use.reference.name, use.reference.key
    try:
        values = cluster.secret(namespace, name)
    except GoneError:
        raise _missing(f"{field}.name {name!r}: no such Secret in namespace {namespace}") from None
    except DeniedError:
        raise _missing(
            f"{field}.name {name!r}: the operator may not read this Secret; deploy/engine-access shows how to let it"
        ) from None
    if key not in values:
        raise _missing(f"{field}.key {key!r}: Secret {name} has no such key")
    return values[key].strip()


def _missing(message: str) -> EngineProblemError:
    return EngineProblemError(Problem(Reason.SECRET_NOT_FOUND, message))


def _url(spec: ProcessEngineSpec, values: dict[str, str]) -> URL:
    database = spec.database
    return URL.create(
        "postgresql+psycopg",
        username=values.get("username"),
        password=values.get("password"),
        host=database.host,
        port=database.port,
        database=database.name,
    )


def worker_template(spec: ProcessEngineSpec, image: str) -> WorkerTemplate:
    """What a ProcessEngine says about its workers; `image` where it names none."""
    worker, database = spec.worker, spec.database
    plain = {
        "PROCESS_BATCH_LEDGER_SCHEMA": spec.ledger.schema_name,
        "PROCESS_BATCH_DATABASE_HOST": database.host,
        "PROCESS_BATCH_DATABASE_PORT": str(database.port or 5432) if database.host else None,
        "PROCESS_BATCH_DATABASE_NAME": database.name,
    }
    given = worker.model_dump(mode="json", by_alias=True)
    return WorkerTemplate(
        image=worker.image or image,
        environment={name: value for name, value in plain.items() if value},
        files=[SecretFile(use.variable, use.reference.name, use.reference.key, use.path) for use in _uses(spec)],
        resources=given.get("resources"),
        pod={name: given[name] for name in _POD_FIELDS if name in given},
        labels=given.get("podLabels") or {},
        annotations=given.get("podAnnotations") or {},
    )


_POD_FIELDS = ("imagePullSecrets", "serviceAccountName", "nodeSelector", "tolerations", "priorityClassName")
