"""Writes what set-based migration changes: one statement a table for a whole chunk.

All rows were locked before they were read, so that no revision needs to be compared.

Source: MigratingActivityInstance, MigratingJobInstance, MigratingUserTaskInstance, MigratingVariableInstance and their
like; DefaultHistoryEventProducer#createActivityInstanceMigrateEvt and its like.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import String, Table, Update, bindparam, case, func, select, update

from process_engine.byte_arrays import renew_byte_arrays
from process_engine.database import in_parameter, row_values, values_parameter
from process_engine.history_level import HistoryLevel
from process_engine.operations.migration.definition_rows import DefinitionRow
from process_engine.operations.migration.set_based.mapping import SetBasedMapping
from process_engine.operations.migration.set_based.rows import RowUpdates
from process_engine.schema.history import (
    act_hi_actinst,
    act_hi_incident,
    act_hi_procinst,
    act_hi_taskinst,
    act_hi_varinst,
)
from process_engine.schema.runtime import (
    act_ru_event_subscr,
    act_ru_execution,
    act_ru_incident,
    act_ru_task,
    act_ru_variable,
)
from process_engine.schema.runtime_jobs import act_ru_ext_task, act_ru_job
from process_engine.schema.values import SUSPENDED, InstanceState
from process_engine.transaction import Transaction

TEXT = String()
CREATED = "CREATED"
"""STATE_ of ACT_HI_VARINST."""


FIELDS = {
    "proc_def_id_": "id",
    "process_def_id_": "id",
    "proc_def_key_": "key",
    "process_def_key_": "key",
    "deployment_id_": "deployment_id",
}
"""What columns say of the target."""
DEFINITION = ("proc_def_id_", "proc_def_key_")
"""Columns that most tables name a process definition with; tasks and incidents know no key."""
OF_JOB = ("process_def_id_", "process_def_key_", "deployment_id_")


def save(transaction: Transaction, updates: RowUpdates, mapping: SetBasedMapping, target: DefinitionRow) -> None:
    """Save the updates of a chunk; the caller commits."""
    if not updates.instances:
        return
    save_each = _Each(transaction, target)
    _save_runtime(save_each, updates)
    _update_executions(transaction, updates.instances, mapping, target)
    if transaction.history_level >= HistoryLevel.ACTIVITY:
        _save_instances(save_each, updates)
    if transaction.history_level >= HistoryLevel.AUDIT:
        _save_variables(transaction, updates.instances, target)
    if transaction.history_level >= HistoryLevel.FULL:
        columns = ("execution_id_", "activity_id_", "job_def_id_")
        save_each(act_hi_incident, columns, updates.incidents, DEFINITION)


@dataclass(frozen=True)
class _Each:
    """Sets columns of rows by their ids, each row its own values, and those that name the definition."""

    transaction: Transaction
    target: DefinitionRow

    def __call__(
        self, table: Table, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]], common: tuple[str, ...]
    ) -> None:
        if rows:
            connection = self.transaction.connection
            given = row_values(connection, dict.fromkeys(("id_", *names), TEXT), rows)
            connection.execute(_updating(table, names, common), given | _parameters(self.target, common))


@cache
def _updating(table: Table, names: tuple[str, ...], common: tuple[str, ...]) -> Update:
    # UPDATE act_ru_job SET job_def_id_ = given.job_def_id_, …, process_def_id_ = :target_process_def_id_,
    #   rev_ = rev_ + 1 FROM (VALUES …) given WHERE act_ru_job.id_ = given.id_
    given = values_parameter(dict.fromkeys(("id_", *names), TEXT))
    values: dict[str, Any] = {name: given.c[name] for name in names} | _named(common)
    if "rev_" in table.c:
        values["rev_"] = table.c.rev_ + 1
    return update(table).where(table.c.id_ == given.c.id_).values(values)


def _parameters(target: DefinitionRow, columns: Iterable[str]) -> dict[str, str | None]:
    """What statements are given that set columns which name the target."""
    return {f"target_{name}": getattr(target, FIELDS[name]) for name in columns}


def _named(columns: Iterable[str]) -> dict[str, Any]:
    """The target's parameters, by the columns that they are for."""
    return {name: bindparam(f"target_{name}", type_=TEXT) for name in columns}


# ---------------------------------------------------------------- runtime


def _save_runtime(save_each: _Each, updates: RowUpdates) -> None:
    of_task = ("proc_def_id_",)
    external_tasks = [(id_, activity_id) for id_, _, activity_id in updates.external_tasks]
    incidents = [(id_, activity_id, definition_id) for id_, _, activity_id, definition_id in updates.incidents]
    subscriptions = [(id_, activity_id) for id_, _, activity_id in updates.subscriptions]
    tasks = [(id_, activity_id) for id_, _, activity_id in updates.tasks]
    save_each(act_ru_ext_task, ("act_id_",), external_tasks, DEFINITION)
    save_each(act_ru_incident, ("activity_id_", "job_def_id_"), incidents, of_task)
    save_each(act_ru_job, ("job_def_id_", "handler_cfg_"), updates.jobs, OF_JOB)
    save_each(act_ru_event_subscr, ("activity_id_",), subscriptions, ())
    save_each(act_ru_task, ("task_def_key_",), tasks, of_task)


