"""Set-based migration of a chunk."""

from collections.abc import Mapping, Sequence

from process_engine.operations.migration.definition_rows import DefinitionRow
from process_engine.operations.migration.set_based.instances import set_based_updates
from process_engine.operations.migration.set_based.loading import read_instances, read_job_definitions
from process_engine.operations.migration.set_based.mapping import SetBasedMapping
from process_engine.operations.migration.set_based.rows import ContentKind, ExecutionRow, RowUpdates
from process_engine.operations.migration.set_based.saving import save
from process_engine.transaction import Transaction


def migrate_set_based(
    transaction: Transaction,
    executions: Mapping[str, Sequence[ExecutionRow]],
    mapping: SetBasedMapping,
    target: DefinitionRow,
) -> list[str]:
    """Migrate those instances whose rows alone say how; the others are left as they are.

    Args:
        transaction: The caller commits.
        executions: By process instance, all of the source definition, locked.
        mapping: How activities are mapped.
        target: What rows say of the target.

    Returns:
        The instances that were migrated.
    """
    instances = read_instances(transaction, executions, executions)
    have_jobs = any(row.kind is ContentKind.JOB for each in instances for row in each.contents)
    job_definitions = read_job_definitions(transaction, target.id) if have_jobs else {}
    updates = RowUpdates()
    for instance in instances:
        if (of_instance := set_based_updates(instance, mapping, job_definitions)) is not None:
            updates.add(of_instance)
    save(transaction, updates, mapping, target)
    return updates.instances
