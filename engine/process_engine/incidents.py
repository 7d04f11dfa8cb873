"""Incidents of failed jobs and external tasks: made, resolved, and carried up the chain of callers.

An incident of a called instance has a copy on the caller's execution, and so on upwards; each copy names the one below
as its cause and the original as its root cause. An execution's CACHED_ENT_STATE_ says whether it has any; its revision
is bumped when, and only when, that changes.

Source: DefaultIncidentHandler, IncidentEntity#createRecursiveIncidents, IncidentEntity#remove, ExecutionEntity.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from functools import cache
from typing import Any

from sqlalchemy import Column, Integer, String, bindparam, delete, func, literal, select, update
from sqlalchemy.sql.dml import ReturningDelete

from process_engine.database import NOW, in_parameter, in_subquery, in_values, row_values, values_parameter
from process_engine.executions import INCIDENT_BIT, LockedExecution, load_executions
from process_engine.insertion import insert_rows
from process_engine.removal_time import removal_times
from process_engine.revisions import update_each
from process_engine.schema.history import act_hi_incident
from process_engine.schema.history_logs import act_hi_batch
from process_engine.schema.repository import act_re_procdef
from process_engine.schema.runtime import act_ru_execution, act_ru_incident
from process_engine.schema.runtime_jobs import act_ru_jobdef
from process_engine.transaction import Transaction

CACHED_STATE = {"cached_ent_state_": Integer()}


class IncidentState(IntEnum):
    """INCIDENT_STATE_ of ACT_HI_INCIDENT."""

    OPEN = 0
    RESOLVED = 1
    DELETED = 2


@dataclass(frozen=True, kw_only=True)
class NewIncident:
    """An incident to be made; id, causes and process instance are filled in on the way."""

    configuration: str | None
    execution_id: str | None
    activity_id: str | None
    failed_activity_id: str | None
    process_definition_id: str | None
    tenant_id: str | None
    job_definition_id: str | None = None
    message: str | None = None
    history_configuration: str | None = None
    id: str = ""
    cause_id: str = ""
    root_cause_id: str = ""
    process_instance_id: str | None = None
    root_process_instance_id: str | None = None


# ---------------------------------------------------------------- creation


def create_incidents(transaction: Transaction, incident_type: str, incidents: Sequence[NewIncident]) -> None:
    """Insert incidents, their copies on all callers, and their history."""
    made: list[NewIncident] = []
    level = [_named(transaction, incident) for incident in incidents]
    executions = load_executions(transaction, (incident.execution_id for incident in level))
    while level:
        placed = [_placed(incident, executions.get(incident.execution_id)) for incident in level]
        made += placed
        _mark(transaction, executions.values())
        callers = load_executions(transaction, (execution.super_execution_id for execution in executions.values()))
        level = _copies_on_callers(transaction, placed, executions, callers)
        executions = callers
    _insert(transaction, incident_type, made)


def _named(transaction: Transaction, incident: NewIncident) -> NewIncident:
    new_id = transaction.new_id()
    return replace(incident, id=new_id, cause_id=new_id, root_cause_id=new_id)


def _placed(incident: NewIncident, execution: LockedExecution | None) -> NewIncident:
    if execution is None:
        return replace(incident, execution_id=None)
    return replace(
        incident, process_instance_id=execution.process_instance_id, root_process_instance_id=execution.root_id
    )


def _copies_on_callers(
    transaction: Transaction,
    incidents: Iterable[NewIncident],
    executions: Mapping[str | None, LockedExecution],
    callers: Mapping[str | None, LockedExecution],
) -> list[NewIncident]:
    calls = {i: e.super_execution_id for i in incidents if (e := executions.get(i.execution_id)) is not None}
    return [
        NewIncident(
            id=transaction.new_id(),
            cause_id=incident.id,
            root_cause_id=incident.root_cause_id,
            configuration=None,
            execution_id=caller.id,
            activity_id=caller.activity_id,
            failed_activity_id=caller.activity_id,
            process_definition_id=caller.process_definition_id,
            tenant_id=caller.tenant_id,
        )
        for incident, caller_id in calls.items()
        if (caller := callers.get(caller_id)) is not None
    ]


def _mark(transaction: Transaction, executions: Iterable[LockedExecution]) -> None:
    marked = [
        (e.id, e.revision, e.cached_entity_state | INCIDENT_BIT)
        for e in executions
        if not e.cached_entity_state & INCIDENT_BIT
    ]
    update_each(transaction.connection, act_ru_execution, CACHED_STATE, marked)


def _insert(transaction: Transaction, incident_type: str, incidents: Sequence[NewIncident]) -> None:
    rows = [_runtime_row(transaction.now, incident_type, incident) for incident in incidents]
    insert_rows(transaction.connection, act_ru_incident, rows)
    if transaction.history_level.keeps_logs:
        insert_rows(transaction.connection, act_hi_incident, _history_rows(transaction, incident_type, incidents))


def _runtime_row(now: datetime, incident_type: str, incident: NewIncident) -> dict[str, Any]:
    return _shared_columns(incident) | {
        "rev_": 1,
        "incident_timestamp_": now,
        "incident_type_": incident_type,
    }


def _shared_columns(incident: NewIncident) -> dict[str, Any]:
    return {
        "id_": incident.id,
        "incident_msg_": incident.message,
        "execution_id_": incident.execution_id,
        "activity_id_": incident.activity_id,
        "failed_activity_id_": incident.failed_activity_id,
        "proc_inst_id_": incident.process_instance_id,
        "proc_def_id_": incident.process_definition_id,
        "cause_incident_id_": incident.cause_id,
        "root_cause_incident_id_": incident.root_cause_id,
        "configuration_": incident.configuration,
        "tenant_id_": incident.tenant_id,
        "job_def_id_": incident.job_definition_id,
    }


def _history_rows(
    transaction: Transaction, incident_type: str, incidents: Sequence[NewIncident]
) -> list[dict[str, Any]]:
    keys = _definition_keys(transaction, {i.process_definition_id for i in incidents})
    removal = removal_times(transaction, {i.root_process_instance_id for i in incidents})
    of_batches = _batch_removal_times(transaction, incidents)
    return [
        _shared_columns(incident)
        | {
            "proc_def_key_": keys.get(incident.process_definition_id),
            "root_proc_inst_id_": incident.root_process_instance_id,
            "create_time_": transaction.now,
            "incident_type_": incident_type,
            "history_configuration_": incident.history_configuration,
            "incident_state_": IncidentState.OPEN.value,
            "removal_time_": removal.get(incident.root_process_instance_id, of_batches.get(incident.job_definition_id)),
        }
        for incident in incidents
    ]


def _definition_keys(transaction: Transaction, ids: Iterable[str | None]) -> dict[str | None, str]:
    table = act_re_procdef.c
    query = select(table.id_, table.key_).where(in_values(table.id_, {id_ for id_ in ids if id_ is not None}))
    return {row.id_: row.key_ for row in transaction.connection.execute(query).all()}


def _batch_removal_times(
    transaction: Transaction, incidents: Iterable[NewIncident]
) -> dict[str | None, datetime | None]:
    """By job definition, for the jobs of the engine's own batches, which have no execution."""
    definitions = {i.job_definition_id for i in incidents if i.execution_id is None and i.job_definition_id}
    if not definitions or not transaction.removal_time_at_start:
        return {}
    query = (
        select(act_ru_jobdef.c.id_, act_hi_batch.c.removal_time_)
        .join_from(act_ru_jobdef, act_hi_batch, act_hi_batch.c.id_ == act_ru_jobdef.c.job_configuration_)
        .where(in_values(act_ru_jobdef.c.id_, definitions))
    )
    return {row.id_: row.removal_time_ for row in transaction.connection.execute(query).all()}


