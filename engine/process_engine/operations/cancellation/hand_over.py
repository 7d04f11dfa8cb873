"""Cancellation by the Java engine: the batch type ``instance-deletion``.

Source: DeleteProcessInstanceBatchCmd, DeleteProcessInstancesJobHandler,
DeleteProcessInstanceBatchConfigurationJsonConverter.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from process_engine.database import in_values
from process_engine.hand_over.creation import ITEMS, EngineBatch, by_deployment, create_engine_batches
from process_engine.operations.cancellation.manifest import CancellationOptions
from process_engine.schema.runtime import act_ru_execution
from process_engine.transaction import Transaction

BATCH_TYPE = "instance-deletion"


def hand_over_cancellations(
    transaction: Transaction, instance_ids: Sequence[str], options: CancellationOptions
) -> dict[str, str]:
    """Let the Java engine cancel process instances, in one batch for each of their deployments.

    Args:
        transaction: The caller commits.
        instance_ids: Without duplicates. Nothing of them is written.
        options: How; the state is always that of what ends from outside, as in all batches.

    Returns:
        The Java engine's batch of each.
    """
    batches = [
        EngineBatch(
            type=BATCH_TYPE,
            deployment_id=deployment,
            item_ids=ids,
            configuration=_configuration(deployment, ids, options),
        )
        for deployment, ids in by_deployment(transaction, instance_ids).items()
    ]
    return create_engine_batches(transaction, batches)


def _configuration(
    deployment_id: str | None, instance_ids: Sequence[str], options: CancellationOptions
) -> dict[str, Any]:
    reason = {} if options.delete_reason is None else {"deleteReason": options.delete_reason}
    return reason | {
        "processInstanceIdMappings": [{"deploymentId": deployment_id, "count": len(instance_ids)}],
        ITEMS: list(instance_ids),
        "skipCustomListeners": options.skip_custom_listeners,
        "skipSubprocesses": options.skip_subprocesses,
        "failIfNotExists": False,  # an instance that ended meanwhile is no error
        "skipIoMappings": options.skip_io_mappings,
    }


def running(transaction: Transaction, instance_ids: Sequence[str]) -> set[str]:
    """Process instances that still run."""
    query = select(act_ru_execution.c.id_).where(in_values(act_ru_execution.c.id_, instance_ids))
    return set(transaction.connection.scalars(query))
