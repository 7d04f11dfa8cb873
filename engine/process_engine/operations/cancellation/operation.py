"""Cancellation of running process instances, with everything they called and, upwards, what called them.

The trees of all instances of a call are loaded with a few queries, cancelled in memory, root by root and instance by
instance, and saved in bulk. An instance that cannot be cancelled leaves no trace in what is saved: the trees below its
root are built again from what was loaded, without it.

Source: DeleteProcessInstancesCmd, AbstractDeleteProcessInstanceCmd, DeleteProcessInstancesJobHandler.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from process_engine.clock import Clock
from process_engine.configuration import ListenersOutsideModel
from process_engine.database import in_values
from process_engine.errors import BadUserRequestError, JvmCodeError, NotFoundError, ProcessEngineError
from process_engine.execution_tree.changes import Changes
from process_engine.execution_tree.deletion import Deletion
from process_engine.execution_tree.ends import Ends
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.loading import TreeRows, load_trees
from process_engine.execution_tree.saving import CancellationFacts, save_cancellation, set_removal_times
from process_engine.ids import IdGenerator
from process_engine.model import Moment
from process_engine.operation_base.outcome import Outcome, SkipReason
from process_engine.operation_log import NO_CHANGE, LogEntry, write_log
from process_engine.operations.cancellation.manifest import CancellationOptions
from process_engine.operations.cancellation.on_trees import cancel_process_instance
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
    cancelling = _Cancelling(
        options,
        externally_terminated,
        _skips_outputs(transaction, options),
        transaction.configuration.default_serialization_format,
        transaction.clock,
        transaction.new_id,
    )
    instances = _instances(trees, instance_ids)
    outcome = Outcome(failed={id_: _not_found(id_) for id_ in instance_ids if id_ not in instances})
    if transaction.configuration.listeners_outside_model is not ListenersOutsideModel.NONE:
        outcome.failed |= _called_from_outside(transaction, options, [id_ for id_ in instance_ids if id_ in instances])
    changes, succeeded = Changes(), list[str]()
    for tree, ids in _by_tree(instances, [id_ for id_ in instance_ids if id_ not in outcome.failed]):
        done = cancelling.cancel(tree, ids)
        changes.add(done.changes)
        succeeded += done.cancelled
        outcome.skipped |= dict.fromkeys(done.covered, SkipReason.COVERED_BY_CALLER)
        outcome.failed |= done.failed
    outcome.succeeded = succeeded
    facts = CancellationFacts(options.delete_reason, externally_terminated)
    save_cancellation(transaction, changes, facts)
    ended = {each.id for each in changes.ended_instances}
    _log(transaction, [id_ for id_ in instance_ids if id_ not in outcome.failed], trees, ended)
    set_removal_times(transaction, changes.ended_instances)
    return outcome


def _skips_outputs(transaction: Transaction, options: CancellationOptions) -> bool:
    return options.skip_io_mappings or transaction.configuration.skip_output_mapping_on_canceled_activities


def _instances(trees: Iterable[TreeRows], wanted: Sequence[str]) -> dict[str, TreeRows]:
    """Which of the ids are process instances, and in which tree; the id of another execution is none."""
    ids = set(wanted)
    return {row[0]: tree for tree in trees for row in tree.executions if row[0] in ids and row.parent_id_ is None}


def _by_tree(instances: Mapping[str, TreeRows], ids: Iterable[str]) -> Iterable[tuple[TreeRows, list[str]]]:
    found: dict[str, tuple[TreeRows, list[str]]] = {}
    for id_ in ids:
        tree = instances[id_]
        found.setdefault(tree.root_id, (tree, []))[1].append(id_)
    return found.values()


def _not_found(instance_id: str) -> NotFoundError:
    return NotFoundError(f"No process instance found for id '{instance_id}': processInstance is null")


def _called_from_outside(
    transaction: Transaction, options: CancellationOptions, instance_ids: Sequence[str]
) -> dict[str, ProcessEngineError]:
    """Listeners that no model shows: each end would call them."""
    where = transaction.configuration.listeners_outside_model
    if where is ListenersOutsideModel.SKIPPABLE and options.skip_custom_listeners:
        return {}
    rule = "only skipCustomListeners skips them" if where is ListenersOutsideModel.SKIPPABLE else "nothing skips them"
    error = JvmCodeError(
        f"An instance cannot be cancelled without the Java engine: spec.engine.listenersOutsideModel is {where}, "
        f"plugins add listeners to every activity, and {rule}. onJvmCode: HandOver lets the Java engine do it"
    )
    return dict.fromkeys(instance_ids, error)


# ---------------------------------------------------------------- one root


@dataclass(slots=True)
class _Cancelled:
    changes: Changes
    cancelled: list[str]
    covered: list[str]
    failed: dict[str, ProcessEngineError]


@dataclass(frozen=True, slots=True)
class _Cancelling:
    options: CancellationOptions
    is_external: bool
    skips_outputs: bool
    serialization_format: str
    clock: Clock
    new_id: IdGenerator
    without_listeners: set[tuple[str, str, Moment]] = field(default_factory=set[tuple[str, str, Moment]])

    def cancel(self, tree: TreeRows, ids: Sequence[str]) -> _Cancelled:
        """Cancel instances below one root; whatever fails is left out of another try from the beginning."""
        failed: dict[str, ProcessEngineError] = {}
        while True:
            executions, variables = tree.build()
            done = _Cancelled(Changes(executions=list(executions.values()), variables=variables), [], [], failed)
            error = self._try(done, executions, [id_ for id_ in ids if id_ not in failed])
            if error is None:
                return done
            failed |= error

    def _try(
        self, done: _Cancelled, executions: dict[str, Execution], ids: Sequence[str]
    ) -> dict[str, ProcessEngineError] | None:
        for id_ in ids:
            instance = executions[id_]
            if instance.is_removed:
                if id_ not in done.cancelled:
                    done.covered.append(id_)
                continue
            try:
                self._cancel(done.changes, instance)
            except ProcessEngineError as error:
                return {id_: error}
            done.cancelled.append(id_)
        return None

    def _cancel(self, changes: Changes, instance: Execution) -> None:
        options = self.options
        ends = Ends(
            changes.variables,
            self.clock,
            self.new_id,
            options.skip_custom_listeners,
            self.skips_outputs,
            self.without_listeners,
            serialization_format=self.serialization_format,
        )
        deletion = Deletion(changes, ends, options.skip_subprocesses)
        cancel_process_instance(deletion, instance, is_external=self.is_external)
        if ends.codes:
            codes = "; ".join(dict.fromkeys(str(code) for code in ends.codes))
            raise JvmCodeError(
                f"An instance of {instance.process_definition_id} cannot be cancelled without the Java engine, which "
                f"would run: {codes}. skipCustomListeners or skipIoMappings leaves it out, onJvmCode: HandOver lets "
                "the Java engine do it"
            )


# ---------------------------------------------------------------- the synchronous call and the log


def check_ids(instance_ids: Sequence[str | None] | None) -> None:
    """Raise what the engine says of a list with a null in it."""
    if instance_ids is None or None in instance_ids:
        raise BadUserRequestError("processInstanceId is null: processInstanceId is null")


def _log(
    transaction: Transaction, instance_ids: Sequence[str], trees: Sequence[TreeRows], ended: Collection[str]
) -> None:
    """One entry for each id given, doubles included."""
    if not instance_ids or not transaction.writes_operation_log:
        return
    rows = {row[0]: (tree.root_process_instance_id, row) for tree in trees for row in tree.executions}
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