# ---------------------------------------------------------------- the end


def end_incidents_of(
    transaction: Transaction, configurations: Sequence[str], state: IncidentState, saved: Sequence[str] = ()
) -> None:
    """End the incidents of jobs or external tasks and their copies on all callers.

    Args:
        transaction: The caller commits.
        configurations: Ids of the jobs or external tasks.
        state: How they end.
        saved: Executions which the caller saves itself, bits and all.
    """
    if configurations:
        _end(transaction, act_ru_incident.c.configuration_, configurations, state, but=saved)


def delete_incidents(transaction: Transaction, execution_ids: Sequence[str]) -> None:
    """Delete the incidents of executions that are about to go, and their copies on all callers."""
    if execution_ids:
        _end(transaction, act_ru_incident.c.execution_id_, execution_ids, IncidentState.DELETED, but=execution_ids)


def _end(
    transaction: Transaction, owner: Column[Any], ids: Sequence[str], state: IncidentState, but: Sequence[str] = ()
) -> None:
    rows = transaction.connection.execute(_deleted_with_copies(owner), {"ids": ids}).all()
    _close_history(transaction, [(row.id_, row.execution_id_) for row in rows], state)
    _unmark(transaction, {row.execution_id_ for row in rows if row.execution_id_ is not None}.difference(but))


