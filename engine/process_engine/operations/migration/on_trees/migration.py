"""Migration of process instances on their execution trees, for a whole chunk.

All trees are loaded with a few queries, each instance is parsed, validated and migrated in memory, and all that
succeeded is saved in bulk. An instance that fails leaves no trace: the trees below its root are built again from what
was loaded, without it.

Source: MigrateProcessInstanceCmd.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from process_engine.errors import ProcessEngineError
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.hooks import Hooks
from process_engine.execution_tree.loading.attempts import Executions, below_each_root
from process_engine.execution_tree.loading.definitions import load_definition
from process_engine.execution_tree.loading.owned_rows import ChunkRows, load_owned_rows
from process_engine.execution_tree.loading.trees import TreeRows, load_trees
from process_engine.execution_tree.variables import Variables
from process_engine.model import Moment, ProcessDefinition
from process_engine.operations.migration.on_trees.conditions import PlanVariables, check_variables
from process_engine.operations.migration.on_trees.descent import descend
from process_engine.operations.migration.on_trees.parsing import parse_activity_instances, parse_incidents
from process_engine.operations.migration.on_trees.parsing_events import parse_events
from process_engine.operations.migration.on_trees.removal import remove_unmapped
from process_engine.operations.migration.on_trees.saving import save_migration
from process_engine.operations.migration.on_trees.tree import MigratingTree, PlanMapping, refusal_of
from process_engine.operations.migration.on_trees.validation import validate
from process_engine.operations.migration.plan import MigrationInstruction, MigrationPlan
from process_engine.transaction import Transaction


def migrate_trees(
    transaction: Transaction,
    instance_ids: Sequence[str],
    plan: MigrationPlan,
    source: ProcessDefinition,
    target: ProcessDefinition,
    *,
    variables: PlanVariables | None = None,
    skip_custom_listeners: bool = False,
    skip_io_mappings: bool = False,
) -> tuple[list[str], dict[str, ProcessEngineError]]:
    """Migrate process instances; returns those that were migrated, and why others were not.

    Args:
        transaction: The caller commits.
        instance_ids: Process instances of the source, which exist.
        plan: A valid one; its variables are not set here.
        variables: Those that are going to be set; they must trigger nothing.
        source: The model of the plan's source.
        target: The model of the plan's target.
        skip_custom_listeners: Listeners of scopes that come and go are not called.
        skip_io_mappings: Their input and output mappings are not run.
    """
    trees = load_trees(transaction, instance_ids)
    instances = _instances(trees, instance_ids)
    mapping = PlanMapping(
        _instructions(plan), source, load_definition(transaction, plan.target_process_definition_id, target)
    )
    rows = load_owned_rows(transaction, instance_ids, _states(trees, instances))
    chunk = _Chunk(transaction, rows, mapping, skip_custom_listeners, skip_io_mappings, variables)
    attempts, failed = below_each_root(instances, instance_ids, chunk.attempt)
    done = [tree for attempt in attempts for tree in attempt.done]
    save_migration(transaction, done, frozenset(root for each in attempts for root in each.without_removal_time))
    return [tree.instance.id for tree in done], failed


def _instances(trees: Iterable[TreeRows], instance_ids: Iterable[str]) -> dict[str, TreeRows]:
    wanted = set(instance_ids)
    return {row.id_: tree for tree in trees for row in tree.executions if row.id_ in wanted}


def _states(trees: Iterable[TreeRows], instance_ids: Container[str]) -> dict[str, int]:
    """CACHED_ENT_STATE_ of the executions of instances."""
    rows = (row for tree in trees for row in tree.executions)
    return {row.id_: row.cached_ent_state_ or 0 for row in rows if row.proc_inst_id_ in instance_ids}


def _instructions(plan: MigrationPlan) -> Mapping[str, MigrationInstruction]:
    return {each.source_activity_id: each for each in reversed(plan.instructions)}


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What is the same for all instances of a chunk."""

    transaction: Transaction
    rows: ChunkRows
    mapping: PlanMapping
    skips_custom_listeners: bool
    skips_io_mappings: bool
    variables: PlanVariables | None
    without_listeners: set[tuple[str, str, Moment]] = field(default_factory=set[tuple[str, str, Moment]])

    def attempt(self, executions: Executions, _: Variables) -> "_Migrating":
        """Begin below one root, with trees as they were read; each instance has its variables with its other rows."""
        return _Migrating(self, executions)

    def tree(self, instance: Execution, executions: Executions) -> MigratingTree:
        """An instance with all that belongs to it."""
        rows = self.rows.build(instance.id, executions)
        hooks = Hooks.of(
            self.transaction,
            rows.variables,
            self.without_listeners,
            skips_custom_listeners=self.skips_custom_listeners,
            skips_io_mappings=self.skips_io_mappings,
        )
        return MigratingTree(
            instance=instance,
            definition=self.mapping.target,
            rows=rows,
            hooks=hooks,
            now=self.transaction.now,
            mapping=self.mapping,
        )


@dataclass(slots=True)
class _Migrating:
    """Migrates instances below one root.

    Attributes:
        without_removal_time: Root process instances whose removal time history has forgotten, since they migrated.
    """

    chunk: _Chunk
    executions: Executions
    done: list[MigratingTree] = field(default_factory=list[MigratingTree])
    without_removal_time: set[str] = field(default_factory=set[str])

    def change(self, instance: Execution) -> None:
        """Migrate an instance.

        Raises:
            MigratingProcessInstanceValidationError: Something forbids it.
            JvmCodeError: Only a JVM can run what its models have there.
            ProcessEngineError: The Java engine cannot migrate it either.
        """
        tree = self.chunk.tree(instance, self.executions)
        parsed = parse_activity_instances(tree)
        parse_events(parsed)
        parse_incidents(parsed)
        validate(parsed)
        root = instance.root_process_instance_id
        tree.rows.variables.is_without_removal_time = root in self.without_removal_time
        remove_unmapped(tree, parsed.root)
        if root in (None, instance.id):
            self.without_removal_time.add(instance.id)
        tree.rows.variables.is_without_removal_time = root in self.without_removal_time
        descend(tree, parsed.root)
        tree.hooks.expect_no_jvm_code(refusal_of(tree.target))
        if self.chunk.variables is not None:
            check_variables(tree, self.chunk.variables)
        self.done.append(tree)
