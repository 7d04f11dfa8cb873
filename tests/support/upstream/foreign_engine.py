"""Answers the requests of the upstream tests by our engine's synchronous methods (tests/upstream/README.md)."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, TextIO

from sqlalchemy import Column, Engine, select
from sqlalchemy.engine import make_url

from process_engine.clock import Clock
from process_engine.configuration import EngineConfiguration, RemovalTimeStrategy
from process_engine.database import connect, in_values
from process_engine.engine import UNSET, ProcessEngine
from process_engine.errors import (
    BadUserRequestError,
    JvmCodeError,
    NotFoundError,
    NotValidError,
    NullValueError,
    OptimisticLockingError,
    ProcessEngineError,
)
from process_engine.history_level import HistoryLevel
from process_engine.host import NAMED_BY
from process_engine.operations.migration.on_trees.validation import (
    InstanceReport,
    MigratingProcessInstanceValidationError,
)
from process_engine.operations.migration.plan import MigrationInstruction, MigrationPlan
from process_engine.schema.history import act_hi_procinst
from process_engine.schema.runtime import act_ru_execution
from process_engine.schema.runtime_jobs import act_ru_ext_task, act_ru_job
from process_engine.typed_values import TypedValue
from support.upstream.catalogue import called

Json = Mapping[str, Any]

JAVA_TYPES = {
    NullValueError: "NullValueException",
    NotFoundError: "NotFoundException",
    MigratingProcessInstanceValidationError: "MigratingProcessInstanceValidationException",
    NotValidError: "NotValidException",
    BadUserRequestError: "BadUserRequestException",
    OptimisticLockingError: "OptimisticLockingException",
    ProcessEngineError: "ProcessEngineException",
}
AUTHORIZATION = "authorization checks come later"
TENANTS = "tenant checks come later"


class UnsupportedError(Exception):
    """Our engine does not do this yet."""


@dataclass(frozen=True)
class Call:
    """A request, with the engine it is for.

    Attributes:
        engine: Ours, on the request's database at the request's time.
        arguments: Of the operation.
        user_id: In whose name the operation is logged.
    """

    engine: ProcessEngine
    arguments: Json
    user_id: str | None


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer until the requests end."""
    for line in requests:
        print(json.dumps(answer(json.loads(line))), file=answers, flush=True)


def answer(request: Json) -> Json:
    """The answer to one request, its transaction being over."""
    try:
        _operation(request)(_call(request))
    except UnsupportedError as why:
        return {"unsupported": str(why)}
    except JvmCodeError as error:
        return {"unsupported": str(error)}
    except ProcessEngineError as error:
        java_type = next(name for kind, name in JAVA_TYPES.items() if isinstance(error, kind))
        report = {"report": _report(error)} if isinstance(error, MigratingProcessInstanceValidationError) else {}
        return {"error": {"type": java_type, "message": str(error)} | report}
    return {"ok": None}


def _report(error: MigratingProcessInstanceValidationError) -> Json:
    return {
        "process_instance_id": error.process_instance_id,
        "failures": error.failures,
        "activity_instances": [_part("activity_instance_id", each) for each in error.activity_instances],
        "transition_instances": [_part("transition_instance_id", each) for each in error.transition_instances],
    }


def _part(id_name: str, of: InstanceReport) -> Json:
    return {id_name: of.id, "source_scope_id": of.source_scope_id, "failures": of.failures}


def _operation(request: Json) -> Callable[[Call], None]:
    try:
        return OPERATIONS[request["operation"]]
    except KeyError as name:
        raise UnsupportedError(f"operation {name} comes later") from None


def _call(request: Json) -> Call:
    engine = _engine(request)
    _refuse_checks(request, engine)
    authentication = request["authentication"] or {}
    writes_log = request["context"]["user_operation_log"] and request["arguments"].get("write_operation_log", True)
    if not writes_log:
        # Without a user and restricted to users, our engine writes none.
        configuration = replace(engine.configuration, restrict_user_operation_log_to_authenticated_users=True)
        return Call(replace(engine, configuration=configuration), request["arguments"], None)
    return Call(engine, request["arguments"], authentication.get("user_id"))


