"""Jobs that go with their executions; history logs each.

Source: JobEntity#delete, DefaultHistoryEventProducer#createHistoricJobLogDeleteEvt.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import DateTime, String, delete, func, insert, literal, select

from process_engine.byte_arrays import delete_byte_arrays
from process_engine.database import AnyRow, any_of, rows_of
from process_engine.execution_tree.execution import Execution
from process_engine.host import host_name
from process_engine.incidents import IncidentState, end_incidents_of
from process_engine.removal_time import removal_times
from process_engine.schema.history_logs import act_hi_job_log
from process_engine.schema.runtime_jobs import act_ru_job, act_ru_jobdef
from process_engine.transaction import Transaction

DELETED = 3
"""JOB_STATE_ of ACT_HI_JOB_LOG."""

GIVEN = {"id_": String(), "log_id_": String(), "root_id_": String(), "act_id_": String(), "removal_time_": DateTime()}


def delete_jobs(transaction: Transaction, executions: Sequence[Execution]) -> None:
    """Delete the jobs of executions; their incidents are not looked at."""
    if executions:
        _delete(transaction, executions, _lock(transaction, [execution.id for execution in executions]))


def delete_jobs_of_activities(transaction: Transaction, pairs: Sequence[tuple[Execution, str]]) -> None:
    """Delete the jobs that executions which stay have for an activity, with their incidents."""
    for execution, activity_id in pairs:
        jobs = [
            job for job in _lock(transaction, [execution.id]) if (job.act_id_ or execution.activity_id) == activity_id
        ]
        _delete(transaction, [execution], jobs)
        end_incidents_of(transaction, [job.id_ for job in jobs], IncidentState.DELETED)


def _lock(transaction: Transaction, execution_ids: Sequence[str]) -> Sequence[AnyRow]:
    job = act_ru_job.c
    query = (
        select(job.id_, job.execution_id_, job.exception_stack_id_, act_ru_jobdef.c.act_id_)
        .join_from(act_ru_job, act_ru_jobdef, act_ru_jobdef.c.id_ == job.job_def_id_, isouter=True)
        .where(any_of(job.execution_id_, execution_ids))
        .with_for_update(of=act_ru_job)
    )
    return transaction.connection.execute(query).all()


def _delete(transaction: Transaction, executions: Sequence[Execution], jobs: Sequence[AnyRow]) -> None:
    if not jobs:
        return
    if transaction.history_level.keeps_logs:
        _log(transaction, {execution.id: execution for execution in executions}, jobs)
    ids = [job.id_ for job in jobs]
    transaction.connection.execute(delete(act_ru_job).where(any_of(act_ru_job.c.id_, ids)))
    delete_byte_arrays(transaction, [job.exception_stack_id_ for job in jobs])


def _log(transaction: Transaction, executions: dict[str, Execution], jobs: Sequence[AnyRow]) -> None:
    # INSERT INTO act_hi_job_log SELECT … FROM given JOIN act_ru_job USING (id_) LEFT JOIN act_ru_jobdef …
    removal = removal_times(transaction, {execution.root_process_instance_id for execution in executions.values()})
    rows = [_given(transaction, executions[job.execution_id_], job, removal) for job in jobs]
    given = rows_of(transaction.connection, "given", GIVEN, rows)
    job, definition = act_ru_job.c, act_ru_jobdef.c
    values: dict[str, Any] = {
        "id_": given.c.log_id_,
        "timestamp_": literal(transaction.now),
        "job_id_": job.id_,
        "job_duedate_": job.duedate_,
        "job_retries_": job.retries_,
        "job_priority_": job.priority_,
        "job_state_": literal(DELETED),
        "job_def_id_": definition.id_,
        "job_def_type_": func.coalesce(definition.job_type_, job.handler_type_),
        "job_def_configuration_": definition.job_configuration_,
        "act_id_": func.coalesce(definition.act_id_, given.c.act_id_),
        "failed_act_id_": job.failed_act_id_,
        "execution_id_": job.execution_id_,
        "root_proc_inst_id_": given.c.root_id_,
        "process_instance_id_": job.process_instance_id_,
        "process_def_id_": job.process_def_id_,
        "process_def_key_": job.process_def_key_,
        "deployment_id_": job.deployment_id_,
        "sequence_counter_": job.sequence_counter_ + 1,
        "tenant_id_": job.tenant_id_,
        "hostname_": literal(host_name()),
        "removal_time_": given.c.removal_time_,
    }
    query = (
        select(*(value.label(name) for name, value in values.items()))
        .join_from(given, act_ru_job, job.id_ == given.c.id_)
        .join(act_ru_jobdef, definition.id_ == job.job_def_id_, isouter=True)
    )
    transaction.connection.execute(insert(act_hi_job_log).from_select(list(values), query))


def _given(
    transaction: Transaction, execution: Execution, job: AnyRow, removal: dict[str | None, Any]
) -> tuple[Any, ...]:
    root = execution.root_process_instance_id
    # When the jobs of the root itself go, it has ended, and the engine has forgotten its removal time.
    removal_time = None if execution.is_removed and execution.id == root else removal.get(root)
    return job.id_, transaction.new_id(), root, execution.activity_id, removal_time
