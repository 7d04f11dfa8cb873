"""Loads what belongs to the executions of process instances, for a whole chunk: a statement a table.

The instances were locked before, and with them their tasks, jobs, external tasks and variables.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Select, select

from process_engine.database import AnyRow, in_parameter
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.loading.variables import read_variables, select_variables
from process_engine.execution_tree.owned_rows import (
    CALLED_CASE_BIT,
    CalledCase,
    EventSubscription,
    ExecutionRows,
    ExternalTask,
    Incident,
    Job,
    OwnedRow,
    OwnedRows,
    Task,
    TaskVariable,
)
from process_engine.execution_tree.variables import Variable, VariableRow
from process_engine.schema.cases import act_ru_case_execution
from process_engine.schema.runtime import act_ru_event_subscr, act_ru_incident, act_ru_task, act_ru_variable
from process_engine.schema.runtime_jobs import act_ru_ext_task, act_ru_job, act_ru_jobdef
from process_engine.transaction import Transaction

Rows = Mapping[str, Sequence[AnyRow]]
"""By process instance."""


@dataclass(frozen=True, slots=True)
class ChunkRows:
    """Rows of a chunk's instances, from which what belongs to executions is built, again and again if need be.

    Attributes:
        cases: By the execution that called them; there are few if any.
    """

    tasks: Rows = field(default_factory=dict[str, Sequence[AnyRow]])
    external_tasks: Rows = field(default_factory=dict[str, Sequence[AnyRow]])
    jobs: Rows = field(default_factory=dict[str, Sequence[AnyRow]])
    event_subscriptions: Rows = field(default_factory=dict[str, Sequence[AnyRow]])
    incidents: Rows = field(default_factory=dict[str, Sequence[AnyRow]])
    variables: Mapping[str, Sequence[VariableRow]] = field(default_factory=dict[str, Sequence[VariableRow]])
    cases: Rows = field(default_factory=dict[str, Sequence[AnyRow]])

    def build(self, instance_id: str, executions: Mapping[str, Execution]) -> ExecutionRows:
        """What belongs to the executions of one instance."""
        found = ExecutionRows()
        of_tasks: dict[str, list[VariableRow]] = {}
        for row in self.variables.get(instance_id, ()):
            if row.task_id_ is not None:
                of_tasks.setdefault(row.task_id_, []).append(row)
            elif row.execution_id_ is not None:
                _add_variable(found, row, executions[row.execution_id_])
        tasks = [_task(row, executions, of_tasks.get(row.id_, ())) for row in self.tasks.get(instance_id, ())]
        _add(found.tasks, tasks)
        _add(found.external_tasks, _built(self.external_tasks, instance_id, executions, _external_task))
        _add(found.jobs, _built(self.jobs, instance_id, executions, _job))
        _add(found.event_subscriptions, _built(self.event_subscriptions, instance_id, executions, _subscription))
        _add(found.incidents, _built(self.incidents, instance_id, executions, _incident))
        _add(found.cases, self._cases(instance_id, executions))
        return found

    def _cases(self, instance_id: str, executions: Mapping[str, Execution]) -> list[CalledCase]:
        return [
            CalledCase(id=row.id_, revision=row.rev_, execution=executions[id_])
            for id_, rows in self.cases.items()
            if id_ in executions and executions[id_].process_instance_id == instance_id
            for row in rows
        ]


R = TypeVar("R", bound=OwnedRow)


def _built(
    rows: Rows,
    instance_id: str,
    executions: Mapping[str, Execution],
    build: Callable[[AnyRow, Mapping[str, Execution]], R],
) -> list[R]:
    return [build(row, executions) for row in rows.get(instance_id, ())]


def _add(rows: OwnedRows[R], items: Iterable[R]) -> None:
    for item in items:
        item.before = item.columns
        rows.add(item)


def _add_variable(found: ExecutionRows, row: VariableRow, execution: Execution) -> None:
    found.variables.local(execution)[row.name_] = Variable.from_row(row, execution)
    found.loaded_variables[row.id_] = (execution.id, row.proc_def_id_)


def _task(row: AnyRow, executions: Mapping[str, Execution], variables: Sequence[VariableRow]) -> Task:
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


_task_row, _external_task_row, _job_row = act_ru_task.c, act_ru_ext_task.c, act_ru_job.c
_subscription_row, _incident_row = act_ru_event_subscr.c, act_ru_incident.c
# Columns are named, since a database may lack those that came with later versions.
TASKS = select(
    _task_row.id_,
    _task_row.rev_,
    _task_row.proc_inst_id_,
    _task_row.execution_id_,
    _task_row.proc_def_id_,
    _task_row.task_def_key_,
).where(in_parameter(_task_row.proc_inst_id_))
EXTERNAL_TASKS = select(
    _external_task_row.id_,
    _external_task_row.rev_,
    _external_task_row.proc_inst_id_,
    _external_task_row.execution_id_,
    _external_task_row.proc_def_id_,
    _external_task_row.proc_def_key_,
    _external_task_row.act_id_,
).where(in_parameter(_external_task_row.execution_id_))
# SELECT job.…, definition.act_id_, definition.job_configuration_ FROM act_ru_job job
#   LEFT JOIN act_ru_jobdef definition ON definition.id_ = job.job_def_id_ WHERE job.process_instance_id_ = ANY (:ids)
JOBS = (
    select(
        _job_row.id_,
        _job_row.rev_,
        _job_row.process_instance_id_,
        _job_row.execution_id_,
        _job_row.type_,
        _job_row.handler_type_,
        _job_row.handler_cfg_,
        _job_row.process_def_id_,
        _job_row.process_def_key_,
        _job_row.deployment_id_,
        _job_row.job_def_id_,
        _job_row.duedate_,
        _job_row.repeat_,
        _job_row.suspension_state_,
        act_ru_jobdef.c.act_id_,
        act_ru_jobdef.c.job_configuration_,
    )
    .join_from(act_ru_job, act_ru_jobdef, act_ru_jobdef.c.id_ == _job_row.job_def_id_, isouter=True)
    .where(in_parameter(_job_row.process_instance_id_))
)
SUBSCRIPTIONS = (
    select(
        _subscription_row.id_,
        _subscription_row.rev_,
        _subscription_row.proc_inst_id_,
        _subscription_row.execution_id_,
        _subscription_row.event_type_,
        _subscription_row.event_name_,
        _subscription_row.activity_id_,
        _subscription_row.configuration_,
    )
    .where(in_parameter(_subscription_row.execution_id_))
    .order_by(_subscription_row.created_, _subscription_row.id_)
    .with_for_update()
)
INCIDENTS = (
    select(
        _incident_row.id_,
        _incident_row.rev_,
        _incident_row.proc_inst_id_,
        _incident_row.execution_id_,
        _incident_row.incident_type_,
        _incident_row.configuration_,
        _incident_row.activity_id_,
        _incident_row.proc_def_id_,
        _incident_row.job_def_id_,
    )
    .where(in_parameter(_incident_row.proc_inst_id_))
    .with_for_update()
)
VARIABLES = select_variables(in_parameter(act_ru_variable.c.proc_inst_id_))

_case = act_ru_case_execution.c
CASES = (
    select(_case.id_, _case.rev_, _case.super_exec_)
    .where(in_parameter(_case.super_exec_))
    .order_by(_case.id_)
    .with_for_update()
)
"""Case instances by those that called them; there is no index for it."""


def load_owned_rows(transaction: Transaction, instance_ids: Sequence[str], executions: Mapping[str, int]) -> ChunkRows:
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

    variables: dict[str, list[VariableRow]] = {}
    for row in read_variables(transaction, VARIABLES, {"ids": instance_ids}):
        variables.setdefault(row.proc_inst_id_ or "", []).append(row)
    return ChunkRows(
        tasks=rows(TASKS, instance_ids),
        external_tasks=rows(EXTERNAL_TASKS, execution_ids),
        jobs=rows(JOBS, instance_ids, "process_instance_id_"),
        event_subscriptions=rows(SUBSCRIPTIONS, execution_ids),
        incidents=rows(INCIDENTS, instance_ids),
        variables=variables,
        cases=rows(CASES, callers, "super_exec_") if callers else {},
    )