@cache
def _deleted_with_copies(owner: Column[Any]) -> ReturningDelete[Any, Any]:
    """Read and delete in one statement, so that no revision can change in between."""
    # DELETE FROM act_ru_incident WHERE id_ IN (WITH RECURSIVE chain AS (SELECT … WHERE configuration_ = ANY(:ids)
    #   UNION ALL SELECT copy … FROM act_ru_incident copy JOIN chain ON copy.cause_incident_id_ = chain.id_) …)
    table = act_ru_incident.c
    chain = select(table.id_).where(in_parameter(owner)).cte("chain", recursive=True)
    copy = act_ru_incident.alias("copy").c
    above = select(copy.id_).where(copy.cause_incident_id_ == chain.c.id_, copy.id_ != chain.c.id_)
    found = in_subquery(table.id_, select(chain.union_all(above).c.id_))
    return delete(act_ru_incident).where(found).returning(table.id_, table.execution_id_)


ENDED_TYPES = {"id": String(), "execution": String()}
_ended = values_parameter(ENDED_TYPES).c
CLOSED = (
    update(act_hi_incident)
    .where(act_hi_incident.c.id_ == _ended.id)
    .values(end_time_=NOW, incident_state_=bindparam("state"), execution_id_=_ended.execution)
)


def _close_history(transaction: Transaction, incidents: Sequence[tuple[str, str | None]], state: IncidentState) -> None:
    """End incidents in the history, on the execution where they were last: it may have moved since they began."""
    if not incidents or not transaction.history_level.keeps_logs:
        return
    values = row_values(transaction.connection, ENDED_TYPES, incidents)
    transaction.connection.execute(CLOSED, values | {"now": transaction.now, "state": state.value})


_execution = act_ru_execution.c
_marked = in_parameter(_execution.id_) & (_execution.cached_ent_state_.op("&")(INCIDENT_BIT) != 0)
MARKED = select(func.count()).select_from(
    select(_execution.id_).where(_marked).order_by(_execution.id_).with_for_update().subquery()
)
UNMARKED = (
    update(act_ru_execution)
    .where(_marked, ~select(literal(1)).where(act_ru_incident.c.execution_id_ == _execution.id_).exists())
    .values(rev_=_execution.rev_ + 1, cached_ent_state_=_execution.cached_ent_state_.op("&")(~INCIDENT_BIT))
)


def _unmark(transaction: Transaction, execution_ids: Iterable[str]) -> None:
    """Clear the incident bit of the executions that have no incident left.

    They are locked in a statement of their own before: an incident that another transaction is making holds its
    execution, and is seen by the statement after that. What is locked needs no comparison of revisions.
    """
    if ids := sorted(execution_ids):
        transaction.connection.execute(MARKED, {"ids": ids})
        transaction.connection.execute(UNMARKED, {"ids": ids})


# ---------------------------------------------------------------- those that are there


def with_incident(transaction: Transaction, incident_type: str, configurations: Iterable[str]) -> dict[str, list[str]]:
    """Ids of the open incidents of a type, by configuration (job id, external task id)."""
    table = act_ru_incident.c
    query = select(table.configuration_, table.id_).where(
        in_values(table.configuration_, configurations), table.incident_type_ == incident_type
    )
    found: dict[str, list[str]] = {}
    for configuration, id_ in transaction.connection.execute(query):
        found.setdefault(configuration or "", []).append(id_)
    return found