def _refuse_checks(request: Json, engine: ProcessEngine) -> None:
    """Where the Java engine would check what a user may do, we cannot answer yet."""
    authentication, context = request["authentication"], request["context"]
    if authentication is None:
        return
    if context["authorization_check"]:
        raise UnsupportedError(AUTHORIZATION)
    if context["tenant_check"] and _tenants(request, engine) - {None, *(authentication["tenant_ids"] or ())}:
        raise UnsupportedError(TENANTS)


def _tenants(request: Json, engine: ProcessEngine) -> set[str | None]:
    """The tenants of what the request names."""
    arguments = request["arguments"]
    columns: list[tuple[Column[Any], Column[Any], str]] = {
        "cancellation": [(act_ru_execution.c.id_, act_ru_execution.c.tenant_id_, "process_instance_ids")],
        "job-retries": [
            (act_ru_job.c.id_, act_ru_job.c.tenant_id_, "job_ids"),
            (act_ru_job.c.id_, act_ru_job.c.tenant_id_, "job_id"),
            (act_ru_job.c.job_def_id_, act_ru_job.c.tenant_id_, "job_definition_id"),
        ],
        "external-task-retries": [
            (act_ru_ext_task.c.id_, act_ru_ext_task.c.tenant_id_, "external_task_ids"),
            (act_ru_ext_task.c.proc_inst_id_, act_ru_ext_task.c.tenant_id_, "process_instance_ids"),
        ],
        "migration": [(act_ru_execution.c.id_, act_ru_execution.c.tenant_id_, "process_instance_ids")],
        "historic-deletion": [(act_hi_procinst.c.id_, act_hi_procinst.c.tenant_id_, "process_instance_ids")],
    }[request["operation"]]
    found: set[str | None] = set()
    with engine.database.connect() as connection:
        for identity, tenant, name in columns:
            given = arguments.get(name) or ()
            values = [given] if isinstance(given, str) else [each for each in given if each is not None]
            found |= set(connection.scalars(select(tenant).where(in_values(identity, values)).distinct()))
    return found


def _engine(request: Json) -> ProcessEngine:
    described = request["engine"]
    if extensions := called(described["extensions"], [request["operation"]]):
        raise UnsupportedError(f"extensions of the engine: {', '.join(sorted(extensions))}")
    levels = {level.name.lower(): level for level in HistoryLevel}
    if described["history_level"] not in levels:
        raise UnsupportedError(f"history level {described['history_level']}")
    os.environ[NAMED_BY] = described["host_name"]
    database = request["database"]
    attached = _attached(database["jdbc_url"], database["user"], database["password"])
    clock = Clock(request["time_zone"], lambda: datetime.fromtimestamp(request["now_ms"] / 1000, UTC))
    # Tests run several engines with different history levels on one database; which one asks is in the request alone.
    facts = replace(attached.facts, history_level=levels[described["history_level"]])
    return ProcessEngine(attached.database, _configuration(request), facts, clock)


def _configuration(request: Json) -> EngineConfiguration:
    described, context = request["engine"], request["context"]
    return EngineConfiguration(
        time_zone=request["time_zone"],
        history_removal_time_strategy=RemovalTimeStrategy[described["history_removal_time_strategy"].upper()],
        ensure_job_due_date_not_null=described["ensure_job_due_date_not_null"],
        create_incident_on_failed_job=described["create_incident_on_failed_job"],
        restrict_user_operation_log_to_authenticated_users=context["user_operation_log_needs_user"],
        authorization_enabled=context["authorization_check"],
        skip_output_mapping_on_canceled_activities=described["skip_output_mapping_on_canceled_activities"],
        default_serialization_format=described["default_serialization_format"],
    )


@cache
def _database(jdbc_url: str, user: str, password: str) -> Engine:
    url = make_url(jdbc_url.removeprefix("jdbc:")).set(username=user, password=password or None)
    return connect(url.render_as_string(hide_password=False))


@cache
def _attached(jdbc_url: str, user: str, password: str) -> ProcessEngine:
    return ProcessEngine.attach(_database(jdbc_url, user, password))


