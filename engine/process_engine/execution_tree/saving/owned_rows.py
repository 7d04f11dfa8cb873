"""What belongs to executions and moved or changed with them, and what was made for them.

Source: TaskEntity, ExternalTaskEntity, JobEntity, EventSubscriptionEntity, IncidentEntity and their mappings.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import DateTime, Integer, String, Table
from sqlalchemy.types import TypeEngine

from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.owned_rows import EventSubscription, ExecutionRows, Job, OwnedRow
from process_engine.insertion import insert_rows
from process_engine.job_log import log_created_jobs
from process_engine.revisions import update_each
from process_engine.schema.cases import act_ru_case_execution
from process_engine.schema.runtime import (
    act_ru_event_subscr,
    act_ru_incident,
    act_ru_task,
    act_ru_variable,
)
from process_engine.schema.runtime_jobs import act_ru_ext_task, act_ru_job
from process_engine.transaction import Transaction

TEXT = String()
TASK: dict[str, TypeEngine[Any]] = {"execution_id_": TEXT, "proc_def_id_": TEXT, "task_def_key_": TEXT}
TASK_VARIABLE: dict[str, TypeEngine[Any]] = {"execution_id_": TEXT}
EXTERNAL_TASK: dict[str, TypeEngine[Any]] = dict.fromkeys(
    ("execution_id_", "proc_def_id_", "proc_def_key_", "act_id_"), TEXT
)
JOB: dict[str, TypeEngine[Any]] = {
    "execution_id_": TEXT,
    "process_def_id_": TEXT,
    "process_def_key_": TEXT,
    "deployment_id_": TEXT,
    "job_def_id_": TEXT,
    "handler_cfg_": TEXT,
    "duedate_": DateTime(),
    "repeat_": TEXT,
    "suspension_state_": Integer(),
}
EVENT_SUBSCRIPTION: dict[str, TypeEngine[Any]] = dict.fromkeys(("execution_id_", "activity_id_", "event_name_"), TEXT)
CASE: dict[str, TypeEngine[Any]] = {"super_exec_": TEXT}
INCIDENT: dict[str, TypeEngine[Any]] = dict.fromkeys(
    ("execution_id_", "proc_def_id_", "activity_id_", "job_def_id_"), TEXT
)


def update_owned_rows(transaction: Transaction, changed: Sequence[ExecutionRows]) -> None:
    """Update the rows that changed, in the order in which the Java engine writes tables."""
    connection = transaction.connection

    def save(table: Table, types: dict[str, TypeEngine[Any]], items: Iterable[OwnedRow]) -> None:
        staying = [each for each in items if each.is_changed and not _goes(each.execution)]
        update_each(connection, table, types, [(each.id, each.revision, *each.columns) for each in staying])

    save(act_ru_case_execution, CASE, (each for one in changed for each in one.cases.all))
    save(act_ru_ext_task, EXTERNAL_TASK, (each for one in changed for each in one.external_tasks.all))
    save(act_ru_incident, INCIDENT, (each for one in changed for each in one.incidents.all))
    save(act_ru_job, JOB, (each for one in changed for each in one.jobs.all))
    save(act_ru_event_subscr, EVENT_SUBSCRIPTION, (each for one in changed for each in one.event_subscriptions.all))
    tasks = [each for one in changed for each in one.tasks.all]
    variables = [each for task in tasks for each in task.variables if each.is_changed and not _goes(each.execution)]
    rows = [(each.id, each.revision, each.execution_id) for each in variables]
    update_each(connection, act_ru_variable, TASK_VARIABLE, rows)
    staying = [each for each in tasks if each.is_changed and not _goes(each.execution)]
    update_each(
        connection,
        act_ru_task,
        TASK,
        [(each.id, each.revision, *each.columns, each.definition_key) for each in staying],
    )


def _goes(execution: Execution | None) -> bool:
    return execution is not None and execution.is_removed


def insert_owned_rows(
    transaction: Transaction, changed: Sequence[ExecutionRows], without_removal_time: Iterable[str]
) -> None:
    """Insert event subscriptions and jobs that were made; history logs the jobs.

    Args:
        transaction: The caller commits.
        changed: With what was made.
        without_removal_time: Root process instances whose removal time history has forgotten.
    """
    subscriptions = [each for one in changed for each in one.event_subscriptions.made() if not _goes(each.execution)]
    rows = [_subscription_row(transaction, each, each.execution) for each in subscriptions if each.execution]
    insert_rows(transaction.connection, act_ru_event_subscr, rows)
    jobs = [(each, each.execution) for one in changed for each in one.jobs.made() if each.execution is not None]
    staying = [(job, execution) for job, execution in jobs if not execution.is_removed]
    job_rows = [_job_row(transaction, job, execution) for job, execution in staying]
    insert_rows(transaction.connection, act_ru_job, job_rows, transaction.missing_columns)
    roots = {job.id: execution.root_process_instance_id for job, execution in staying}
    log_created_jobs(transaction, roots, set(without_removal_time))


def _subscription_row(transaction: Transaction, made: EventSubscription, execution: Execution) -> dict[str, Any]:
    return {
        "id_": made.id,
        "rev_": 1,
        "event_type_": made.event_type,
        "event_name_": made.event_name,
        "execution_id_": execution.id,
        "proc_inst_id_": execution.process_instance_id,
        "activity_id_": made.activity_id,
        "configuration_": made.configuration,
        "created_": transaction.now,
        "tenant_id_": execution.tenant_id,
    }


def _job_row(transaction: Transaction, job: Job, execution: Execution) -> dict[str, Any]:
    return {
        "id_": job.id,
        "rev_": 1,
        "type_": job.type,
        "exclusive_": job.is_exclusive,
        "execution_id_": execution.id,
        "root_proc_inst_id_": execution.root_process_instance_id,
        "process_instance_id_": execution.process_instance_id,
        "process_def_id_": job.process_definition_id,
        "process_def_key_": job.process_definition_key,
        "retries_": job.retries,
        "duedate_": job.due_date,
        "repeat_": job.repeat,
        "repeat_offset_": 0,
        "handler_type_": job.handler_type,
        "handler_cfg_": job.handler_configuration,
        "deployment_id_": job.deployment_id,
        "suspension_state_": job.suspension_state,
        "job_def_id_": job.job_definition_id,
        "priority_": job.priority,
        "sequence_counter_": 1,
        "tenant_id_": job.tenant_id,
        "create_time_": transaction.now,
    }
