"""Loads execution trees: all instances of the roots concerned, locked, in a few statements for a whole chunk.

Process instances are locked first: whoever adds an execution, task or variable to one holds its row by a foreign key,
so that what is read afterwards is all there is.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, func, literal, select

from process_engine.database import database_of, in_parameter, in_subquery, in_values
from process_engine.execution_tree.execution import Execution, State
from process_engine.execution_tree.hooks import looks_at_variables
from process_engine.execution_tree.loading.variables import read_variables, select_variables
from process_engine.execution_tree.variables import Variable, VariableRow, Variables
from process_engine.model import ProcessDefinition, load_definitions
from process_engine.schema.runtime import act_ru_execution, act_ru_task, act_ru_variable
from process_engine.schema.runtime_jobs import act_ru_ext_task, act_ru_job
from process_engine.schema.values import SUSPENDED
from process_engine.transaction import Transaction


class TreeRow(NamedTuple):
    """A row of ACT_RU_EXECUTION, by the names of its columns; trees of thousands are built from such rows."""

    id_: str
    rev_: int | None
    proc_inst_id_: str
    parent_id_: str | None
    super_exec_: str | None
    proc_def_id_: str
    tenant_id_: str | None
    act_id_: str | None
    act_inst_id_: str | None
    is_active_: bool | None
    is_concurrent_: bool | None
    is_scope_: bool | None
    is_event_scope_: bool | None
    suspension_state_: int | None
    cached_ent_state_: int | None
    sequence_counter_: int | None


COLUMNS = tuple(act_ru_execution.c[name] for name in TreeRow._fields)


OWNERS = (
    act_ru_ext_task.c.proc_inst_id_,
    act_ru_job.c.process_instance_id_,
    act_ru_variable.c.proc_inst_id_,
    act_ru_task.c.proc_inst_id_,
)
"""Process instance columns of what belongs to executions, in the order in which the Java engine writes."""


def _instances() -> Select[*tuple[Any, ...]]:
    """Process instances: those of `ids`, and all that have a root in common with one."""
    # SELECT id_, root_proc_inst_id_ FROM act_ru_execution WHERE root_proc_inst_id_ = ANY (ARRAY(
    #   SELECT root_proc_inst_id_ FROM act_ru_execution WHERE id_ = ANY (:ids) AND parent_id_ IS NULL))
    given, table = act_ru_execution.alias("given").c, act_ru_execution.c
    roots = select(given.root_proc_inst_id_).where(in_parameter(given.id_), given.parent_id_.is_(None))
    return select(table.id_, table.root_proc_inst_id_).where(in_subquery(table.root_proc_inst_id_, roots))


def _contents() -> Select[*tuple[Any, ...]]:
    # WITH instances AS (…), locked_act_ru_job AS (SELECT 1 FROM act_ru_job
    #   WHERE process_instance_id_ = ANY (ARRAY(SELECT id_ FROM instances)) FOR UPDATE), …
    #   SELECT (SELECT count(*) FROM locked_act_ru_job), …
    instances = _instances().cte("instances")
    counts = [
        select(func.count())
        .select_from(
            select(literal(1))
            .select_from(column.table)
            .where(in_subquery(column, select(instances.c.id_)))
            .with_for_update()
            .cte(f"locked_{column.table.name}")
        )
        .scalar_subquery()
        for column in OWNERS
    ]
    return select(*counts)


CONTENTS = _contents()
INSTANCES = _instances().order_by(act_ru_execution.c.id_).with_for_update()
EXECUTIONS = select(*COLUMNS).where(in_parameter(act_ru_execution.c.proc_inst_id_)).with_for_update()


@dataclass(frozen=True, slots=True)
class TreeRows:
    """The rows of all instances below one root, from which its trees are built, again and again if need be.

    Attributes:
        root_process_instance_id: ROOT_PROC_INST_ID_ of the instances; null of those that are older than the column.
    """

    root_id: str
    root_process_instance_id: str | None
    executions: Sequence[TreeRow]
    variables: Sequence[VariableRow]
    definitions: Mapping[str, ProcessDefinition]

    def build(self) -> tuple[dict[str, Execution], Variables]:
        """Executions by id, linked with each other, and their variables."""
        known = {row.id_ for row in self.executions}
        executions = {row.id_: self._execution(row, known) for row in self.executions}
        for row in self.executions:
            execution = executions[row.id_]
            if row.parent_id_ is not None:
                execution.parent = executions[row.parent_id_]
                execution.parent.children.append(execution)
            if row.super_exec_ in executions:
                execution.caller = executions[row.super_exec_]
                execution.caller.called = execution
        return executions, self._variables(executions)

    def _execution(self, row: TreeRow, known: Collection[str]) -> Execution:
        is_active, is_concurrent, is_scope = bool(row.is_active_), bool(row.is_concurrent_), bool(row.is_scope_)
        cached_state, sequence_counter = row.cached_ent_state_ or 0, row.sequence_counter_ or 0
        return Execution(
            id=row.id_,
            revision=row.rev_,
            process_instance_id=row.proc_inst_id_,
            process_definition_id=row.proc_def_id_,
            root_process_instance_id=self.root_process_instance_id,
            tenant_id=row.tenant_id_,
            definition=self.definitions[row.proc_def_id_],
            activity_id=row.act_id_,
            activity_instance_id=row.act_inst_id_,
            is_active=is_active,
            is_concurrent=is_concurrent,
            is_scope=is_scope,
            is_event_scope=bool(row.is_event_scope_),
            is_suspended=row.suspension_state_ == SUSPENDED,
            cached_state=cached_state,
            sequence_counter=sequence_counter,
            content=cached_state,
            before=State(
                row.parent_id_,
                row.super_exec_ if row.super_exec_ in known else None,
                row.act_id_,
                row.act_inst_id_,
                is_active,
                is_concurrent,
                is_scope,
                sequence_counter,
            ),
        )

    def _variables(self, executions: Mapping[str, Execution]) -> Variables:
        variables = Variables()
        for row in self.variables:
            execution = executions[row.execution_id_ or ""]
            variables.local(execution)[row.name_] = Variable.from_row(row, execution)
        return variables


def load_trees(transaction: Transaction, instance_ids: Sequence[str]) -> list[TreeRows]:
    """Lock and load the trees of process instances, up to their roots and down to all that they call.

    Ids that are no process instance are not in any of them.
    """
    _lock_contents(transaction, instance_ids)
    roots = _lock_instances(transaction, instance_ids)
    old: dict[str, str] = {}
    if unknown := [id_ for id_ in instance_ids if id_ not in roots]:
        old = _lock_instances_without_root(transaction, unknown)
        roots |= old
    if not roots:
        return []
    rows = _read_executions(transaction, roots)
    definitions = load_definitions(transaction, {row.proc_def_id_ for row in rows})
    by_root: dict[str, list[TreeRow]] = {}
    for row in rows:
        by_root.setdefault(roots[row.proc_inst_id_], []).append(row)
    watched = _roots_with_variables(by_root, set(instance_ids), definitions)
    variables = _read_variables(transaction, {id_: root for id_, root in roots.items() if root in watched})
    return [
        TreeRows(root, None if root in old else root, executions, variables.get(root, ()), definitions)
        for root, executions in by_root.items()
    ]


def _lock_contents(transaction: Transaction, ids: Sequence[str]) -> None:
    """Lock what belongs to executions before them, as the Java engine writes them.

    A transaction of the Java engine that ends a task holds the task, then wants its execution. Whoever held executions
    first and wanted their tasks later would often end up in a deadlock with it. What is locked is read afterwards.
    """
    if database_of(transaction.connection).is_shared:
        transaction.connection.execute(CONTENTS, {"ids": ids})


def _lock_instances(transaction: Transaction, ids: Sequence[str]) -> dict[str, str]:
    """Process instances with their roots: those of `ids`, and all that have a root in common with one."""
    rows = transaction.connection.execute(INSTANCES, {"ids": ids}).all()
    return {row.id_: row.root_proc_inst_id_ or row.id_ for row in rows}


def _lock_instances_without_root(transaction: Transaction, ids: Sequence[str]) -> dict[str, str]:
    """Process instances that were started before ROOT_PROC_INST_ID_ was there: found from caller to called and back."""
    instance = act_ru_execution.c
    query = select(instance.id_).where(
        in_values(instance.id_, ids), instance.parent_id_.is_(None), instance.root_proc_inst_id_.is_(None)
    )
    found = set(transaction.connection.scalars(query))
    callers: dict[str, str] = {}
    known: set[str] = set()
    while new := found - known:
        known |= new
        callers |= _callers(transaction, new)
        found |= callers.keys() | set(callers.values())
    query = select(instance.id_).where(in_values(instance.id_, found)).order_by(instance.id_).with_for_update()
    locked = transaction.connection.scalars(query).all() if found else ()
    return {id_: _topmost(callers, id_) for id_ in locked}


def _callers(transaction: Transaction, ids: set[str]) -> dict[str, str]:
    """Caller by called process instance, of all pairs of which one is in `ids`."""
    # SELECT called.id_, call.proc_inst_id_ FROM act_ru_execution called, act_ru_execution call
    #   WHERE call.id_ = called.super_exec_ AND (called.id_ IN (…) OR call.proc_inst_id_ IN (…))
    called, call = act_ru_execution.alias("called").c, act_ru_execution.alias("call").c
    query = select(called.id_, call.proc_inst_id_).where(
        call.id_ == called.super_exec_, in_values(called.id_, ids) | in_values(call.proc_inst_id_, ids)
    )
    return {row.id_: row.proc_inst_id_ or row.id_ for row in transaction.connection.execute(query).all()}


def _topmost(callers: Mapping[str, str], id_: str) -> str:
    while callers.get(id_, id_) != id_:
        id_ = callers[id_]
    return id_


def _read_executions(transaction: Transaction, instance_ids: Iterable[str]) -> list[TreeRow]:
    """In no order but the table's, as the Java engine reads them."""
    rows = transaction.connection.execute(EXECUTIONS, {"ids": tuple(instance_ids)}).all()
    return [TreeRow._make(row) for row in rows]


def _roots_with_variables(
    by_root: Mapping[str, Sequence[TreeRow]], items: set[str], definitions: Mapping[str, ProcessDefinition]
) -> set[str]:
    """Roots below which variables are looked at: by what is run at ends, or to count a multi-instance body down."""
    looking = {id_ for id_, definition in definitions.items() if looks_at_variables(definition)}
    return {
        root
        for root, rows in by_root.items()
        if any(row.proc_def_id_ in looking or (row.super_exec_ is not None and row.id_ in items) for row in rows)
    }


def _read_variables(transaction: Transaction, roots: Mapping[str, str]) -> dict[str, list[VariableRow]]:
    """Variables of executions, by the root of their instance, whole: a value may move to another variable."""
    if not roots:
        return {}
    table = act_ru_variable.c
    query = select_variables(
        in_values(table.proc_inst_id_, roots), table.task_id_.is_(None), table.execution_id_.is_not(None)
    )
    found: dict[str, list[VariableRow]] = {}
    for row in read_variables(transaction, query):
        found.setdefault(roots[row.proc_inst_id_ or ""], []).append(row)
    return found
