"""Migration as a batch runs it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from process_engine.database import in_values
from process_engine.errors import BadUserRequestError, ProcessEngineError
from process_engine.operation_base.batch_operation import Queries
from process_engine.operation_base.outcome import Outcome
from process_engine.operation_base.process_definitions import DefinitionName, find_definition_id
from process_engine.operation_base.process_instances import PROCESS_INSTANCES, ProcessInstances
from process_engine.operations.migration import operation as migration
from process_engine.operations.migration.hand_over import hand_over_migrations, still_of_source
from process_engine.operations.migration.manifest import Instruction, MigrationOptions, VariableValue
from process_engine.operations.migration.operation import MigrationRequest
from process_engine.operations.migration.plan import MigrationInstruction, MigrationPlan
from process_engine.schema.history import act_hi_procinst
from process_engine.schema.repository import act_re_procdef
from process_engine.schema.runtime import act_ru_execution
from process_engine.transaction import Transaction
from process_engine.typed_values import TypedValue

TYPES = {bool: "Boolean", int: "Integer", float: "Double", str: "String", type(None): "Null"}
LARGEST_INTEGER = 2**31


class NotMigratedError(ProcessEngineError):
    """Why an instance was not migrated, and which one it is."""

    def __init__(self, error: ProcessEngineError, instance: str) -> None:
        super().__init__(f"{instance}: {error}")
        self.reason = error.reason
        self._rule = error.rule

    @property
    def rule(self) -> str:
        """Without the instance."""
        return self._rule


class MigrationBatch(ProcessInstances[MigrationOptions]):
    """Items are running process instances; the query gets the source definition as its guard.

    A listed instance of another definition fails; one that the query would find is none that was meant.
    """

    items = act_ru_execution
    ended = act_hi_procinst

    def pinned(self, transaction: Transaction, options: MigrationOptions, queries: Queries) -> MigrationOptions:
        """With ids for names and all instructions written out: neither may move when the set is frozen.

        Raises:
            UnknownDefinitionError: A definition is not there, or several have its name.
            MigrationPlanValidationError: The plan breaks rules.
            BadUserRequestError: A variable, or the query, does not go with it.
        """
        field = "spec.operation.migration"
        source = find_definition_id(transaction.connection, options.source, f"{field}.source")
        target = find_definition_id(transaction.connection, options.target, f"{field}.target")
        plan = _valid_plan(transaction, options, source, target)
        migration.check_variables(transaction, plan)
        _check_queries(queries, source)
        return options.model_copy(
            update={
                "source": DefinitionName(id=source),
                "target": DefinitionName(id=target),
                "map_equal_activities": False,
                "update_event_triggers": False,
                "instructions": tuple(map(_written, plan.instructions)),
            }
        )

    def guarded(self, queries: Queries, options: MigrationOptions) -> Queries:
        """Those of the source definition."""
        guards = {"processDefinitionId": options.source.id, "all": None}
        return {name: query.model_copy(update=guards) for name, query in queries.items()}

    def meaning(self, options: MigrationOptions) -> Mapping[str, Any]:
        """The definitions that the names stand for."""
        return {"migration": {"source": options.source.id, "target": options.target.id}}

    def run(self, transaction: Transaction, options: MigrationOptions, item_ids: Sequence[str]) -> Outcome:
        """Migrate them."""
        return migration.migrate_process_instances(transaction, item_ids, request_of(options))

    def hand_over(
        self, transaction: Transaction, options: MigrationOptions, item_ids: Sequence[str]
    ) -> Mapping[str, str]:
        """In a batch of the type `instance-migration`."""
        return hand_over_migrations(transaction, item_ids, request_of(options))

    def untouched(self, transaction: Transaction, options: MigrationOptions, item_ids: Sequence[str]) -> set[str]:
        """Those that are still of the source definition."""
        return still_of_source(transaction, item_ids, request_of(options).plan.source_process_definition_id)

    def named(
        self, transaction: Transaction, options: MigrationOptions, failed: Mapping[str, ProcessEngineError]
    ) -> Mapping[str, ProcessEngineError]:
        """By business key, and by definitions with key and version."""
        found = {id_: error for id_, error in failed.items() if not error.is_missing}
        if not found:
            return failed
        names = _names(transaction, request_of(options).plan, found)
        return {id_: NotMigratedError(error, names[id_]) if id_ in names else error for id_, error in failed.items()}

    def log(self, transaction: Transaction, options: MigrationOptions, count: int) -> None:
        """With both definitions. Source: MigrateProcessInstanceBatchCmd."""
        migration.log_migration(transaction, request_of(options).plan, count, in_batch=True)


OPERATION = MigrationBatch()


# ---------------------------------------------------------------- the plan


def request_of(options: MigrationOptions) -> MigrationRequest:
    """What the engine is to do, from options that are pinned."""
    if options.source.id is None or options.target.id is None:
        raise ValueError("operation.migration is not pinned")
    instructions = (
        MigrationInstruction(each.source_activity_id, each.target_activity_id, each.update_event_trigger)
        for each in options.instructions
    )
    plan = MigrationPlan(options.source.id, options.target.id, tuple(instructions), _variables(options))
    return MigrationRequest(
        plan=plan, skip_custom_listeners=options.skip_custom_listeners, skip_io_mappings=options.skip_io_mappings
    )


def _valid_plan(transaction: Transaction, given: MigrationOptions, source: str, target: str) -> MigrationPlan:
    builder = migration.plan_builder(transaction, source, target)
    if given.map_equal_activities:
        builder.map_equal_activities()
    if given.update_event_triggers:
        builder.update_event_triggers()
    for each in given.instructions:
        builder.map_activities(
            each.source_activity_id, each.target_activity_id, update_event_trigger=each.update_event_trigger
        )
    variables = _variables(given)
    if transient := [name for name, variable in variables.items() if variable.is_transient]:
        raise BadUserRequestError(
            f"ENGINE-13044 Setting transient variable '{transient[0]}' asynchronously is currently not supported."
        )
    return builder.set_variables(variables).build()


def _written(instruction: MigrationInstruction) -> Instruction:
    return Instruction(
        source_activity_id=instruction.source_activity_id,
        target_activity_id=instruction.target_activity_id,
        update_event_trigger=instruction.update_event_trigger,
    )


def _variables(given: MigrationOptions) -> dict[str, TypedValue]:
    return {name: _typed(variable) for name, variable in given.variables.items()}


def _typed(variable: VariableValue) -> TypedValue:
    value = variable.value
    kind = TYPES[type(value)] if variable.type is None else variable.type
    if variable.type is None and isinstance(value, int) and not -LARGEST_INTEGER <= value < LARGEST_INTEGER:
        kind = "Long"
    return TypedValue(value=value, type=kind, value_info=variable.value_info)


def _check_queries(queries: Queries, source: str) -> None:
    query = queries.get(PROCESS_INSTANCES)
    asked = None if query is None else query.filters.get("processDefinitionId")
    if asked is not None and asked != source:
        raise BadUserRequestError(
            f"spec.query.processInstances.processDefinitionId: {asked} is not the source of the migration, which is "
            f"{source}; leave it out, instances of the source alone are looked for"
        )


# ---------------------------------------------------------------- failures


def _names(transaction: Transaction, plan: MigrationPlan, instance_ids: Iterable[str]) -> dict[str, str]:
    """How messages name instances: with business key, and definitions by key and version."""
    instance, definition = act_ru_execution.c, act_re_procdef.c
    query = (
        select(instance.id_, instance.business_key_, definition.key_, definition.version_)
        .join_from(act_ru_execution, act_re_procdef, definition.id_ == instance.proc_def_id_)
        .where(in_values(instance.id_, instance_ids))
    )
    rows = migration.read_definition_rows(transaction, [plan.target_process_definition_id])
    target = rows[plan.target_process_definition_id]
    named: dict[str, str] = {}
    for id_, business_key, key, version in transaction.connection.execute(query):
        with_key = f" with business key '{business_key}'" if business_key else ""
        migrating = f"from {key} version {version} to {target.key} version {target.version}"
        named[id_] = f"Process instance {id_}{with_key}, {migrating}"
    return named
