"""A scenario's operation by our engine: by the synchronous method, or as a Batch through `process-batch run`."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, delete, insert

from process_engine.clock import FIXED_BY, Clock
from process_engine.configuration import EngineConfiguration, RemovalTimeStrategy
from process_engine.database import connect
from process_engine.engine import UNSET, ProcessEngine
from process_engine.errors import ProcessEngineError
from process_engine.operations.migration.plan import MigrationPlan
from process_engine.schema import creation
from process_engine.schema.metadata import metadata
from process_engine.typed_values import TypedValue
from support.peer.oracle import Snapshot
from support.peer.scenarios import Scenario

APPLIED = "2030-01-02T10:00:00Z"
"""When operations are applied; the Java program's T_APPLY."""

FACTS = {
    "timeZone": "time_zone",
    "historyRemovalTimeStrategy": "history_removal_time_strategy",
    "skipOutputMappingOnCanceledActivities": "skip_output_mapping_on_canceled_activities",
    "defaultSerializationFormat": "default_serialization_format",
    "ensureJobDueDateNotNull": "ensure_job_due_date_not_null",
    "createIncidentOnFailedJob": "create_incident_on_failed_job",
    "restrictUserOperationLogToAuthenticatedUsers": "restrict_user_operation_log_to_authenticated_users",
    "authorizationEnabled": "authorization_enabled",
}
"""Settings of a scenario's engine; `history`, the one that is not here, stands in the database."""
NOT_IN_MANIFESTS = {"authorizationEnabled"}
OWN_KIND = {
    "cancellation": "processInstances",
    "historicDeletion": "processInstances",
    "jobRetries": "jobs",
    "externalTaskRetries": "externalTasks",
    "migration": "processInstances",
}
OPTIONS = ("deleteReason", "skipCustomListeners", "skipIoMappings", "skipSubprocesses", "retries", "dueDate")
OWN_QUERY = OWN_KIND | {"historicDeletion": "historicProcessInstances"}


def attach(database: Engine, settings: Mapping[str, Any]) -> ProcessEngine:
    """Our engine, told the same as the Java engine, at the time at which operations are applied."""
    facts = {FACTS[name]: value for name, value in settings.items() if name in FACTS}
    if (strategy := facts.get("history_removal_time_strategy")) is not None:
        facts["history_removal_time_strategy"] = RemovalTimeStrategy(strategy)
    configuration = EngineConfiguration(**facts)
    clock = Clock(configuration.time_zone, lambda: datetime.fromisoformat(APPLIED))
    return ProcessEngine.attach(database, configuration, clock)


def apply(snapshot: Snapshot, database: Engine) -> ProcessEngineError | None:
    """Run the operation by its synchronous method; the error it ended with, if it did."""
    engine, operation = attach(database, snapshot.scenario.engine), snapshot.operation
    try:
        SYNCHRONOUSLY[operation["type"]](engine, operation)
    except ProcessEngineError as error:
        return error
    return None


def _cancel(engine: ProcessEngine, operation: dict[str, Any]) -> None:
    engine.runtime.delete_process_instances(
        operation.get("items"),
        operation.get("deleteReason"),
        skip_custom_listeners=operation.get("skipCustomListeners", False),
        skip_io_mappings=operation.get("skipIoMappings", False),
        skip_subprocesses=operation.get("skipSubprocesses", False),
        externally_terminated=True,  # as all batches do, and as the Java program calls the Java engine's method
        user_id=operation.get("user"),
    )


def _delete_history(engine: ProcessEngine, operation: dict[str, Any]) -> None:
    must_exist = not operation.get("ifExists", False)
    engine.history.delete_historic_process_instances(
        operation.get("items"), fail_if_not_exists=must_exist, user_id=operation.get("user")
    )


