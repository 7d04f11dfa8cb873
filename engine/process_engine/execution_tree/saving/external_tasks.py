"""External tasks that go with their executions; history logs each.

Source: ExternalTaskEntity#delete, DefaultHistoryEventProducer#createHistoricExternalTaskLogDeletedEvt.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import DateTime, String, delete, insert, literal, select

from process_engine.byte_arrays import delete_byte_arrays
from process_engine.database import AnyRow, in_values, values_table
from process_engine.execution_tree.execution import Execution
from process_engine.removal_time import removal_times
from process_engine.schema.history_logs import act_hi_ext_task_log
from process_engine.schema.runtime_jobs import act_ru_ext_task
from process_engine.transaction import Transaction

DELETED = 3
"""STATE_ of ACT_HI_EXT_TASK_LOG."""

GIVEN = {"id_": String(), "log_id_": String(), "root_id_": String(), "removal_time_": DateTime()}
REPEATED = (
    "retries_",
    "topic_name_",
    "worker_id_",
    "priority_",
    "act_id_",
    "act_inst_id_",
    "execution_id_",
    "proc_inst_id_",
    "proc_def_id_",
    "proc_def_key_",
    "tenant_id_",
)


def delete_external_tasks(transaction: Transaction, executions: Sequence[Execution]) -> None:
    """Delete the external tasks of executions; their incidents are not looked at."""
    if not executions:
        return
    table = act_ru_ext_task.c
    query = select(table.id_, table.execution_id_, table.error_details_id_).with_for_update()
    condition = in_values(table.execution_id_, [execution.id for execution in executions])
    tasks = transaction.connection.execute(query.where(condition)).all()
    if not tasks:
        return
    if transaction.history_level.keeps_logs:
        _log(transaction, {execution.id: execution for execution in executions}, tasks)
    transaction.connection.execute(delete(act_ru_ext_task).where(in_values(table.id_, [task.id_ for task in tasks])))
    delete_byte_arrays(transaction, [task.error_details_id_ for task in tasks])


def _log(transaction: Transaction, executions: dict[str, Execution], tasks: Sequence[AnyRow]) -> None:
    roots = {task.id_: executions[task.execution_id_].root_process_instance_id for task in tasks}
    removal = removal_times(transaction, roots.values())
    rows = [(id_, transaction.new_id(), root, removal.get(root)) for id_, root in roots.items()]
    # INSERT INTO act_hi_ext_task_log SELECT given.log_id_, task.retries_, …
    #   FROM (VALUES …) given JOIN act_ru_ext_task task ON task.id_ = given.id_
    given = values_table(transaction.connection, "given", GIVEN, rows)
    table = act_ru_ext_task.c
    values: dict[str, Any] = {name: table[name] for name in REPEATED} | {
        "id_": given.c.log_id_,
        "timestamp_": literal(transaction.now),
        "ext_task_id_": table.id_,
        "root_proc_inst_id_": given.c.root_id_,
        "state_": literal(DELETED),
        "removal_time_": given.c.removal_time_,
    }
    columns = (value.label(name) for name, value in values.items())
    query = select(*columns).join_from(given, act_ru_ext_task, table.id_ == given.c.id_)
    transaction.connection.execute(insert(act_hi_ext_task_log).from_select(list(values), query))
