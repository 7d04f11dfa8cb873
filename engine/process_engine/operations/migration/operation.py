"""Migration of process instances from one process definition to another.

Instances whose scopes stay as they are, are migrated set-based; all others on their execution trees, loaded and saved
for the whole call. An instance that cannot be migrated leaves no trace in what is saved.

Source: MigrateProcessInstanceCmd, AbstractMigrationCmd, CreateMigrationPlanCmd.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from process_engine.errors import (
    BadUserRequestError,
    DefinitionMismatchError,
    MissingInstanceError,
    ProcessEngineError,
    TenantMismatchError,
)
from process_engine.execution_tree.values.given import value_given
from process_engine.execution_tree.values.stored import StoredValue
from process_engine.model import ProcessDefinition, load_definitions
from process_engine.operation_base.outcome import Outcome
from process_engine.operation_log import LogEntry, PropertyChange, write_log
from process_engine.operations.migration.definition_rows import DefinitionRow, read_definition_rows
from process_engine.operations.migration.instance_variables import set_on_migrated_instances
from process_engine.operations.migration.on_trees.conditions import PlanVariables, has_conditions
from process_engine.operations.migration.on_trees.migration import migrate_trees
from process_engine.operations.migration.plan import MigrationPlan, MigrationPlanBuilder
from process_engine.operations.migration.set_based.loading import lock_executions
from process_engine.operations.migration.set_based.mapping import set_based_mapping
from process_engine.operations.migration.set_based.migration import migrate_set_based
from process_engine.operations.migration.set_based.rows import ExecutionRow
from process_engine.transaction import Transaction

MIGRATE = ("Migrate", "ProcessInstance")


@dataclass(frozen=True, kw_only=True)
class MigrationRequest:
    """How instances are migrated.

    Attributes:
        plan: A valid one: it is not validated again.
        skip_custom_listeners: Listeners of scopes that come and go are not called.
        skip_io_mappings: Their input and output mappings are not run.
        on_trees_only: All instances are migrated on their execution trees; it leaves the same.
    """

    plan: MigrationPlan
    skip_custom_listeners: bool = False
    skip_io_mappings: bool = False
    on_trees_only: bool = False


# ---------------------------------------------------------------- the plan


def plan_builder(
    transaction: Transaction, source_id: str | None, target_id: str | None, *, java_serialization_enabled: bool = False
) -> MigrationPlanBuilder:
    """A builder of plans from one deployed process definition to another.

    Raises:
        BadUserRequestError: A definition is not there, or not named.
        TenantMismatchError: They belong to different tenants.
    """
    ends = {"Source": source_id, "Target": target_id}
    for end, id_ in ends.items():
        if id_ is None:
            raise BadUserRequestError(f"{end} process definition id is null")
    rows = read_definition_rows(transaction, [id_ for id_ in ends.values() if id_ is not None])
    for end, id_ in ends.items():
        if id_ not in rows:
            raise BadUserRequestError(f"ENGINE-23008 {end} process definition with id '{id_}' does not exist")
    source, target = rows[source_id or ""], rows[target_id or ""]
    if source.tenant_id and target.tenant_id and source.tenant_id != target.tenant_id:
        raise TenantMismatchError(
            "ENGINE-2309 Cannot migrate process instances between processes of different tenants "
            f"('{source.tenant_id}' != '{target.tenant_id}')"
        )
    models = load_definitions(transaction, rows)
    return MigrationPlanBuilder(
        source.id,
        target.id,
        models[source.id],
        models[target.id],
        java_serialization_enabled=java_serialization_enabled,
    )


# ---------------------------------------------------------------- the migration


def migrate_process_instances(
    transaction: Transaction, instance_ids: Sequence[str], request: MigrationRequest
) -> Outcome:
    """Migrate process instances; of those that cannot be migrated nothing is written.

    Args:
        transaction: The caller commits.
        instance_ids: Process instances; duplicates count once.
        request: How.

    Raises:
        NotFoundError: A definition of the plan is not there.
        BadUserRequestError: A variable's value is not of its type.
    """
    plan, ids = request.plan, list(dict.fromkeys(instance_ids))
    definition_ids = {plan.source_process_definition_id, plan.target_process_definition_id}
    models = load_definitions(transaction, definition_ids)
    source, target = (models[id_] for id_ in (plan.source_process_definition_id, plan.target_process_definition_id))
    variables = _variables(transaction, plan)
    row = read_definition_rows(transaction, [plan.target_process_definition_id])[plan.target_process_definition_id]
    executions = lock_executions(transaction, ids)
    outcome = Outcome(failed=_refused(plan, row, ids, executions))
    rest = {id_: executions[id_] for id_ in ids if id_ not in outcome.failed}
    migrated = _migrate(transaction, rest, request, (source, target), row, variables, outcome)
    if variables is not None:
        set_on_migrated_instances(transaction, migrated, variables.stored, variables.transient, target)
    outcome.succeeded = [id_ for id_ in ids if id_ not in outcome.failed]
    return outcome


def _migrate(
    transaction: Transaction,
    executions: Mapping[str, Sequence[ExecutionRow]],
    request: MigrationRequest,
    models: tuple[ProcessDefinition, ProcessDefinition],
    row: DefinitionRow,
    variables: PlanVariables | None,
    outcome: Outcome,
) -> list[str]:
    """Migrate each in the way that fits; returns those that were, and adds the others to the failed."""
    migrated = list[str]()
    may_trigger = variables is not None and bool(variables.transient or has_conditions(models[1]))
    # Only on trees can be told what variables trigger; where no scope changes, no others than the plan's are set.
    on_trees = request.on_trees_only or (may_trigger and bool(request.plan.variables))
    mapping = None if on_trees or not executions else set_based_mapping(request.plan, *models)
    if mapping is not None and mapping.fits_any:
        migrated += migrate_set_based(transaction, executions, mapping, row)
    done = set(migrated)
    if rest := [id_ for id_ in executions if id_ not in done]:
        succeeded, failed = migrate_trees(
            transaction,
            rest,
            request.plan,
            *models,
            variables=variables if may_trigger else None,
            skip_custom_listeners=request.skip_custom_listeners,
            skip_io_mappings=request.skip_io_mappings,
        )
        migrated += succeeded
        outcome.failed |= failed
    return migrated


def _refused(
    plan: MigrationPlan,
    target: DefinitionRow,
    instance_ids: Sequence[str],
    executions: Mapping[str, Sequence[ExecutionRow]],
) -> dict[str, ProcessEngineError]:
    """What the engine says of instances before it looks at what they are at."""
    instances = {row.id: row for id_ in instance_ids for row in executions.get(id_, ()) if row.parent_id is None}
    refusals = {id_: _refusal(plan, target, id_, instances.get(id_)) for id_ in instance_ids}
    return {id_: error for id_, error in refusals.items() if error is not None}


def _refusal(
    plan: MigrationPlan, target: DefinitionRow, instance_id: str, instance: ExecutionRow | None
) -> ProcessEngineError | None:
    cannot = f"Process instance '{instance_id}' cannot be migrated."
    if instance is None:
        return MissingInstanceError(f"ENGINE-23003 {cannot} The process instance does not exist")
    if target.tenant_id is not None and instance.tenant_id != target.tenant_id:
        return TenantMismatchError(_other_tenant(instance, target.tenant_id))
    if instance.definition_id != plan.source_process_definition_id:
        return DefinitionMismatchError(
            f"ENGINE-23002 {cannot} Its process definition '{instance.definition_id}' does not match the source "
            f"process definition of the migration plan '{plan.source_process_definition_id}'"
        )
    return None


def _other_tenant(instance: ExecutionRow, tenant_id: str) -> str:
    cannot = f"ENGINE-23010 Cannot migrate process instance '{instance.id}'"
    if instance.tenant_id is None:
        return f"{cannot} without tenant to a process definition with a tenant ('{tenant_id}')"
    return f"{cannot} to a process definition of a different tenant ('{instance.tenant_id}' != '{tenant_id}')"


# ---------------------------------------------------------------- the synchronous call and the log


def check_variables(transaction: Transaction, plan: MigrationPlan) -> None:
    """Raise what is wrong with the values of a plan's variables, before any instance is looked at."""
    _variables(transaction, plan)


