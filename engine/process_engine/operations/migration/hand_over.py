"""Migration by the Java engine: the batch type ``instance-migration``.

Source: MigrateProcessInstanceBatchCmd, MigrationBatchJobHandler, MigrationBatchConfigurationJsonConverter,
MigrationPlanJsonConverter, VariableUtil#setVariablesByBatchId.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from process_engine.byte_arrays import RUNTIME, ByteArray, insert_byte_arrays
from process_engine.database import in_values
from process_engine.execution_tree.values.given import value_given
from process_engine.execution_tree.values.stored import StoredValue
from process_engine.hand_over.creation import ITEMS, EngineBatch, create_engine_batches
from process_engine.insertion import insert_rows
from process_engine.operations.migration.operation import MigrationRequest, read_definition_rows
from process_engine.operations.migration.plan import MigrationInstruction, MigrationPlan
from process_engine.schema.runtime import act_ru_execution, act_ru_variable
from process_engine.transaction import Transaction

BATCH_TYPE = "instance-migration"


def hand_over_migrations(
    transaction: Transaction, instance_ids: Sequence[str], request: MigrationRequest
) -> dict[str, str]:
    """Let the Java engine migrate process instances, in one batch of the source definition's deployment.

    Args:
        transaction: The caller commits.
        instance_ids: Of the source definition, without duplicates. Nothing of them is written.
        request: How; the plan was validated.

    Returns:
        The Java engine's batch of each.
    """
    source_id = request.plan.source_process_definition_id
    source = read_definition_rows(transaction, [source_id])[source_id]
    made = create_engine_batches(
        transaction,
        [
            EngineBatch(
                type=BATCH_TYPE,
                deployment_id=source.deployment_id,
                tenant_id=source.tenant_id,
                item_ids=instance_ids,
                configuration=_configuration(source.deployment_id, instance_ids, request),
            )
        ],
    )
    _insert_variables(transaction, next(iter(made.values())), request.plan)
    return made


def _configuration(deployment_id: str | None, instance_ids: Sequence[str], request: MigrationRequest) -> dict[str, Any]:
    plan = request.plan
    return {
        "migrationPlan": {
            "sourceProcessDefinitionId": plan.source_process_definition_id,
            "targetProcessDefinitionId": plan.target_process_definition_id,
            "instructions": [_instruction(each) for each in plan.instructions],
        },
        ITEMS: list(instance_ids),
        "processInstanceIdMappings": [{"deploymentId": deployment_id, "count": len(instance_ids)}],
        "skipListeners": request.skip_custom_listeners,
        "skipIoMappings": request.skip_io_mappings,
    }


def _instruction(instruction: MigrationInstruction) -> dict[str, Any]:
    return {
        "sourceActivityIds": [instruction.source_activity_id],
        "targetActivityIds": [instruction.target_activity_id],
        "updateEventTrigger": instruction.update_event_trigger,
    }


def _insert_variables(transaction: Transaction, engine_batch_id: str, plan: MigrationPlan) -> None:
    """The plan's variables belong to the batch, which its end removes; they have no history."""
    values = {name: value_given(name, given, transaction.clock) for name, given in (plan.variables or {}).items()}
    held = {name: transaction.new_id() for name, value in values.items() if value.data is not None}
    arrays = [ByteArray(id_, name, values[name].data or b"", RUNTIME) for name, id_ in held.items()]
    insert_byte_arrays(transaction, arrays)
    rows = [_variable(transaction, engine_batch_id, name, value, held) for name, value in values.items()]
    insert_rows(transaction.connection, act_ru_variable, rows)


def _variable(
    transaction: Transaction, batch_id: str, name: str, value: StoredValue, held: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "id_": transaction.new_id(),
        "rev_": 1,
        "type_": value.type,
        "name_": name,
        "batch_id_": batch_id,
        "bytearray_id_": held.get(name),
        "double_": value.double,
        "long_": value.long,
        "text_": value.text,
        "text2_": value.text2,
        "var_scope_": batch_id,
        "sequence_counter_": 1,
        "is_concurrent_local_": False,
    }


def still_of_source(transaction: Transaction, instance_ids: Sequence[str], source_id: str) -> set[str]:
    """Process instances that are still of the source definition."""
    instance = act_ru_execution.c
    query = select(instance.id_).where(in_values(instance.id_, instance_ids), instance.proc_def_id_ == source_id)
    return set(transaction.connection.scalars(query))