def _set_job_retries(engine: ProcessEngine, operation: Mapping[str, Any]) -> None:
    due_date: Any = UNSET
    if "dueDate" in operation:
        given = operation["dueDate"]
        due_date = engine.clock.local(datetime.fromisoformat(given)) if given else None
    engine.management.set_job_retries(
        operation["retries"], **_jobs(operation), due_date=due_date, user_id=operation.get("user")
    )


def _jobs(operation: Mapping[str, Any]) -> dict[str, Any]:
    if "jobDefinitionId" in operation:
        return {"job_definition_id": operation["jobDefinitionId"]}
    return {"job_id": operation["items"][0]} if operation.get("single") else {"job_ids": operation["items"]}


def _set_external_task_retries(engine: ProcessEngine, operation: dict[str, Any]) -> None:
    items, retries, user_id = operation.get("items"), operation["retries"], operation.get("user")
    if operation.get("single"):
        engine.external_tasks.set_retries_of_one(items[0], retries, user_id=user_id)
    else:
        engine.external_tasks.set_retries(items, retries, user_id=user_id)


def _migrate(engine: ProcessEngine, operation: dict[str, Any]) -> None:
    engine.runtime.migrate(
        plan_of(engine, operation["plan"]),
        operation.get("items"),
        skip_custom_listeners=operation.get("skipCustomListeners", False),
        skip_io_mappings=operation.get("skipIoMappings", False),
        user_id=operation.get("user"),
    )


def plan_of(engine: ProcessEngine, plan: Mapping[str, Any]) -> MigrationPlan:
    """A scenario's plan as our engine builds it."""
    builder = engine.runtime.create_migration_plan(plan["sourceProcessDefinitionId"], plan["targetProcessDefinitionId"])
    if plan.get("mapEqualActivities", False):
        builder.map_equal_activities()
        if plan.get("updateEventTriggers", False):
            builder.update_event_triggers()
    for each in plan.get("instructions", ()):
        (source,), (target,) = each["sourceActivityIds"], each["targetActivityIds"]
        builder.map_activities(source, target, update_event_trigger=each.get("updateEventTrigger", False))
    if "variables" in plan:
        builder.set_variables({name: typed(value) for name, value in plan["variables"].items()})
    return builder.build()


TYPES = {bool: "Boolean", int: "Integer", float: "Double", str: "String", type(None): "Null"}


def typed(given: Any) -> TypedValue:
    """A variable of a scenario in the words of the family's REST interface."""
    if not isinstance(given, dict):
        return TypedValue(value=given, type=TYPES[type(given)])
    kind, value = given["type"], given.get("value")
    if kind == "bytes":
        return TypedValue(value=base64.b64encode(value.encode()).decode(), type="Bytes")
    if kind == "transient":
        return TypedValue(value=value, type="String", value_info={"transient": "true"})
    return TypedValue(value=value, type=kind.capitalize())


SYNCHRONOUSLY = {
    "cancellation": _cancel,
    "historicDeletion": _delete_history,
    "jobRetries": _set_job_retries,
    "externalTaskRetries": _set_external_task_retries,
    "migration": _migrate,
}


def embedded_copy(snapshot: Snapshot, file: Path) -> Engine:
    """The snapshot's rows in a SQLite database with our schema."""
    engine = connect(f"sqlite:///{file}")
    creation.create(engine)
    # Rows come table by table, those that reference each other in any order.
    loader = create_engine(f"sqlite:///{file}")
    with loader.begin() as connection, snapshot.server.connect(snapshot.database) as source:
        for table in metadata.sorted_tables:
            connection.execute(delete(table))
            cursor = source.execute(f'select * from "{table.name}"')
            names = [column.name for column in cursor.description or ()]
            if rows := [dict(zip(names, values, strict=True)) for values in cursor]:
                connection.execute(insert(table), rows)
    loader.dispose()
    return engine


# ---------------------------------------------------------------- as a Batch


