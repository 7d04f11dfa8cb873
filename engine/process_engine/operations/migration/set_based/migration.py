"""Straight migration of a chunk."""

from collections.abc import Mapping, Sequence

from process_engine.operations.migration.set_based.instances import straight_changes
from process_engine.operations.migration.set_based.loading import read_instances, read_job_definitions
from process_engine.operations.migration.set_based.mapping import StraightMapping
from process_engine.operations.migration.set_based.rows import Changes, ContentKind, ExecutionRow
from process_engine.operations.migration.set_based.saving import Target, save
from process_engine.transaction import Transaction


def migrate_straight(
    transaction: Transaction,
    executions: Mapping[str, Sequence[ExecutionRow]],
    mapping: StraightMapping,
    target: Target,
) -> list[str]:
    """Migrate those instances that can be migrated straight; the others are left as they are.

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
    changes = Changes()
    for instance in instances:
        if (of_instance := straight_changes(instance, mapping, job_definitions)) is not None:
            changes.add(of_instance)
    save(transaction, changes, mapping, target)
    return changes.instances
