"""Loads what belongs to the executions of process instances, for a whole chunk: a statement a table.

The instances were locked before, and with them their tasks, jobs, external tasks and variables.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Select, select

from process_engine.database import AnyRow, in_parameter
from process_engine.execution_tree.contents import (
    CALLED_CASE_BIT,
    Belonging,
    Belongings,
    CalledCase,
    Contents,
    EventSubscription,
    ExternalTask,
    Incident,
    Job,
    Task,
    TaskVariable,
)
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.variables import Value, Variable
from process_engine.model import ProcessDefinition
from process_engine.operations.migration.on_trees.tree import JobDefinition, Target
from process_engine.schema.cases import act_ru_case_execution
from process_engine.schema.general import act_ge_bytearray
from process_engine.schema.repository import act_re_procdef
from process_engine.schema.runtime import act_ru_event_subscr, act_ru_incident, act_ru_task, act_ru_variable
from process_engine.schema.runtime_jobs import act_ru_ext_task, act_ru_job, act_ru_jobdef
from process_engine.transaction import Transaction

Rows = Mapping[str, Sequence[AnyRow]]
"""By process instance."""


@dataclass(frozen=True, slots=True)
class ContentRows:
    """Rows of a chunk's instances, from which their contents are built, again and again if need be.

    Attributes:
        cases: By the execution that called them; there are few if any.
    """

    tasks: Rows = field(default_factory=dict[str, Sequence[AnyRow]])
    external_tasks: Rows = field(default_factory=dict[str, Sequence[AnyRow]])
    jobs: Rows = field(default_factory=dict[str, Sequence[AnyRow]])
    event_subscriptions: Rows = field(default_factory=dict[str, Sequence[AnyRow]])
    incidents: Rows = field(default_factory=dict[str, Sequence[AnyRow]])
    variables: Rows = field(default_factory=dict[str, Sequence[AnyRow]])
    cases: Rows = field(default_factory=dict[str, Sequence[AnyRow]])

    def build(self, instance_id: str, executions: Mapping[str, Execution]) -> Contents:
        """What belongs to the executions of one instance."""
        contents = Contents()
        of_tasks: dict[str, list[AnyRow]] = {}
        for row in self.variables.get(instance_id, ()):
            if row.task_id_ is not None:
                of_tasks.setdefault(row.task_id_, []).append(row)
            elif row.execution_id_ is not None:
                _add_variable(contents, row, executions[row.execution_id_])
        tasks = [_task(row, executions, of_tasks.get(row.id_, ())) for row in self.tasks.get(instance_id, ())]
        _add(contents.tasks, tasks)
        _add(contents.external_tasks, _built(self.external_tasks, instance_id, executions, _external_task))
        _add(contents.jobs, _built(self.jobs, instance_id, executions, _job))
        _add(contents.event_subscriptions, _built(self.event_subscriptions, instance_id, executions, _subscription))
        _add(contents.incidents, _built(self.incidents, instance_id, executions, _incident))
        _add(contents.cases, self._cases(instance_id, executions))
        return contents

    def _cases(self, instance_id: str, executions: Mapping[str, Execution]) -> list[CalledCase]:
        return [
            CalledCase(id=row.id_, revision=row.rev_, execution=executions[id_])
            for id_, rows in self.cases.items()
            if id_ in executions and executions[id_].process_instance_id == instance_id
            for row in rows
        ]


B = TypeVar("B", bound=Belonging)


def _built(
    rows: Rows,
    instance_id: str,
    executions: Mapping[str, Execution],
    build: Callable[[AnyRow, Mapping[str, Execution]], B],
) -> list[B]:
    return [build(row, executions) for row in rows.get(instance_id, ())]


def _add(belongings: Belongings[B], items: Iterable[B]) -> None:
    for item in items:
        item.before = item.columns
        belongings.add(item)


def _add_variable(contents: Contents, row: AnyRow, execution: Execution) -> None:
    (
        _, _, _, id_, name, kind, text, text2, long, double, bytes_id, data,
        revision, counter, is_concurrent_local, definition_id,
    ) = row  # fmt: skip
    contents.variables.local(execution)[name] = Variable(
        id_,
        name,
        execution,
        Value(kind, text, text2, long, double, None if data is None else bytes(data)),
        revision or 0,
        counter or 0,
        bool(is_concurrent_local),
        bytes_id=bytes_id,
        process_definition_id=definition_id,
    )
    contents.loaded_variables[id_] = (execution.id, definition_id)


def _task(row: AnyRow, executions: Mapping[str, Execution], variables: Sequence[AnyRow]) -> Task:
    execution = executions.get(row.execution_id_)
    task = Task(
        id=row.id_,
        revision=row.rev_,
        execution=execution,
        process_definition_id=row.proc_def_id_,
        definition_key=row.task_def_key_,
    )
    for each in variables:
        variable = TaskVariable(
            id=each.id_, revision=each.rev_, execution=execution, process_definition_id=each.proc_def_id_
        )
        variable.before = variable.columns
        task.variables.append(variable)
    return task


def _external_task(row: AnyRow, executions: Mapping[str, Execution]) -> ExternalTask:
    return ExternalTask(
        id=row.id_,
        revision=row.rev_,
        execution=executions.get(row.execution_id_),
        process_definition_id=row.proc_def_id_,
        process_definition_key=row.proc_def_key_,
        activity_id=row.act_id_,
    )


def _job(row: AnyRow, executions: Mapping[str, Execution]) -> Job:
    execution = executions.get(row.execution_id_)
    return Job(
        id=row.id_,
        revision=row.rev_,
        execution=execution,
        type=row.type_,
        handler_type=row.handler_type_,
        handler_configuration=row.handler_cfg_ or "",
        activity_id=row.act_id_ or (None if execution is None else execution.activity_id),
        process_definition_id=row.process_def_id_,
        process_definition_key=row.process_def_key_,
        deployment_id=row.deployment_id_,
        job_definition_id=row.job_def_id_,
        due_date=row.duedate_,
        repeat=row.repeat_,
        suspension_state=row.suspension_state_,
        job_configuration=row.job_configuration_,
    )


def _subscription(row: AnyRow, executions: Mapping[str, Execution]) -> EventSubscription:
    return EventSubscription(
        id=row.id_,
        revision=row.rev_,
        execution=executions.get(row.execution_id_),
        event_type=row.event_type_,
        event_name=row.event_name_,
        activity_id=row.activity_id_,
        configuration=row.configuration_,
    )


def _incident(row: AnyRow, executions: Mapping[str, Execution]) -> Incident:
    return Incident(
        id=row.id_,
        revision=row.rev_,
        execution=executions.get(row.execution_id_),
        type=row.incident_type_,
        configuration=row.configuration_,
        activity_id=row.activity_id_,
        process_definition_id=row.proc_def_id_,
        job_definition_id=row.job_def_id_,
    )


# ---------------------------------------------------------------- statements


_of_job, _of_variable, _of_subscription = act_ru_job.c, act_ru_variable.c, act_ru_event_subscr.c
TASKS = select(act_ru_task).where(in_parameter(act_ru_task.c.proc_inst_id_))
EXTERNAL_TASKS = select(act_ru_ext_task).where(in_parameter(act_ru_ext_task.c.execution_id_))
JOBS = (
    select(act_ru_job, act_ru_jobdef.c.act_id_, act_ru_jobdef.c.job_configuration_)
    .join_from(act_ru_job, act_ru_jobdef, act_ru_jobdef.c.id_ == _of_job.job_def_id_, isouter=True)
    .where(in_parameter(_of_job.process_instance_id_))
)
SUBSCRIPTIONS = (
    select(act_ru_event_subscr)
    .where(in_parameter(_of_subscription.execution_id_))
    .order_by(_of_subscription.created_, _of_subscription.id_)
    .with_for_update()
)
INCIDENTS = select(act_ru_incident).where(in_parameter(act_ru_incident.c.proc_inst_id_)).with_for_update()
VARIABLES = (
    select(
        _of_variable.proc_inst_id_,
        _of_variable.task_id_,
        _of_variable.execution_id_,
        _of_variable.id_,
        _of_variable.name_,
        _of_variable.type_,
        _of_variable.text_,
        _of_variable.text2_,
        _of_variable.long_,
        _of_variable.double_,
        _of_variable.bytearray_id_,
        act_ge_bytearray.c.bytes_,
        _of_variable.rev_,
        _of_variable.sequence_counter_,
        _of_variable.is_concurrent_local_,
        _of_variable.proc_def_id_,
    )
    .join_from(act_ru_variable, act_ge_bytearray, act_ge_bytearray.c.id_ == _of_variable.bytearray_id_, isouter=True)
    .where(in_parameter(_of_variable.proc_inst_id_))
)

_case = act_ru_case_execution.c
CASES = (
    select(_case.id_, _case.rev_, _case.super_exec_)
    .where(in_parameter(_case.super_exec_))
    .order_by(_case.id_)
    .with_for_update()
)
"""Case instances by those that called them; there is no index for it."""


def load_contents(transaction: Transaction, instance_ids: Sequence[str], executions: Mapping[str, int]) -> ContentRows:
    """What belongs to process instances; two of the tables have no index for them, but for executions.

    Args:
        transaction: The caller commits.
        instance_ids: Process instances.
        executions: Theirs, with CACHED_ENT_STATE_.
    """
    execution_ids = tuple(executions)
    callers = [id_ for id_, state in executions.items() if state & CALLED_CASE_BIT]

    def rows(query: Select[*tuple[Any, ...]], ids: Sequence[str], column: str = "proc_inst_id_") -> Rows:
        found: dict[str, list[AnyRow]] = {}
        for row in transaction.connection.execute(query, {"ids": ids}).all():
            found.setdefault(getattr(row, column), []).append(row)
        return found

    return ContentRows(
        tasks=rows(TASKS, instance_ids),
        external_tasks=rows(EXTERNAL_TASKS, execution_ids),
        jobs=rows(JOBS, instance_ids, "process_instance_id_"),
        event_subscriptions=rows(SUBSCRIPTIONS, execution_ids),
        incidents=rows(INCIDENTS, instance_ids),
        variables=rows(VARIABLES, instance_ids),
        cases=rows(CASES, callers, "super_exec_") if callers else {},
    )


def load_target(transaction: Transaction, definition_id: str, definition: ProcessDefinition) -> Target:
    """The process definition that instances migrate to, with its job definitions."""
    table, procdef = act_ru_jobdef.c, act_re_procdef.c
    deployment = transaction.connection.scalar(select(procdef.deployment_id_).where(procdef.id_ == definition_id))
    query = select(
        table.id_,
        table.act_id_,
        table.job_type_,
        table.job_configuration_,
        table.suspension_state_,
        table.job_priority_,
        table.tenant_id_,
        table.deployment_id_,
    ).where(table.proc_def_id_ == definition_id)
    rows = transaction.connection.execute(query)
    jobs = tuple(JobDefinition(row[0], row[1], row[2], row[3], row[4] or 1, *row[5:]) for row in rows)
    return Target(definition_id, definition, deployment, jobs)
