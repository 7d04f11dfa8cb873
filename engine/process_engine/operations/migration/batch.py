"""Migration as a batch runs it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import SelectBase, Table, select

from process_engine.batch.definition import BatchContent, BatchDefinition, OnJvmCode
from process_engine.clock import Clock
from process_engine.database import in_values
from process_engine.errors import BadUserRequestError, JvmCodeError, ProcessEngineError
from process_engine.operation_base.jvm_code import with_ways_out
from process_engine.operation_base.outcome import Outcome
from process_engine.operation_base.process_definitions import find_definition_id
from process_engine.operation_base.process_instances import ProcessInstances, already_ended
from process_engine.operations.migration import operation as migration
from process_engine.operations.migration.hand_over import hand_over_migrations, undone_migrations
from process_engine.operations.migration.manifest import DefinitionName, Instruction, VariableValue
from process_engine.operations.migration.manifest import Migration as Options
from process_engine.operations.migration.operation import Migration
from process_engine.operations.migration.plan import MigrationInstruction, MigrationPlan
from process_engine.queries import ProcessInstanceQuery, select_ids
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


class MigrationBatch(ProcessInstances):
    """Items are running process instances; the query gets the source definition as its guard.

    A listed instance of another definition fails; one that the query would find is none that was meant.
    """

    items = act_ru_execution
    ended = act_hi_procinst
    listed: Mapping[str, Table] = {"processInstances": act_ru_execution}

    def pinned(self, transaction: Transaction, definition: BatchDefinition) -> BatchDefinition:
        """With ids for names and all instructions written out: neither may move when the set is frozen.

        Raises:
            UnknownDefinitionError: A definition is not there, or several have its name.
            MigrationPlanValidationError: The plan breaks rules.
            BadUserRequestError: A variable, or the query, does not go with it.
        """
        given, connection = _options(definition), transaction.connection
        field = "spec.operation.migration"
        source = find_definition_id(connection, given.source, f"{field}.source")
        target = find_definition_id(connection, given.target, f"{field}.target")
        plan = _valid_plan(transaction, given, source, target)
        migration.check_variables(transaction, plan)
        pinned = given.model_copy(
            update={
                "source": DefinitionName(id=source),
                "target": DefinitionName(id=target),
                "map_equal_activities": False,
                "update_event_triggers": False,
                "instructions": tuple(map(_written, plan.instructions)),
            }
        )
        _check_query(definition, source)
        operation = definition.operation.model_copy(update={"migration": pinned})
        return definition.model_copy(update={"operation": operation})

    def sources(self, content: BatchContent, clock: Clock) -> Iterator[SelectBase]:
        """The runtime query."""
        if (query := self._query(content)) is not None:
            yield select_ids(query, clock)

    @staticmethod
    def _query(content: BatchContent) -> ProcessInstanceQuery | None:
        query = content.query.process_instances if content.query else None
        if query is None:
            return None
        return query.model_copy(update={"processDefinitionId": _options(content).source.id, "all": None})

    def effective_query(self, content: BatchContent) -> dict[str, Any]:
        """The query with its guard, and the definitions that the names stand for."""
        query, given = self._query(content), _options(content)
        queries = {} if query is None else {"processInstances": query.model_dump(mode="json")}
        return queries | {"migration": {"source": given.source.id, "target": given.target.id}}

    def run(self, transaction: Transaction, content: BatchContent, item_ids: Sequence[str]) -> Outcome:
        """Migrate them; what only a JVM can do goes to the Java engine, where that is wanted."""
        options = migration_of(content)
        outcome = migration.migrate_process_instances(transaction, item_ids, options)
        ended = already_ended(transaction, outcome.failed)
        needing = [id_ for id_, error in outcome.failed.items() if isinstance(error, JvmCodeError)]
        hands_over = content.on_jvm_code is OnJvmCode.HAND_OVER and bool(needing)
        given = hand_over_migrations(transaction, needing, options) if hands_over else {}
        refused = {id_: error for id_, error in outcome.failed.items() if id_ not in ended and id_ not in given}
        failed = {id_: with_ways_out(error) for id_, error in refused.items()}
        return Outcome(
            succeeded=outcome.succeeded,
            skipped=outcome.skipped | ended,
            failed=_told(transaction, options.plan, failed),
            handed_over=given,
        )

    def undone(self, transaction: Transaction, content: BatchContent, item_ids: Sequence[str]) -> set[str]:
        """Those that are still of the source definition."""
        return undone_migrations(transaction, item_ids, migration_of(content).plan.source_process_definition_id)

    def log(self, transaction: Transaction, content: BatchContent, count: int) -> None:
        """With both definitions. Source: MigrateProcessInstanceBatchCmd."""
        migration.log_migration(transaction, migration_of(content).plan, count, in_batch=True)


# ---------------------------------------------------------------- the plan


def _options(content: BatchContent) -> Options:
    given = content.operation.migration
    if given is None:
        raise ValueError("operation.migration is missing")
    return given


def migration_of(content: BatchContent) -> Migration:
    """What the engine is to do, from options that are pinned."""
    given = _options(content)
    if given.source.id is None or given.target.id is None:
        raise ValueError("operation.migration is not pinned")
    instructions = (
        MigrationInstruction(each.source_activity_id, each.target_activity_id, each.update_event_trigger)
        for each in given.instructions
    )
    plan = MigrationPlan(given.source.id, given.target.id, tuple(instructions), _variables(given))
    return Migration(
        plan=plan, skip_custom_listeners=given.skip_custom_listeners, skip_io_mappings=given.skip_io_mappings
    )


def _valid_plan(transaction: Transaction, given: Options, source: str, target: str) -> MigrationPlan:
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


def _variables(given: Options) -> dict[str, TypedValue]:
    return {name: _typed(variable) for name, variable in given.variables.items()}


def _typed(variable: VariableValue) -> TypedValue:
    value = variable.value
    kind = TYPES[type(value)] if variable.type is None else variable.type
    if variable.type is None and isinstance(value, int) and not -LARGEST_INTEGER <= value < LARGEST_INTEGER:
        kind = "Long"
    return TypedValue(value=value, type=kind, value_info=variable.value_info)


def _check_query(definition: BatchDefinition, source: str) -> None:
    query = definition.query.process_instances if definition.query else None
    asked = None if query is None else query.model_dump(mode="json").get("processDefinitionId")
    if asked is not None and asked != source:
        raise BadUserRequestError(
            f"spec.query.processInstances.processDefinitionId: {asked} is not the source of the migration, which is "
            f"{source}; leave it out, instances of the source alone are looked for"
        )


# ---------------------------------------------------------------- failures


def _told(
    transaction: Transaction, plan: MigrationPlan, failed: Mapping[str, ProcessEngineError]
) -> dict[str, ProcessEngineError]:
    """Errors that name the instance with its business key, and definitions by key and version."""
    found = {id_: error for id_, error in failed.items() if not error.is_missing}
    if not found:
        return dict(failed)
    instance, definition = act_ru_execution.c, act_re_procdef.c
    query = (
        select(instance.id_, instance.business_key_, definition.key_, definition.version_)
        .join_from(act_ru_execution, act_re_procdef, definition.id_ == instance.proc_def_id_)
        .where(in_values(instance.id_, found))
    )
    rows = migration.read_definition_rows(transaction, [plan.target_process_definition_id])
    target = rows[plan.target_process_definition_id]
    told: dict[str, ProcessEngineError] = dict(failed)
    for id_, business_key, key, version in transaction.connection.execute(query):
        with_key = f" with business key '{business_key}'" if business_key else ""
        named = (
            f"Process instance {id_}{with_key}, from {key} version {version} to {target.key} version {target.version}"
        )
        told[id_] = NotMigratedError(failed[id_], named)
    return told
