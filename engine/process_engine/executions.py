"""Executions as incidents and logs need them: with their process instance's root and caller."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from process_engine.database import AnyRow, in_values
from process_engine.schema.runtime import act_ru_execution
from process_engine.transaction import Transaction

EVENT_SUBSCRIPTIONS_BIT, TASKS_BIT, JOBS_BIT, INCIDENT_BIT, VARIABLES_BIT, EXTERNAL_TASKS_BIT = 1, 2, 4, 8, 16, 128
"""Of CACHED_ENT_STATE_: what the execution has. The engine trusts a cleared bit and looks no further."""


@dataclass(frozen=True)
class LockedExecution:
    """A row of ACT_RU_EXECUTION, joined with the row of its process instance.

    Attributes:
        root_id: ROOT_PROC_INST_ID_, which stands on the instance's row only.
        super_execution_id: The caller's execution, null for an instance that nobody called.
    """

    id: str
    revision: int | None
    process_instance_id: str | None
    process_definition_id: str | None
    activity_id: str | None
    tenant_id: str | None
    cached_entity_state: int
    root_id: str | None
    super_execution_id: str | None


def load_executions(transaction: Transaction, ids: Iterable[str | None]) -> dict[str | None, LockedExecution]:
    """Read and lock executions in the order of their ids."""
    wanted = {id_ for id_ in ids if id_ is not None}
    if not wanted:
        return {}
    # SELECT own.…, instance.root_proc_inst_id_, instance.super_exec_ FROM act_ru_execution own
    #   JOIN act_ru_execution instance ON instance.id_ = own.proc_inst_id_
    #   WHERE own.id_ IN (…) ORDER BY own.id_ FOR UPDATE OF own
    own, instance = act_ru_execution.c, act_ru_execution.alias("instance")
    query = (
        select(
            own.id_,
            own.rev_,
            own.proc_inst_id_,
            own.proc_def_id_,
            own.act_id_,
            own.tenant_id_,
            own.cached_ent_state_,
            instance.c.root_proc_inst_id_,
            instance.c.super_exec_,
        )
        .join_from(act_ru_execution, instance, instance.c.id_ == own.proc_inst_id_)
        .where(in_values(own.id_, wanted))
        .order_by(own.id_)
        .with_for_update(of=act_ru_execution)
    )
    return {row.id_: _execution(row) for row in transaction.connection.execute(query).all()}


def _execution(row: AnyRow) -> LockedExecution:
    return LockedExecution(
        id=row.id_,
        revision=row.rev_,
        process_instance_id=row.proc_inst_id_,
        process_definition_id=row.proc_def_id_,
        activity_id=row.act_id_,
        tenant_id=row.tenant_id_,
        cached_entity_state=row.cached_ent_state_ or 0,
        root_id=row.root_proc_inst_id_,
        super_execution_id=row.super_exec_,
    )