def has_manifest(scenario: Scenario) -> bool:
    """Whether the operation can be written as a Batch, and what is said of its engine as a ProcessEngine."""
    by_definition = "jobDefinitionId" in scenario.given["operation"]
    return not by_definition and not scenario.only_synchronous and not NOT_IN_MANIFESTS & scenario.engine.keys()


def manifests(snapshot: Snapshot, how: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A ProcessEngine and a Batch; `how` are further members of its spec."""
    facts = {name: value for name, value in snapshot.scenario.engine.items() if name in FACTS}
    name = snapshot.scenario.name
    secret = {"secretKeyRef": {"name": "engine-database", "key": "url"}}
    return [
        _resource(
            "ProcessEngine",
            "default",
            {"database": {"urlFrom": secret}, "engine": {"listenersOutsideModel": "None"} | facts},
        ),
        _resource("Batch", name, _batch_spec(snapshot.operation) | how),
    ]


def _resource(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "process-batch.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def _batch_spec(operation: Mapping[str, Any]) -> dict[str, Any]:
    kind = operation["type"]
    spec: dict[str, Any] = {"operation": {"type": kind[0].upper() + kind[1:], kind: _options(operation)}}
    if ids := _present(operation, {"ids": OWN_KIND[kind], "processInstanceIds": "processInstances"}):
        spec["ids"] = ids
    queries = {
        "query": OWN_QUERY[kind],
        "processInstanceQuery": "processInstances",
        "historicProcessInstanceQuery": "historicProcessInstances",
    }
    if query := _present(operation, queries):
        spec["query"] = query
    return spec | _present(operation, {"user": "userId"})


def _options(operation: Mapping[str, Any]) -> dict[str, Any]:
    options = _present(operation, {name: name for name in OPTIONS})
    if operation["type"] == "migration":
        return options | _plan(operation["plan"])
    return options | ({"dueDate": "None"} if "dueDate" in options and options["dueDate"] is None else {})


def _plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    written = _present(plan, {name: name for name in ("mapEqualActivities", "updateEventTriggers")})
    instructions = [
        {"sourceActivityId": each["sourceActivityIds"][0], "targetActivityId": each["targetActivityIds"][0]}
        | _present(each, {"updateEventTrigger": "updateEventTrigger"})
        for each in plan.get("instructions", ())
    ]
    variables = {
        name: {"value": value.value, "type": value.type, "valueInfo": dict(value.value_info)}
        for name, value in ((name, typed(given)) for name, given in plan.get("variables", {}).items())
    }
    return written | {
        "source": {"id": plan["sourceProcessDefinitionId"]},
        "target": {"id": plan["targetProcessDefinitionId"]},
        "instructions": instructions,
        "variables": variables,
    }


def _present(operation: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {ours: operation[theirs] for theirs, ours in names.items() if theirs in operation}


@dataclass(frozen=True)
class Run:
    """What `process-batch run` ended with.

    Attributes:
        exit_status: Of the program.
        status: Of the Batch, as it printed it.
        told: What it wrote for people.
    """

    exit_status: int
    status: dict[str, Any]
    told: str


def run(snapshot: Snapshot, url: str, file: Path, how: Mapping[str, Any] | None = None) -> Run:
    """Run the operation as a Batch, in a program of its own.

    Args:
        snapshot: Whose operation.
        url: Of a copy of it.
        file: Where the manifests are written.
        how: Further members of the Batch's spec.
    """
    file.write_text("---\n".join(json.dumps(document) + "\n" for document in manifests(snapshot, how or {})))
    program = Path(sys.executable).parent / "process-batch"
    done = subprocess.run(
        [program, "run", "-f", file, "--database-url", url, "-o", "json"],
        capture_output=True,
        text=True,
        env=os.environ | {FIXED_BY: APPLIED},
        check=False,
    )
    lines = done.stdout.splitlines()
    return Run(done.returncode, json.loads(lines[-1])["status"] if lines else {}, done.stderr)
