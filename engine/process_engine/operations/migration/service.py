"""Migration of a list of process instances, and the plans for it."""

from collections.abc import Sequence

from process_engine.operation_base.service import Service
from process_engine.operations.migration.operation import (
    MigrationRequest,
    check,
    log_migration,
    migrate_process_instances,
    plan_builder,
)
from process_engine.operations.migration.plan import MigrationPlan, MigrationPlanBuilder


class MigrationService(Service):
    """Source: RuntimeService#createMigrationPlan, #newMigration."""

    def create_migration_plan(self, source_id: str | None, target_id: str | None) -> MigrationPlanBuilder:
        """Begin a plan from one deployed process definition to another; its builder validates it.

        Raises:
            BadUserRequestError: A definition is not there.
            TenantMismatchError: They belong to different tenants.
        """
        with self.engine.begin() as transaction:
            return plan_builder(transaction, source_id, target_id)

    def migrate(
        self,
        plan: MigrationPlan | None,
        instance_ids: Sequence[str] | None,
        *,
        skip_custom_listeners: bool = False,
        skip_io_mappings: bool = False,
        user_id: str | None = None,
    ) -> None:
        """Migrate running process instances, all or none; the log gets one summary.

        Args:
            plan: From `create_migration_plan`; it is not validated again.
            instance_ids: Of the plan's source definition.
            skip_custom_listeners: Listeners of scopes that come and go are not called.
            skip_io_mappings: Their input and output mappings are not run.
            user_id: In whose name the operation is logged.

        Raises:
            BadUserRequestError: No plan, an empty list, or a null in it.
            MissingInstanceError: An instance is not there.
            DefinitionMismatchError: An instance is not of the plan's source.
            TenantMismatchError: An instance belongs to another tenant than the plan's target.
            MigratingProcessInstanceValidationError: The plan does not fit an instance.
            JvmCodeError: Only a JVM can run what a model has there.
            OptimisticLockingError: A row changed meanwhile.
        """
        check(plan, instance_ids)
        if plan is None or instance_ids is None:
            return
        ids = list(dict.fromkeys(instance_ids))
        request = MigrationRequest(
            plan=plan, skip_custom_listeners=skip_custom_listeners, skip_io_mappings=skip_io_mappings
        )
        with self.engine.begin(user_id) as transaction:
            log_migration(transaction, plan, len(ids), in_batch=False)
            migrate_process_instances(transaction, ids, request).raise_first_failure()


SERVICE = MigrationService
