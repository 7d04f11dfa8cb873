"""Sets variables on process instances, the same on each: what a migration plan or a client says of a whole list.

Source: SetExecutionVariablesCmd.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select, update

from process_engine.configuration import RemovalTimeStrategy
from process_engine.database import AnyRow, in_values
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.loading.variables import read_variables, select_variables
from process_engine.execution_tree.saving.variables import save_variables
from process_engine.execution_tree.values.stored import StoredValue
from process_engine.execution_tree.variables import Variable, Variables
from process_engine.executions import VARIABLES_BIT
from process_engine.model import ProcessDefinition
from process_engine.schema.runtime import act_ru_execution, act_ru_variable
from process_engine.transaction import Transaction


def set_on_migrated_instances(
    transaction: Transaction,
    instance_ids: Sequence[str],
    values: Mapping[str, StoredValue],
    transient: Collection[str],
    definition: ProcessDefinition,
) -> None:
    """Set variables on instances that were migrated before in the same transaction.

    Their rows are locked, and written once more at the revision that they got then. The history of a root instance that
    was migrated forgets its removal time for what is written afterwards.

    Args:
        transaction: The caller commits.
        instance_ids: Process instances.
        values: By name.
        transient: Names of others that are not stored; the engine marks the instance for them nevertheless.
        definition: The model that they are of now.
    """
    if not instance_ids:
        return
    if values:
        _set_on_instances(transaction, instance_ids, values, definition)
    if values or transient:
        table = act_ru_execution.c
        marked = update(act_ru_execution).where(
            in_values(table.id_, instance_ids), table.cached_ent_state_.op("&")(VARIABLES_BIT) == 0
        )
        transaction.connection.execute(marked.values(cached_ent_state_=table.cached_ent_state_.op("|")(VARIABLES_BIT)))


def _set_on_instances(
    transaction: Transaction,
    instance_ids: Sequence[str],
    values: Mapping[str, StoredValue],
    definition: ProcessDefinition,
) -> None:
    instances = _read(transaction, instance_ids, definition)
    roots = [each for each in instances if each.root_process_instance_id in (each.id, None)]
    called = [each for each in instances if each.root_process_instance_id not in (each.id, None)]
    unlogged = replace(transaction, log_prevented=True)
    forgetting = replace(transaction.configuration, history_removal_time_strategy=RemovalTimeStrategy.NONE)
    _set(replace(unlogged, configuration=forgetting), roots, values)
    _set(unlogged, called, values)


def _set(transaction: Transaction, instances: Sequence[Execution], values: Mapping[str, StoredValue]) -> None:
    if not instances:
        return
    variables = _present(transaction, instances, values)
    for instance in instances:
        for name, value in values.items():
            variables.set_local(instance, name, value, instance, transaction.new_id)
    save_variables(transaction, variables, is_history_written=True)


def _read(transaction: Transaction, instance_ids: Sequence[str], definition: ProcessDefinition) -> list[Execution]:
    table = act_ru_execution.c
    query = select(
        table.id_,
        table.rev_,
        table.proc_def_id_,
        table.root_proc_inst_id_,
        table.tenant_id_,
        table.act_id_,
        table.act_inst_id_,
    ).where(in_values(table.id_, instance_ids))
    return [_instance(row, definition) for row in transaction.connection.execute(query)]


def _instance(row: AnyRow, definition: ProcessDefinition) -> Execution:
    return Execution(
        id=row.id_,
        revision=row.rev_,
        process_instance_id=row.id_,
        process_definition_id=row.proc_def_id_,
        root_process_instance_id=row.root_proc_inst_id_,
        tenant_id=row.tenant_id_,
        definition=definition,
        activity_id=row.act_id_,
        activity_instance_id=row.act_inst_id_,
        is_active=True,
        is_concurrent=False,
        is_scope=True,
        is_event_scope=False,
        is_suspended=False,
        cached_state=VARIABLES_BIT,
        sequence_counter=0,
    )


def _present(transaction: Transaction, instances: Sequence[Execution], values: Mapping[str, StoredValue]) -> Variables:
    """Variables of the names that instances have already; their old values matter to nobody."""
    table, variables = act_ru_variable.c, Variables()
    by_id = {each.id: each for each in instances}
    query = select_variables(
        in_values(table.execution_id_, by_id),
        in_values(table.name_, values),
        table.task_id_.is_(None),
        with_bytes=False,
    )
    for row in read_variables(transaction, query):
        instance = by_id[row.execution_id_ or ""]
        variables.local(instance)[row.name_] = Variable.from_row(row, instance)
    return variables
