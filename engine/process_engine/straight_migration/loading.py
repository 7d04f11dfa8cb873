"""Locks process instances and reads what is looked at to migrate them: three statements for a whole chunk."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Select, func, literal, null, select, union_all

from process_engine.database import any_of, any_selected, has_row_locks
from process_engine.schema.runtime import (
    act_ru_event_subscr,
    act_ru_execution,
    act_ru_incident,
    act_ru_task,
    act_ru_variable,
)
from process_engine.schema.runtime_jobs import act_ru_ext_task, act_ru_job, act_ru_jobdef
from process_engine.straight_migration.rows import ContentKind, ContentRow, ExecutionRow, Instance
from process_engine.transaction import Transaction

KINDS = {kind.value: kind for kind in ContentKind}


def lock_executions(transaction: Transaction, instance_ids: Sequence[str]) -> dict[str, list[ExecutionRow]]:
    """Lock process instances with what belongs to them, then read their executions; ids of others are not there.

    Whoever adds an execution, task or variable to an instance holds its row by a foreign key, and a job comes with a
    change of its execution: what is read after the lock is all there is.
    """
    _lock(transaction, instance_ids)
    table = act_ru_execution.c
    columns = (
        table.id_,
        table.proc_inst_id_,
        table.parent_id_,
        table.proc_def_id_,
        table.act_id_,
        table.act_inst_id_,
        table.is_scope_,
        table.is_event_scope_,
        table.root_proc_inst_id_,
        table.tenant_id_,
        table.business_key_,
    )
    query = select(*columns).where(any_of(table.proc_inst_id_, instance_ids)).with_for_update()
    found: dict[str, list[ExecutionRow]] = {}
    for row in map(ExecutionRow._make, transaction.connection.execute(query).all()):
        found.setdefault(row.instance_id, []).append(row)
    return found


def _lock(transaction: Transaction, instance_ids: Sequence[str]) -> None:
    """External tasks, jobs, variables, tasks, executions: in the order in which the Java engine writes.

    Of the variables, which are not written, those with bytes: whoever changes one changes the bytes of its history,
    which get new ids here.
    """
    # WITH locked_0 AS (SELECT 1 FROM act_ru_ext_task WHERE execution_id_ = ANY (ARRAY(SELECT …)) FOR UPDATE), …
    #   SELECT (SELECT count(*) FROM locked_0), …
    if not has_row_locks(transaction.connection):
        return
    instance, job, variable, task = act_ru_execution.c, act_ru_job.c, act_ru_variable.c, act_ru_task.c
    executions = select(instance.id_).where(any_of(instance.proc_inst_id_, instance_ids))
    locked = [
        select(literal(1)).where(any_selected(act_ru_ext_task.c.execution_id_, executions)),
        select(literal(1)).where(any_of(job.process_instance_id_, instance_ids)),
        select(literal(1)).where(any_of(variable.proc_inst_id_, instance_ids), variable.bytearray_id_.is_not(None)),
        select(literal(1)).where(any_of(task.proc_inst_id_, instance_ids)),
        select(literal(1)).where(any_of(instance.id_, instance_ids)).order_by(instance.id_),
    ]
    counts = [
        select(func.count()).select_from(each.with_for_update().cte(f"locked_{place}")).scalar_subquery()
        for place, each in enumerate(locked)
    ]
    transaction.connection.execute(select(*counts))


def read_instances(
    transaction: Transaction, executions: Mapping[str, Sequence[ExecutionRow]], instance_ids: Iterable[str]
) -> list[Instance]:
    """Process instances with all that belongs to their executions, but for variables: those go where they are."""
    ids = list(instance_ids)
    contents: dict[str, list[ContentRow]] = {id_: [] for id_ in ids}
    statement = _contents(ids, [each.id for id_ in ids for each in executions[id_]])
    for kind, *columns in transaction.connection.execute(statement).all():
        row = ContentRow(KINDS[kind], *columns)
        contents[row.instance_id].append(row)
    return [Instance(id_, executions[id_], contents[id_]) for id_ in ids]


def _contents(instance_ids: Sequence[str], execution_ids: Sequence[str]) -> CompoundSelect[*tuple[Any, ...]]:
    """Two of the tables have no index for process instances."""
    job, definition = act_ru_job.c, act_ru_jobdef.c
    subscription, incident = act_ru_event_subscr.c, act_ru_incident.c
    task, external_task = act_ru_task.c, act_ru_ext_task.c
    jobs = select(
        literal(ContentKind.JOB.value),
        job.id_,
        job.process_instance_id_,
        job.execution_id_,
        definition.act_id_,
        job.handler_type_,
        job.handler_cfg_,
        definition.job_configuration_,
    ).join_from(act_ru_job, act_ru_jobdef, definition.id_ == job.job_def_id_, isouter=True)
    return union_all(
        jobs.where(any_of(job.process_instance_id_, instance_ids)),
        _content(
            ContentKind.SUBSCRIPTION, subscription, (subscription.activity_id_, subscription.event_type_, null())
        ).where(any_of(subscription.execution_id_, execution_ids)),
        _content(
            ContentKind.INCIDENT,
            incident,
            (incident.activity_id_, incident.incident_type_, incident.configuration_),
        ).where(any_of(incident.proc_inst_id_, instance_ids)),
        _content(ContentKind.TASK, task, (task.task_def_key_, null(), null())).where(
            any_of(task.proc_inst_id_, instance_ids)
        ),
        _content(ContentKind.EXTERNAL_TASK, external_task, (external_task.act_id_, null(), null())).where(
            any_of(external_task.execution_id_, execution_ids)
        ),
    )


def _content(kind: ContentKind, c: Any, facts: tuple[Any, Any, Any]) -> Select[*tuple[Any, ...]]:
    return select(literal(kind.value), c.id_, c.proc_inst_id_, c.execution_id_, *facts, null())


def read_job_definitions(transaction: Transaction, process_definition_id: str) -> dict[tuple[str, str], str]:
    """A definition's job definitions, by activity and handler type."""
    table = act_ru_jobdef.c
    query = select(table.act_id_, table.job_type_, table.id_).where(table.proc_def_id_ == process_definition_id)
    return {(row[0] or "", row[1]): row[2] for row in transaction.connection.execute(query)}