def _variables(transaction: Transaction, plan: MigrationPlan) -> PlanVariables | None:
    if plan.variables is None:
        return None
    stored, transient = dict[str, StoredValue](), dict[str, StoredValue]()
    for name, given in plan.variables.items():
        (transient if given.is_transient else stored)[name] = value_given(name, given, transaction.clock)
    return PlanVariables(stored, transient)


def check(plan: MigrationPlan | None, instance_ids: Sequence[str | None] | None) -> None:
    """Raise what the engine says of a call that names no plan or no instances."""
    if plan is None:
        raise BadUserRequestError("Migration plan cannot be null: migration plan is null")
    if not instance_ids:
        raise BadUserRequestError("Process instance ids cannot empty: process instance ids is empty")
    if None in instance_ids:
        raise BadUserRequestError("Process instance ids cannot be null: process instance ids contains null value")


def log_migration(transaction: Transaction, plan: MigrationPlan, count: int, *, in_batch: bool) -> None:
    """Log a migration of `count` instances. Source: AbstractMigrationCmd#writeUserOperationLog."""
    if not transaction.writes_operation_log:
        return
    source = read_definition_rows(transaction, [plan.source_process_definition_id])[plan.source_process_definition_id]
    changes = [
        PropertyChange("processDefinitionId", source.id, plan.target_process_definition_id),
        PropertyChange("nrOfInstances", None, count),
    ]
    # A batch's definition does not tell no variables from null.
    if plan.variables or (plan.variables is not None and not in_batch):
        changes.append(PropertyChange("nrOfSetVariables", None, len(plan.variables)))
    changes.append(PropertyChange("async", None, in_batch))
    context = {
        "deployment_id_": source.deployment_id,
        "proc_def_id_": source.id,
        "proc_def_key_": source.key,
        "tenant_id_": source.tenant_id,
    }
    write_log(transaction, MIGRATE, [LogEntry(changes=changes, context=context)])
