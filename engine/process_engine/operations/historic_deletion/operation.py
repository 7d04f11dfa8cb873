"""Deletion of ended process instances from the history.

Removes what the instance itself left: details, variables, comments, attachments, tasks with their identity links,
activities, incidents, logs, the byte arrays of all of these, and the instance. What stays is the user operation log,
decisions, and the history of instances that it called.

Source: DeleteHistoricProcessInstancesCmd, HistoricProcessInstanceManager#deleteHistoricProcessInstanceByIds.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Table, delete, select

from process_engine.authorizations import HISTORIC_PROCESS_INSTANCE, delete_authorizations
from process_engine.byte_arrays import delete_with_byte_arrays
from process_engine.database import AnyRow, in_values
from process_engine.errors import (
    BadUserRequestError,
    NotFoundError,
    OptimisticLockingError,
    ProcessEngineError,
    StillRunningError,
)
from process_engine.operation_base.outcome import Outcome
from process_engine.operation_log import write_summary
from process_engine.schema.history import (
    act_hi_actinst,
    act_hi_detail,
    act_hi_incident,
    act_hi_procinst,
    act_hi_taskinst,
    act_hi_varinst,
)
from process_engine.schema.history_logs import (
    act_hi_attachment,
    act_hi_comment,
    act_hi_ext_task_log,
    act_hi_identitylink,
    act_hi_job_log,
)
from process_engine.transaction import Transaction

DELETE_HISTORY = ("DeleteHistory", "ProcessInstance")


def delete_historic_process_instances(transaction: Transaction, instance_ids: Sequence[str]) -> Outcome:
    """Delete ended instances; those that run, and ids that are not there, fail.

    Args:
        transaction: The caller commits.
        instance_ids: Ids of ACT_HI_PROCINST; duplicates count once.

    Raises:
        OptimisticLockingError: Another transaction deleted one of them meanwhile.
    """
    found = _find(transaction, instance_ids)
    ended = [id_ for id_, row in found.items() if row.end_time_ is not None]
    _delete(transaction, ended)
    failed: dict[str, ProcessEngineError] = {id_: _not_found(id_) for id_ in instance_ids if id_ not in found}
    failed |= {id_: _still_running(row) for id_, row in found.items() if row.end_time_ is None}
    return Outcome(succeeded=ended, failed=failed)


def _find(transaction: Transaction, instance_ids: Sequence[str]) -> dict[str, AnyRow]:
    if not transaction.history_level.keeps_instances:
        return {}
    table = act_hi_procinst.c
    query = select(table.id_, table.end_time_, table.business_key_, table.proc_def_id_)
    return {
        row.id_: row for row in transaction.connection.execute(query.where(in_values(table.id_, instance_ids))).all()
    }


def _not_found(instance_id: str) -> NotFoundError:
    return NotFoundError(
        f"No historic process instance found with id: {instance_id}: historicProcessInstanceIds is empty"
    )


def _still_running(instance: AnyRow) -> StillRunningError:
    return StillRunningError(
        f"Process instance is still running, cannot delete historic process instance: {instance.id_} "
        f"(business key {instance.business_key_}, process definition {instance.proc_def_id_}): "
        "instance.getEndTime() is null"
    )


def _delete(transaction: Transaction, ids: Sequence[str]) -> None:
    if not ids:
        return
    delete_with_byte_arrays(transaction, act_hi_detail.c.proc_inst_id_, ids, act_hi_detail.c.bytearray_id_)
    delete_with_byte_arrays(transaction, act_hi_varinst.c.proc_inst_id_, ids, act_hi_varinst.c.bytearray_id_)
    _delete_where(transaction, act_hi_comment, in_values(act_hi_comment.c.proc_inst_id_, ids))
    delete_with_byte_arrays(transaction, act_hi_attachment.c.proc_inst_id_, ids, act_hi_attachment.c.content_id_)
    _delete_tasks(transaction, ids)
    _delete_where(transaction, act_hi_actinst, in_values(act_hi_actinst.c.proc_inst_id_, ids))
    _delete_where(transaction, act_hi_incident, in_values(act_hi_incident.c.proc_inst_id_, ids))
    jobs, externals = act_hi_job_log.c, act_hi_ext_task_log.c
    delete_with_byte_arrays(transaction, jobs.process_instance_id_, ids, jobs.job_exception_stack_id_)
    delete_with_byte_arrays(transaction, externals.proc_inst_id_, ids, externals.error_details_id_)
    delete_authorizations(transaction, HISTORIC_PROCESS_INSTANCE, ids)
    _delete_instances(transaction, ids)


def _delete_where(transaction: Transaction, table: Table, condition: ColumnElement[bool]) -> int:
    return transaction.connection.execute(delete(table).where(condition)).rowcount


def _delete_tasks(transaction: Transaction, ids: Sequence[str]) -> None:
    """Delete tasks, and what names a task but not the instance."""
    tasks = act_hi_taskinst.c
    task_ids = transaction.connection.scalars(select(tasks.id_).where(in_values(tasks.proc_inst_id_, ids))).all()
    if not task_ids:
        return
    detail, attachment = act_hi_detail.c, act_hi_attachment.c
    delete_with_byte_arrays(transaction, detail.task_id_, task_ids, detail.bytearray_id_)
    _delete_where(transaction, act_hi_comment, in_values(act_hi_comment.c.task_id_, task_ids))
    delete_with_byte_arrays(transaction, attachment.task_id_, task_ids, attachment.content_id_)
    _delete_where(transaction, act_hi_identitylink, in_values(act_hi_identitylink.c.task_id_, task_ids))
    _delete_where(transaction, act_hi_taskinst, in_values(tasks.id_, task_ids))


def _delete_instances(transaction: Transaction, ids: Sequence[str]) -> None:
    deleted = _delete_where(transaction, act_hi_procinst, in_values(act_hi_procinst.c.proc_inst_id_, ids))
    if deleted != len(ids):
        raise OptimisticLockingError(act_hi_procinst.name.upper(), len(ids), deleted)


# ---------------------------------------------------------------- the synchronous call and the log


def check_ids(instance_ids: Sequence[str | None] | None) -> None:
    """Raise what the engine says of a list that names no instance."""
    if instance_ids is None:
        raise BadUserRequestError("processInstanceIds is null")
    if not instance_ids:
        raise BadUserRequestError("processInstanceIds is empty")
    if None in instance_ids:
        raise BadUserRequestError("processInstanceId is null: processInstanceIds contains null value")


def refusal(instance_ids: Sequence[str], outcome: Outcome, *, fail_if_not_exists: bool) -> ProcessEngineError | None:
    """What the engine raises for a whole list of which some cannot be deleted."""
    running = [error for error in outcome.failed.values() if not isinstance(error, NotFoundError)]
    missing = [id_ for id_, error in outcome.failed.items() if isinstance(error, NotFoundError)]
    if fail_if_not_exists and not running and not outcome.succeeded:
        if len(instance_ids) == 1:
            return BadUserRequestError(str(outcome.failed[instance_ids[0]]))
        return BadUserRequestError("No historic process instances found: historicProcessInstanceIds is empty")
    if running:
        return running[0]
    if fail_if_not_exists and missing:
        return BadUserRequestError(f"No historic process instance found with id: [{', '.join(missing)}]")
    return None


def log_deletion(transaction: Transaction, count: int) -> None:
    """Log a synchronous deletion of `count` instances."""
    write_summary(transaction, DELETE_HISTORY, count, in_batch=False)


def log_batch(transaction: Transaction, count: int, delete_reason: str | None) -> None:
    """Log the creation of a batch of `count` instances. Source: DeleteHistoricProcessInstancesBatchCmd."""
    write_summary(transaction, DELETE_HISTORY, count, in_batch=True, deleteReason=delete_reason)
