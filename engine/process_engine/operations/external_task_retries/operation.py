"""Setting the retries of external tasks.

Retries going from 0 up resolve the task's incident, going down to 0 make one; retries that were never set count as some
left. Lock, worker and error of the task stay, and no history row is written beside that of the incident.

Source: SetExternalTasksRetriesCmd, SetExternalTaskRetriesCmd, ExternalTaskEntity#setRetriesAndManageIncidents.
"""

from collections.abc import Sequence

from sqlalchemy import select

from process_engine.database import AnyRow, in_parameter
from process_engine.errors import BadUserRequestError, NotFoundError
from process_engine.incidents import (
    IncidentState,
    NewIncident,
    create_incidents,
    end_incidents_of,
)
from process_engine.operation_base.outcome import Outcome, SkipReason
from process_engine.operation_log import LogEntry, PropertyChange, write_log, write_summary
from process_engine.revisions import update_revised
from process_engine.schema.repository import act_re_procdef
from process_engine.schema.runtime import act_ru_execution
from process_engine.schema.runtime_jobs import act_ru_ext_task
from process_engine.schema.values import IncidentType
from process_engine.transaction import Transaction

SET_EXTERNAL_TASK_RETRIES = ("SetExternalTaskRetries", "ExternalTask")

_table = act_ru_ext_task.c
_tasks = select(_table.id_).where(in_parameter(_table.id_)).order_by(_table.id_)
LOCKED = _tasks.with_for_update().add_columns(_table.rev_, _table.retries_)
INCIDENT_SOURCES = _tasks.add_columns(
    _table.execution_id_,
    _table.act_id_,
    _table.proc_def_id_,
    _table.tenant_id_,
    _table.error_msg_,
    _table.last_failure_log_id_,
)


def check(retries: int) -> None:
    """Raise what the engine says of retries that no task can have."""
    if retries < 0:
        raise BadUserRequestError("The number of retries cannot be negative: retries is not greater than or equal to 0")


def set_external_task_retries(transaction: Transaction, task_ids: Sequence[str], retries: int) -> Outcome:
    """Set the retries of external tasks; ids that are not there fail.

    Args:
        transaction: The caller commits.
        task_ids: Ids of ACT_RU_EXT_TASK; duplicates count once.
        retries: At least 0.
    """
    tasks = _lock(transaction, task_ids)
    changed = [task for task in tasks.values() if task.retries_ != retries]
    revisions = [(task.id_, task.rev_) for task in changed]
    update_revised(transaction.connection, act_ru_ext_task, revisions, {"retries_": retries})
    _manage_incidents(transaction, changed, retries)
    touched = {task.id_ for task in changed}
    return Outcome(
        succeeded=[id_ for id_ in tasks if id_ in touched],
        skipped={id_: SkipReason.VALUE_UNCHANGED for id_ in tasks if id_ not in touched},
        failed={id_: _not_found(id_) for id_ in task_ids if id_ not in tasks},
    )


def _not_found(task_id: str) -> NotFoundError:
    return NotFoundError(f"Cannot find external task with id {task_id}: externalTask is null")


def _lock(transaction: Transaction, task_ids: Sequence[str]) -> dict[str, AnyRow]:
    return {row.id_: row for row in transaction.connection.execute(LOCKED, {"ids": task_ids}).all()}


def _has_retries_left(task: AnyRow) -> bool:
    return task.retries_ is None or task.retries_ > 0


def _manage_incidents(transaction: Transaction, changed: Sequence[AnyRow], retries: int) -> None:
    if retries > 0:
        resumed = [task.id_ for task in changed if not _has_retries_left(task)]
        end_incidents_of(transaction, resumed, IncidentState.RESOLVED)
        return
    if failing := [task.id_ for task in changed if _has_retries_left(task)]:
        tasks = transaction.connection.execute(INCIDENT_SOURCES, {"ids": failing})
        create_incidents(transaction, IncidentType.FAILED_EXTERNAL_TASK, [_incident(task) for task in tasks])


def _incident(task: AnyRow) -> NewIncident:
    return NewIncident(
        configuration=task.id_,
        execution_id=task.execution_id_,
        activity_id=task.act_id_,
        failed_activity_id=None,
        process_definition_id=task.proc_def_id_,
        tenant_id=task.tenant_id_,
        message=task.error_msg_,
        history_configuration=task.last_failure_log_id_,
    )


# ---------------------------------------------------------------- operation log


def log_one(transaction: Transaction, task_id: str, retries: int) -> None:
    """Log that the retries of one task are about to be set; written before they are.

    Source: SetExternalTaskRetriesCmd#getUserOperationLogPropertyChanges.
    """
    if not transaction.writes_operation_log:
        return
    task, instance, definition = act_ru_ext_task.c, act_ru_execution.c, act_re_procdef.c
    query = (
        select(
            task.retries_,
            task.id_.label("external_task_id_"),
            task.proc_inst_id_,
            task.proc_def_id_,
            task.tenant_id_,
            definition.key_.label("proc_def_key_"),
            definition.deployment_id_,
            instance.root_proc_inst_id_,
        )
        .join_from(act_ru_ext_task, act_ru_execution, instance.id_ == task.proc_inst_id_, isouter=True)
        .outerjoin(act_re_procdef, definition.id_ == task.proc_def_id_)
        .where(task.id_ == task_id)
    )
    row = transaction.connection.execute(query).mappings().first()
    if row is not None:
        context = {name: value for name, value in row.items() if name != "retries_"}
        change = PropertyChange("retries", row["retries_"], retries)
        write_log(transaction, SET_EXTERNAL_TASK_RETRIES, [LogEntry(changes=[change], context=context)])


def log_many(transaction: Transaction, count: int, retries: int, *, in_batch: bool) -> None:
    """Log that the retries of `count` tasks are set. Source: AbstractSetExternalTaskRetriesCmd."""
    write_summary(transaction, SET_EXTERNAL_TASK_RETRIES, count, in_batch=in_batch, retries=retries)
