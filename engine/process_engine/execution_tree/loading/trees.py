"""Loads execution trees: all instances of the roots concerned, locked, in a few statements for a whole chunk.

Process instances are locked first: whoever adds an execution, task or variable to one holds its row by a foreign key,
so that what is read afterwards is all there is.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, select

from process_engine.database import AnyRow, has_row_locks, in_parameter, in_subquery, in_values
from process_engine.execution_tree.ends import looks_at_variables
from process_engine.execution_tree.execution import SUSPENDED, Execution, State
from process_engine.execution_tree.variables import Value, Variable, Variables
from process_engine.model import ProcessDefinition, load_definitions
from process_engine.schema.general import act_ge_bytearray
from process_engine.schema.runtime import act_ru_execution, act_ru_task, act_ru_variable
from process_engine.schema.runtime_jobs import act_ru_ext_task, act_ru_job
from process_engine.transaction import Transaction

COLUMNS = tuple(
    act_ru_execution.c[name]
    for name in (
        "id_",
        "rev_",
        "proc_inst_id_",
        "parent_id_",
        "super_exec_",
        "proc_def_id_",
        "tenant_id_",
        "act_id_",
        "act_inst_id_",
        "is_active_",
        "is_concurrent_",
        "is_scope_",
        "is_event_scope_",
        "suspension_state_",
        "cached_ent_state_",
        "sequence_counter_",
    )
)


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
    # WITH instances AS (…), jobs AS (SELECT 1 FROM act_ru_job WHERE process_instance_id_ = ANY (ARRAY(SELECT … FROM
    #   instances)) FOR UPDATE), … SELECT (SELECT count(*) FROM jobs), …
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
    executions: Sequence[AnyRow]
    variables: Sequence[AnyRow]
    definitions: Mapping[str, ProcessDefinition]

    def build(self) -> tuple[dict[str, Execution], Variables]:
        """Executions by id, linked with each other, and their variables."""
        known = {row[0] for row in self.executions}
        executions = {row[0]: self._execution(row, known) for row in self.executions}
        for row in self.executions:
            execution, parent_id, caller_id = executions[row[0]], row[3], row[4]
            if parent_id is not None:
                execution.parent = executions[parent_id]
                execution.parent.children.append(execution)
            if caller_id in executions:
                execution.caller = executions[caller_id]
                execution.caller.called = execution
        return executions, self._variables(executions)

    def _execution(self, row: AnyRow, known: Collection[str]) -> Execution:
        (
            id_, revision, instance_id, parent_id, caller_id, definition_id, tenant_id, activity_id,
            activity_instance_id, is_active, is_concurrent, is_scope, is_event_scope, suspension, cached_state, counter,
        ) = row  # fmt: skip
        flags = bool(is_active), bool(is_concurrent), bool(is_scope)
        return Execution(
            id_,
            revision,
            instance_id,
            definition_id,
            self.root_process_instance_id,
            tenant_id,
            self.definitions[definition_id],
            activity_id,
            activity_instance_id,
            *flags,
            bool(is_event_scope),
            suspension == SUSPENDED,
            cached_state or 0,
            counter or 0,
            content=cached_state or 0,
            before=State(
                parent_id,
                caller_id if caller_id in known else None,
                activity_id,
                activity_instance_id,
                *flags,
                counter or 0,
            ),
        )

    def _variables(self, executions: Mapping[str, Execution]) -> Variables:
        variables = Variables()
        for row in self.variables:
            execution = executions[row.execution_id_]
            data = None if row.bytes_ is None else bytes(row.bytes_)
            value = Value(row.type_, row.text_, row.text2_, row.long_, row.double_, data)
            variables.local(execution)[row.name_] = Variable(
                row.id_,
                row.name_,
                execution,
                value,
                row.rev_ or 0,
                row.sequence_counter_ or 0,
                bool(row.is_concurrent_local_),
                bytes_id=row.bytearray_id_,
            )
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
    definitions = load_definitions(transaction, {row[5] for row in rows})
    by_root: dict[str, list[AnyRow]] = {}
    for row in rows:
        by_root.setdefault(roots[row[2]], []).append(row)
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
    if has_row_locks(transaction.connection):
        transaction.connection.execute(CONTENTS, {"ids": ids})


def _lock_instances(transaction: Transaction, ids: Sequence[str]) -> dict[str, str]:
    """Process instances with their roots: those of `ids`, and all that have a root in common with one."""
    return {row[0]: row[1] or row[0] for row in transaction.connection.execute(INSTANCES, {"ids": ids}).all()}


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
    called, call = act_ru_execution.alias("called").c, act_ru_execution.alias("call").c
    query = select(called.id_, call.proc_inst_id_).where(
        call.id_ == called.super_exec_, in_values(called.id_, ids) | in_values(call.proc_inst_id_, ids)
    )
    return {row[0]: row[1] or row[0] for row in transaction.connection.execute(query).all()}


def _topmost(callers: Mapping[str, str], id_: str) -> str:
    while callers.get(id_, id_) != id_:
        id_ = callers[id_]
    return id_


def _read_executions(transaction: Transaction, instance_ids: Iterable[str]) -> Sequence[AnyRow]:
    """In no order but the table's, as the Java engine reads them."""
    return transaction.connection.execute(EXECUTIONS, {"ids": tuple(instance_ids)}).all()


def _roots_with_variables(
    by_root: Mapping[str, Sequence[AnyRow]], items: set[str], definitions: Mapping[str, ProcessDefinition]
) -> set[str]:
    """Roots below which variables are looked at: by what is run at ends, or to count a multi-instance body down."""
    looking = {id_ for id_, definition in definitions.items() if looks_at_variables(definition)}
    return {
        root
        for root, rows in by_root.items()
        if any(row[5] in looking or (row[4] is not None and row[0] in items) for row in rows)
    }


def _read_variables(transaction: Transaction, roots: Mapping[str, str]) -> dict[str, list[AnyRow]]:
    """Variables of executions, by the root of their instance, whole: a value may move to another variable."""
    if not roots:
        return {}
    table, resource = act_ru_variable.c, act_ge_bytearray.c
    query = (
        select(*table, resource.bytes_)
        .join_from(act_ru_variable, act_ge_bytearray, resource.id_ == table.bytearray_id_, isouter=True)
        .where(in_values(table.proc_inst_id_, roots), table.task_id_.is_(None), table.execution_id_.is_not(None))
    )
    found: dict[str, list[AnyRow]] = {}
    for row in transaction.connection.execute(query).all():
        found.setdefault(roots[row.proc_inst_id_], []).append(row)
    return found
