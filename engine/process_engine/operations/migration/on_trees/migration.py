"""Migration of process instances on their execution trees, for a whole chunk.

All trees are loaded with a few queries, each instance is parsed, validated and migrated in memory, and all that
succeeded is saved in bulk. An instance that fails leaves no trace: the trees below its root are built again from what
was loaded, without it.

Source: MigrateProcessInstanceCmd.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from process_engine.errors import JvmCodeError, ProcessEngineError
from process_engine.execution_tree.changes import Changes
from process_engine.execution_tree.contents_loading import ContentRows, load_contents, load_target
from process_engine.execution_tree.deletion import Deletion
from process_engine.execution_tree.ends import Ends
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.loading import TreeRows, load_trees
from process_engine.model import ProcessDefinition
from process_engine.operations.migration.on_trees.conditions import PlanVariables, check_variables
from process_engine.operations.migration.on_trees.descent import descend
from process_engine.operations.migration.on_trees.parsing import parse_activity_instances, parse_incidents
from process_engine.operations.migration.on_trees.parsing_events import parse_events
from process_engine.operations.migration.on_trees.removal import remove_unmapped
from process_engine.operations.migration.on_trees.saving import Migrated, save_migration
from process_engine.operations.migration.on_trees.structure import Structure
from process_engine.operations.migration.on_trees.tree import PlanMapping, Tree
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
    """Migrate process instances; tells those that were migrated, and why others were not.

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
    wanted = set(instance_ids)
    states = {row.id_: row.cached_ent_state_ or 0 for tree in trees for row in tree.executions if row[2] in wanted}
    migrating = _Migrating(
        transaction,
        load_contents(transaction, instance_ids, states),
        PlanMapping(_instructions(plan), source, load_target(transaction, plan.target_process_definition_id, target)),
        skip_custom_listeners,
        skip_io_mappings,
        variables,
    )
    for tree, ids in _by_tree(trees, instance_ids):
        migrating.migrate_below_root(tree, ids)
    save_migration(transaction, Migrated(migrating.done, frozenset(migrating.forgotten)))
    return [tree.instance.id for tree in migrating.done], migrating.failed


def _instructions(plan: MigrationPlan) -> Mapping[str, MigrationInstruction]:
    return {each.source_activity_id: each for each in reversed(plan.instructions)}


def _by_tree(trees: Iterable[TreeRows], ids: Sequence[str]) -> Iterable[tuple[TreeRows, list[str]]]:
    places = {id_: place for place, id_ in enumerate(ids)}
    for tree in trees:
        yield tree, sorted((row[0] for row in tree.executions if row[0] in places), key=places.__getitem__)


@dataclass(slots=True)
class _Migrating:
    transaction: Transaction
    rows: ContentRows
    mapping: PlanMapping
    skips_custom_listeners: bool
    skips_io_mappings: bool
    variables: PlanVariables | None
    done: list[Tree] = field(default_factory=list[Tree])
    failed: dict[str, ProcessEngineError] = field(default_factory=dict[str, ProcessEngineError])
    forgotten: set[str] = field(default_factory=set[str])

    def migrate_below_root(self, rows: TreeRows, ids: Sequence[str]) -> None:
        """Migrate instances below one root; whatever fails is left out of another try from the beginning."""
        while True:
            executions, _ = rows.build()
            done: list[Tree] = []
            error = self._try(done, executions, [id_ for id_ in ids if id_ not in self.failed])
            if error is None:
                self.done += done
                return
            self.failed |= error

    def _try(
        self, done: list[Tree], executions: Mapping[str, Execution], ids: Sequence[str]
    ) -> dict[str, ProcessEngineError] | None:
        forgotten: set[str] = set()
        for id_ in ids:
            tree = self._tree(executions[id_], executions)
            try:
                self._migrate(tree, forgotten)
            except ProcessEngineError as error:
                return {id_: error}
            done.append(tree)
        self.forgotten |= forgotten
        return None

    def _migrate(self, tree: Tree, forgotten: set[str]) -> None:
        parsed = parse_activity_instances(tree)
        parse_events(parsed)
        parse_incidents(parsed)
        validate(parsed)
        instance = tree.instance
        tree.contents.variables.forgets_removal_time = instance.root_process_instance_id in forgotten
        remove_unmapped(tree, parsed.root)
        if instance.root_process_instance_id in (None, instance.id):
            forgotten.add(instance.id)
        tree.contents.variables.forgets_removal_time = instance.root_process_instance_id in forgotten
        descend(tree, parsed.root)
        if tree.ends.codes:
            raise _needs_jvm(tree)
        if self.variables is not None:
            check_variables(tree, self.variables)

    def _tree(self, instance: Execution, executions: Mapping[str, Execution]) -> Tree:
        contents = self.rows.build(instance.id, executions)
        transaction = self.transaction
        changes = Changes(executions=list(instance.family()), variables=contents.variables)
        ends = Ends(
            contents.variables,
            transaction.clock,
            transaction.new_id,
            self.skips_custom_listeners,
            self.skips_io_mappings or transaction.configuration.skip_output_mapping_on_canceled_activities,
            serialization_format=transaction.configuration.default_serialization_format,
            skips_input_mappings=self.skips_io_mappings,
        )
        structure = Structure(changes, contents, Deletion(changes, ends), transaction.new_id)
        loaded = tuple(instance.family())
        called = tuple(each.called for each in loaded if each.called is not None)
        before = {each.id: (each.process_definition_id, each.cached_state) for each in loaded}
        return Tree(instance, structure, ends, self.mapping, transaction.now, loaded, called, before)


def _needs_jvm(tree: Tree) -> JvmCodeError:
    codes = "; ".join(dict.fromkeys(str(code) for code in tree.ends.codes))
    return JvmCodeError(
        f"An instance cannot be migrated to {tree.target.id} without the Java engine, which would run: {codes}. "
        "skipCustomListeners or skipIoMappings leaves it out, onJvmCode: HandOver lets the Java engine do it"
    )
