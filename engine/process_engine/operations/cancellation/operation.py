"""Cancellation of running process instances, with everything they called and, upwards, what called them.

The trees of all instances of a call are loaded with a few queries, cancelled in memory, root by root and instance by
instance, and saved in bulk. An instance that cannot be cancelled leaves no trace in what is saved: the trees below its
root are built again from what was loaded, without it.

Source: DeleteProcessInstancesCmd, AbstractDeleteProcessInstanceCmd, DeleteProcessInstancesJobHandler.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from process_engine.configuration import ListenersOutsideModel
from process_engine.database import in_values
from process_engine.errors import BadUserRequestError, NotFoundError, OutsideListenersError, ProcessEngineError
from process_engine.execution_tree.changes import Changes
from process_engine.execution_tree.deletion import Deletion
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.hooks import Hooks
from process_engine.execution_tree.loading.attempts import Executions, below_each_root
from process_engine.execution_tree.loading.trees import TreeRows, load_trees
from process_engine.execution_tree.saving.removal_times import set_removal_times
from process_engine.execution_tree.variables import Variables
from process_engine.model import Moment
from process_engine.operation_base.outcome import Outcome, SkipReason
from process_engine.operation_log import NO_CHANGE, LogEntry, write_log
from process_engine.operations.cancellation.manifest import CancellationOptions
from process_engine.operations.cancellation.on_trees import cancel_process_instance
from process_engine.operations.cancellation.saving import CancellationFacts, save_cancellation
from process_engine.schema.repository import act_re_procdef
from process_engine.transaction import Transaction

DELETE = ("Delete", "ProcessInstance")


def cancel_process_instances(
    transaction: Transaction,
    instance_ids: Sequence[str],
    options: CancellationOptions,
    *,
    externally_terminated: bool = False,
) -> Outcome:
    """Cancel process instances one after the other; those that cannot be cancelled fail.

    Args:
        transaction: The caller commits.
        instance_ids: In the order in which they are cancelled; one that an earlier one took with it is skipped.
        options: How.
        externally_terminated: History gives them the state `EXTERNALLY_TERMINATED`, not `INTERNALLY_TERMINATED`.
    """
    trees = load_trees(transaction, instance_ids)
    instances = _instances(trees, instance_ids)
    refused = {id_: _not_found(id_) for id_ in instance_ids if id_ not in instances}
    refused |= _called_from_outside(transaction, options, instances)
    wanted = [id_ for id_ in instance_ids if id_ not in refused]
    attempts, failed = _cancel(transaction, options, instances, wanted, is_external=externally_terminated)
    outcome = Outcome(
        succeeded=[id_ for attempt in attempts for id_ in attempt.cancelled],
        skipped={id_: SkipReason.COVERED_BY_CALLER for attempt in attempts for id_ in attempt.covered},
        failed=refused | failed,
    )
    changes = Changes.of_all(attempt.changes for attempt in attempts)
    save_cancellation(transaction, changes, CancellationFacts(options.delete_reason, externally_terminated))
    ended = {each.id for each in changes.ended_instances}
    _log(transaction, [id_ for id_ in instance_ids if id_ not in outcome.failed], trees, ended)
    set_removal_times(transaction, changes.ended_instances)
    return outcome


def _instances(trees: Iterable[TreeRows], wanted: Sequence[str]) -> dict[str, TreeRows]:
    """Which of the ids are process instances, and in which tree; the id of another execution is none."""
    ids = set(wanted)
    return {row.id_: tree for tree in trees for row in tree.executions if row.id_ in ids and row.parent_id_ is None}


def _not_found(instance_id: str) -> ProcessEngineError:
    return NotFoundError(f"No process instance found for id '{instance_id}': processInstance is null")


def _called_from_outside(
    transaction: Transaction, options: CancellationOptions, instance_ids: Iterable[str]
) -> dict[str, ProcessEngineError]:
    """Listeners that no model shows: each end would call them."""
    where = transaction.configuration.listeners_outside_model
    is_skippable = where is ListenersOutsideModel.SKIPPABLE
    if where is ListenersOutsideModel.NONE or (is_skippable and options.skip_custom_listeners):
        return {}
    error = OutsideListenersError("An instance cannot be cancelled", where, is_skippable=is_skippable)
    return dict.fromkeys(instance_ids, error)


def _cancel(
    transaction: Transaction,
    options: CancellationOptions,
    instances: Mapping[str, TreeRows],
    ids: Iterable[str],
    *,
    is_external: bool,
) -> tuple[list["_Cancelling"], dict[str, ProcessEngineError]]:
    without_listeners: set[tuple[str, str, Moment]] = set()

    def begin(executions: Executions, variables: Variables) -> _Cancelling:
        changes = Changes(executions=list(executions.values()), variables=variables)
        return _Cancelling(transaction, options, is_external, without_listeners, changes)

    return below_each_root(instances, ids, begin)


@dataclass(slots=True)
class _Cancelling:
    """Cancels instances below one root.

    Attributes:
        covered: Those that went with others.
    """

    transaction: Transaction
    options: CancellationOptions
    is_external: bool
    without_listeners: set[tuple[str, str, Moment]]
    changes: Changes
    cancelled: list[str] = field(default_factory=list[str])
    covered: list[str] = field(default_factory=list[str])

    def change(self, instance: Execution) -> None:
        """Cancel an instance, unless it is gone already.

        Raises:
            JvmCodeError: Only a JVM can run what its model has there.
            ProcessEngineError: It cannot be cancelled, by the Java engine neither.
        """
        if instance.is_removed:
            if instance.id not in self.cancelled:
                self.covered.append(instance.id)
            return
        options = self.options
        hooks = Hooks.of(
            self.transaction,
            self.changes.variables,
            self.without_listeners,
            skips_custom_listeners=options.skip_custom_listeners,
            skips_io_mappings=options.skip_io_mappings,
        )
        deletion = Deletion(self.changes, hooks, options.skip_subprocesses)
        cancel_process_instance(deletion, instance, is_external=self.is_external)
        hooks.expect_no_jvm_code(f"An instance of {instance.process_definition_id} cannot be cancelled")
        self.cancelled.append(instance.id)


# ---------------------------------------------------------------- the synchronous call and the log


def check_ids(instance_ids: Sequence[str | None] | None) -> None:
    """Raise what the engine says of a list with a null in it."""
    if instance_ids is None or None in instance_ids:
        raise BadUserRequestError("processInstanceId is null: processInstanceId is null")


def _log(
    transaction: Transaction, instance_ids: Sequence[str], trees: Sequence[TreeRows], ended: Collection[str]
) -> None:
    """One entry for each id given, duplicates included."""
    if not instance_ids or not transaction.writes_operation_log:
        return
    rows = {row.id_: (tree.root_process_instance_id, row) for tree in trees for row in tree.executions}
    deployments = _deployments(transaction, {rows[id_][1].proc_def_id_ for id_ in instance_ids})
    entries: list[LogEntry] = []
    for id_ in instance_ids:
        root, row = rows[id_]
        key, deployment = deployments[row.proc_def_id_]
        context = {
            "deployment_id_": deployment,
            "proc_def_id_": row.proc_def_id_,
            "proc_def_key_": key,
            "root_proc_inst_id_": root,
            "proc_inst_id_": id_,
            "tenant_id_": row.tenant_id_,
        }
        entries.append(LogEntry(changes=[NO_CHANGE], context=context, is_after_root=root in ended))
    write_log(transaction, DELETE, entries)


def _deployments(transaction: Transaction, definition_ids: set[str]) -> dict[str, tuple[str, str | None]]:
    table = act_re_procdef.c
    query = select(table.id_, table.key_, table.deployment_id_).where(in_values(table.id_, definition_ids))
    return {row.id_: (row.key_, row.deployment_id_) for row in transaction.connection.execute(query)}
