"""Loads a process definition with its job definitions."""

from sqlalchemy import select

from process_engine.execution_tree.definitions import DeployedDefinition, JobDefinition
from process_engine.model import ProcessDefinition
from process_engine.schema.repository import act_re_procdef
from process_engine.schema.runtime_jobs import act_ru_jobdef
from process_engine.transaction import Transaction


def load_definition(transaction: Transaction, definition_id: str, model: ProcessDefinition) -> DeployedDefinition:
    """The process definition of an id, with its job definitions.

    Args:
        transaction: The caller commits.
        definition_id: It exists.
        model: What was deployed.
    """
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
    job_definitions = tuple(
        JobDefinition(
            id=row.id_,
            activity_id=row.act_id_,
            type=row.job_type_,
            configuration=row.job_configuration_,
            suspension_state=row.suspension_state_ or 1,
            priority=row.job_priority_,
            tenant_id=row.tenant_id_,
            deployment_id=row.deployment_id_,
        )
        for row in transaction.connection.execute(query)
    )
    return DeployedDefinition(definition_id, model, deployment, job_definitions)
