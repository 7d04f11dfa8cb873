"""Locks process instances and reads what is looked at to migrate them: three statements for a whole chunk."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Select, bindparam, func, literal, null, select, union_all

from process_engine.database import database_of, in_parameter, in_subquery
from process_engine.operations.migration.set_based.rows import ContentKind, ContentRow, ExecutionRow, Instance
from process_engine.schema.runtime import (
    act_ru_event_subscr,
    act_ru_execution,
    act_ru_incident,
    act_ru_task,
    act_ru_variable,
)
from process_engine.schema.runtime_jobs import act_ru_ext_task, act_ru_job, act_ru_jobdef
from process_engine.transaction import Transaction

KINDS = {kind.value: kind for kind in ContentKind}
_execution = act_ru_execution.c
EXECUTIONS = (
    select(
        _execution.id_,
        _execution.proc_inst_id_,
        _execution.parent_id_,
        _execution.proc_def_id_,
        _execution.act_id_,
        _execution.act_inst_id_,
        _execution.is_scope_,
        _execution.is_event_scope_,
        _execution.root_proc_inst_id_,
        _execution.tenant_id_,
        _execution.business_key_,
    )
    .where(in_parameter(_execution.proc_inst_id_))
    .with_for_update()
)
JOB_DEFINITIONS = select(act_ru_jobdef.c.act_id_, act_ru_jobdef.c.job_type_, act_ru_jobdef.c.id_).where(
    act_ru_jobdef.c.proc_def_id_ == bindparam("definition_id")
)


def _locking() -> Select[*tuple[Any, ...]]:
    """External tasks, jobs, variables, tasks, executions: in the order in which the Java engine writes.

    Of the variables, which are not written, those with bytes: whoever changes one changes the bytes of its history,
    which get new ids here.
    """
    # WITH locked_0 AS (SELECT 1 FROM act_ru_ext_task WHERE execution_id_ = ANY (ARRAY(SELECT …)) FOR UPDATE), …
    #   SELECT (SELECT count(*) FROM locked_0), …
    instance, job, variable, task = act_ru_execution.c, act_ru_job.c, act_ru_variable.c, act_ru_task.c
    executions = select(instance.id_).where(in_parameter(instance.proc_inst_id_))
    locked = [
        select(literal(1)).where(in_subquery(act_ru_ext_task.c.execution_id_, executions)),
        select(literal(1)).where(in_parameter(job.process_instance_id_)),
        select(literal(1)).where(in_parameter(variable.proc_inst_id_), variable.bytearray_id_.is_not(None)),
        select(literal(1)).where(in_parameter(task.proc_inst_id_)),
        select(literal(1)).where(in_parameter(instance.id_)).order_by(instance.id_),
    ]
    counts = [
        select(func.count()).select_from(each.with_for_update().cte(f"locked_{place}")).scalar_subquery()
        for place, each in enumerate(locked)
    ]
    return select(*counts)


def _contents() -> CompoundSelect[*tuple[Any, ...]]:
    """Two of the tables have no index for process instances."""
    # SELECT 'job', job.id_, …, definition.act_id_, … FROM act_ru_job job LEFT JOIN act_ru_jobdef definition ON …
    #   WHERE job.process_instance_id_ = ANY (:ids) UNION ALL
    #   SELECT 'subscription', … FROM act_ru_event_subscr … UNION ALL …
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
    of_incident = incident.activity_id_, incident.incident_type_, incident.configuration_
    return union_all(
        jobs.where(in_parameter(job.process_instance_id_)),
        _content(
            ContentKind.SUBSCRIPTION, subscription, (subscription.activity_id_, subscription.event_type_, null())
        ).where(in_parameter(subscription.execution_id_, "executions")),
        _content(ContentKind.INCIDENT, incident, of_incident).where(in_parameter(incident.proc_inst_id_)),
        _content(ContentKind.TASK, task, (task.task_def_key_, null(), null())).where(in_parameter(task.proc_inst_id_)),
        _content(ContentKind.EXTERNAL_TASK, external_task, (external_task.act_id_, null(), null())).where(
            in_parameter(external_task.execution_id_, "executions")
        ),
    )


def _content(kind: ContentKind, c: Any, facts: tuple[Any, Any, Any]) -> Select[*tuple[Any, ...]]:
    return select(literal(kind.value), c.id_, c.proc_inst_id_, c.execution_id_, *facts, null())


LOCKING, CONTENTS = _locking(), _contents()


def lock_executions(transaction: Transaction, instance_ids: Sequence[str]) -> dict[str, list[ExecutionRow]]:
    """Lock process instances with what belongs to them, then read their executions; ids of others are not there.

    Whoever adds an execution, task or variable to an instance holds its row by a foreign key, and a job comes with a
    change of its execution: what is read after the lock is all there is.
    """
    given = {"ids": instance_ids}
    if database_of(transaction.connection).is_shared:
        transaction.connection.execute(LOCKING, given)
    found: dict[str, list[ExecutionRow]] = {}
    for row in map(ExecutionRow._make, transaction.connection.execute(EXECUTIONS, given).all()):
        found.setdefault(row.instance_id, []).append(row)
    return found


def read_instances(
    transaction: Transaction, executions: Mapping[str, Sequence[ExecutionRow]], instance_ids: Iterable[str]
) -> list[Instance]:
    """Process instances with all that belongs to their executions, but for variables: those go where they are."""
    ids = list(instance_ids)
    contents: dict[str, list[ContentRow]] = {id_: [] for id_ in ids}
    given = {"ids": ids, "executions": [each.id for id_ in ids for each in executions[id_]]}
    for kind, *columns in transaction.connection.execute(CONTENTS, given).all():
        row = ContentRow(KINDS[kind], *columns)
        contents[row.instance_id].append(row)
    return [Instance(id_, executions[id_], contents[id_]) for id_ in ids]


def read_job_definitions(transaction: Transaction, process_definition_id: str) -> dict[tuple[str, str], str]:
    """A definition's job definitions, by activity and handler type."""
    rows = transaction.connection.execute(JOB_DEFINITIONS, {"definition_id": process_definition_id})
    return {(row.act_id_ or "", row.job_type_): row.id_ for row in rows}
