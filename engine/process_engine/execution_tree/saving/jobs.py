"""Jobs that go with their executions; history logs each.

Source: JobEntity#delete.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Executable, delete, select

from process_engine.byte_arrays import delete_byte_arrays
from process_engine.database import AnyRow, in_parameter
from process_engine.execution_tree.execution import Execution
from process_engine.incidents import IncidentState, end_incidents_of
from process_engine.job_log import DeletedJob, log_deleted_jobs
from process_engine.removal_time import removal_times
from process_engine.schema.runtime_jobs import act_ru_job, act_ru_jobdef
from process_engine.transaction import Transaction

# SELECT job.id_, …, definition.act_id_ FROM act_ru_job job
#   LEFT JOIN act_ru_jobdef definition ON definition.id_ = job.job_def_id_ WHERE … FOR UPDATE OF job
_jobs = (
    select(act_ru_job.c.id_, act_ru_job.c.execution_id_, act_ru_job.c.exception_stack_id_, act_ru_jobdef.c.act_id_)
    .join_from(act_ru_job, act_ru_jobdef, act_ru_jobdef.c.id_ == act_ru_job.c.job_def_id_, isouter=True)
    .with_for_update(of=act_ru_job)
)
JOBS, JOBS_OF_EXECUTIONS = (
    _jobs.where(in_parameter(act_ru_job.c.id_)),
    _jobs.where(in_parameter(act_ru_job.c.execution_id_)),
)
DELETED_JOBS = delete(act_ru_job).where(in_parameter(act_ru_job.c.id_))


def delete_jobs(transaction: Transaction, executions: Sequence[Execution]) -> None:
    """Delete the jobs of executions; their incidents are not looked at."""
    if executions:
        jobs = _lock(transaction, JOBS_OF_EXECUTIONS, [execution.id for execution in executions])
        _delete(transaction, executions, jobs)


def delete_jobs_of_activities(transaction: Transaction, pairs: Sequence[tuple[Execution, str]]) -> None:
    """Delete the jobs that executions which stay have for an activity, with their incidents."""
    for execution, activity_id in pairs:
        found = _lock(transaction, JOBS_OF_EXECUTIONS, [execution.id])
        jobs = [job for job in found if (job.act_id_ or execution.activity_id) == activity_id]
        _delete(transaction, [execution], jobs)
        end_incidents_of(transaction, [job.id_ for job in jobs], IncidentState.DELETED)


def delete_jobs_alone(transaction: Transaction, ids: Sequence[str], executions: Sequence[Execution]) -> None:
    """Delete jobs of executions that stay, with their incidents.

    Args:
        transaction: The caller commits.
        ids: Of the jobs.
        executions: Among them those of the jobs; the caller saves them.
    """
    if ids:
        _delete(transaction, executions, _lock(transaction, JOBS, ids))
        end_incidents_of(transaction, ids, IncidentState.DELETED, saved=[each.id for each in executions])


def _lock(transaction: Transaction, query: Executable, ids: Sequence[str]) -> Sequence[AnyRow]:
    return transaction.connection.execute(query, {"ids": ids}).all()


def _delete(transaction: Transaction, executions: Sequence[Execution], jobs: Sequence[AnyRow]) -> None:
    if not jobs:
        return
    _log(transaction, {execution.id: execution for execution in executions}, jobs)
    transaction.connection.execute(DELETED_JOBS, {"ids": [job.id_ for job in jobs]})
    delete_byte_arrays(transaction, [job.exception_stack_id_ for job in jobs])


def _log(transaction: Transaction, executions: Mapping[str, Execution], jobs: Sequence[AnyRow]) -> None:
    removal = removal_times(transaction, {execution.root_process_instance_id for execution in executions.values()})
    deleted: list[DeletedJob] = []
    for job in jobs:
        execution = executions[job.execution_id_]
        root = execution.root_process_instance_id
        # When the jobs of the root itself go, it has ended, and the engine has forgotten its removal time.
        removal_time = None if execution.is_removed and execution.id == root else removal.get(root)
        deleted.append(DeletedJob(job.id_, root, execution.activity_id, removal_time))
    log_deleted_jobs(transaction, deleted)