def _set_job_retries(call: Call) -> None:
    given, due_date = call.arguments, UNSET
    if given["due_date_set"]:
        milliseconds = given["due_date_ms"]
        moment = None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
        due_date = None if moment is None else call.engine.clock.local(moment)
    call.engine.management.set_job_retries(
        given["retries"],
        job_ids=given["job_ids"],
        job_id=given["job_id"],
        job_definition_id=given["job_definition_id"],
        due_date=due_date,
        user_id=call.user_id,
    )


def _set_external_task_retries(call: Call) -> None:
    given, tasks = call.arguments, call.engine.external_tasks
    if given["single"]:
        (task_id,) = given["external_task_ids"]
        tasks.set_retries_of_one(task_id, given["retries"], user_id=call.user_id)
        return
    ids = [*(given["external_task_ids"] or ()), *(given["query_external_task_ids"] or ())]
    ids += _external_tasks_of(call)
    tasks.set_retries(ids, given["retries"], user_id=call.user_id)


def _external_tasks_of(call: Call) -> list[str]:
    given = call.arguments
    instances = [*(given["process_instance_ids"] or ()), *(given["query_process_instance_ids"] or ())]
    if None in instances:
        raise BadUserRequestError("Process instance id cannot be null: processInstanceIds contains null value")
    if not instances:
        return []
    with call.engine.database.connect() as connection:
        return list(
            connection.scalars(
                select(act_ru_ext_task.c.id_).where(in_values(act_ru_ext_task.c.proc_inst_id_, instances))
            )
        )


def _delete_historic_process_instances(call: Call) -> None:
    call.engine.history.delete_historic_process_instances(
        call.arguments["process_instance_ids"],
        fail_if_not_exists=call.arguments["fail_if_not_exists"],
        user_id=call.user_id,
    )


def _delete_process_instances(call: Call) -> None:
    given = call.arguments
    call.engine.runtime.delete_process_instances(
        given["process_instance_ids"],
        given["delete_reason"],
        skip_custom_listeners=given["skip_custom_listeners"],
        skip_io_mappings=given["skip_io_mappings"],
        skip_subprocesses=given["skip_subprocesses"],
        externally_terminated=given["externally_terminated"],
        fail_if_not_exists=given["fail_if_not_exists"],
        user_id=call.user_id,
    )


def _migrate(call: Call) -> None:
    given = call.arguments
    call.engine.runtime.migrate(
        _plan(given["plan"]),
        _united(given["process_instance_ids"], given["query_process_instance_ids"]),
        skip_custom_listeners=given["skip_custom_listeners"],
        skip_io_mappings=given["skip_io_mappings"],
        user_id=call.user_id,
    )


def _united(*lists: list[str] | None) -> list[str] | None:
    return None if all(each is None for each in lists) else [id_ for each in lists for id_ in each or ()]


def _plan(given: Json | None) -> MigrationPlan | None:
    if given is None:
        return None
    instructions = [
        MigrationInstruction(each["source_activity_id"], each["target_activity_id"], each["update_event_trigger"])
        for each in given["instructions"]
    ]
    variables = (
        None
        if given["variables"] is None
        else {name: _typed_value(columns) for name, columns in given["variables"].items()}
    )
    ends = given["source_process_definition_id"], given["target_process_definition_id"]
    return MigrationPlan(*ends, tuple(instructions), variables)


def _typed_value(columns: Json) -> TypedValue:
    """A value as a client would give it, from the columns that the Java engine would write."""
    kind, data = columns.get("serializer"), columns.get("bytes")
    if kind is None:
        raise UnsupportedError("a variable that is not serialized")
    if "serialization_format" in columns:
        info = {
            "serializationDataFormat": columns["serialization_format"],
            "objectTypeName": columns["object_type_name"],
        }
        return TypedValue(value=data, type="Object", value_info=info)
    value = {"string": columns["text"], "double": columns["double"], "bytes": data}.get(kind, columns["long"])
    if kind == "boolean":
        value = bool(value)
    if kind == "date" and value is not None:
        value = datetime.fromtimestamp(value / 1000, UTC)
    return TypedValue(value=value, type=kind, value_info={"transient": str(columns["transient"])})


OPERATIONS: Mapping[str, Callable[[Call], None]] = {
    "cancellation": _delete_process_instances,
    "job-retries": _set_job_retries,
    "external-task-retries": _set_external_task_retries,
    "historic-deletion": _delete_historic_process_instances,
    "migration": _migrate,
}