def _update_executions(
    transaction: Transaction, instance_ids: Sequence[str], mapping: SetBasedMapping, target: DefinitionRow
) -> None:
    columns = tuple(name for name in DEFINITION if transaction.has(act_ru_execution.c[name]))
    statement = _updating_executions(columns, tuple(_renamed(mapping).items()))
    transaction.connection.execute(statement, {"ids": instance_ids} | _parameters(target, columns))


@lru_cache(maxsize=64)
def _updating_executions(columns: tuple[str, ...], renamed: tuple[tuple[str, str], ...]) -> Update:
    table = act_ru_execution.c
    values: dict[str, Any] = {"rev_": table.rev_ + 1} | _named(columns)
    if renamed:
        values["act_id_"] = case(dict(renamed), value=table.act_id_, else_=table.act_id_)
    return update(act_ru_execution).where(in_parameter(table.proc_inst_id_)).values(values)


def _renamed(mapping: SetBasedMapping) -> dict[str, str]:
    return {
        source: target.id
        for source, target in {**mapping.transitions, **mapping.activities}.items()
        if source != target.id
    }


# ---------------------------------------------------------------- history


_instance, _execution = act_hi_procinst.c, act_ru_execution.c
# UPDATE act_hi_procinst SET state_ = CASE act_ru_execution.suspension_state_ …, proc_def_id_ = :target_proc_def_id_, …
#   FROM act_ru_execution WHERE act_hi_procinst.id_ = ANY (:ids) AND act_ru_execution.id_ = act_hi_procinst.id_
INSTANCES = (
    update(act_hi_procinst)
    .where(in_parameter(_instance.id_), _execution.id_ == _instance.id_)
    .values(
        state_=case((_execution.suspension_state_ == SUSPENDED, InstanceState.SUSPENDED), else_=InstanceState.ACTIVE)
    )
    .values(_named(DEFINITION))
)


def _save_instances(save_each: _Each, updates: RowUpdates) -> None:
    """What is open: whatever has ended stays with the definition in which it did."""
    save_each(act_hi_taskinst, ("execution_id_", "task_def_key_"), updates.tasks, DEFINITION)
    columns = ("execution_id_", "act_id_", "act_name_", "act_type_")
    save_each(act_hi_actinst, columns, updates.activity_instances, DEFINITION)
    given = {"ids": updates.instances} | _parameters(save_each.target, DEFINITION)
    save_each.transaction.connection.execute(INSTANCES, given)


_variable, _historic = act_ru_variable.c, act_hi_varinst.c
_of_executions = in_parameter(_variable.proc_inst_id_), _variable.task_id_.is_(None)
_written: dict[str, Any] = {"rev_": _historic.rev_ + 1, "state_": CREATED} | _named(DEFINITION)
# SELECT variable.id_, history.bytearray_id_ FROM act_ru_variable variable, act_hi_varinst history
#   WHERE variable.proc_inst_id_ = ANY (:ids) AND variable.task_id_ IS NULL AND history.id_ = variable.id_ AND …
HELD = select(_variable.id_, _historic.bytearray_id_).where(
    *_of_executions,
    _variable.bytearray_id_.is_not(None),
    _historic.id_ == _variable.id_,
    _historic.bytearray_id_.is_not(None),
)
VARIABLES = update(act_hi_varinst).where(*_of_executions, _historic.id_ == _variable.id_).values(_written)
RENEWED = {"id_": TEXT, "new": TEXT}


def _with_new_bytes() -> Update:
    # UPDATE act_hi_varinst SET bytearray_id_ = coalesce(owned.new, bytearray_id_), … FROM (
    #   SELECT variable.id_, given.new FROM act_ru_variable variable LEFT JOIN (VALUES …) given
    #   ON given.id_ = variable.id_ WHERE variable.proc_inst_id_ = ANY (:ids) AND variable.task_id_ IS NULL) owned
    #   WHERE act_hi_varinst.id_ = owned.id_
    given = values_parameter(RENEWED)
    owned = (
        select(_variable.id_, given.c.new)
        .join_from(act_ru_variable, given, given.c.id_ == _variable.id_, isouter=True)
        .where(*_of_executions)
        .subquery("owned")
    )
    new = func.coalesce(owned.c.new, _historic.bytearray_id_)
    return update(act_hi_varinst).where(_historic.id_ == owned.c.id_).values(bytearray_id_=new, **_written)


VARIABLES_WITH_NEW_BYTES = _with_new_bytes()


def _save_variables(transaction: Transaction, instance_ids: Sequence[str], target: DefinitionRow) -> None:
    """Variables of executions; those of tasks keep their definition. Their bytes get new ids, as if written anew."""
    connection = transaction.connection
    given: dict[str, Any] = {"ids": instance_ids}
    held = connection.execute(HELD, given).all()
    renewed = [(row.id_, str(row.bytearray_id_), transaction.new_id()) for row in held]
    if renewed:
        # The engine forgets the removal time of a root that is itself migrated: it finds the event of the migration
        # instead of the root's row.
        renew_byte_arrays(transaction, [(old, new) for _, old, new in renewed], instance_ids)
        given |= row_values(connection, RENEWED, [(id_, new) for id_, _, new in renewed])
    statement = VARIABLES_WITH_NEW_BYTES if renewed else VARIABLES
    connection.execute(statement, given | _parameters(target, DEFINITION))
