"""Cancellation as a batch runs it."""

from collections.abc import Mapping, Sequence

from process_engine.operation_base.batch_operation import Queries
from process_engine.operation_base.outcome import Outcome
from process_engine.operation_base.process_instances import HISTORIC_PROCESS_INSTANCES, ProcessInstances
from process_engine.operation_log import write_summary
from process_engine.operations.cancellation.hand_over import hand_over_cancellations, running
from process_engine.operations.cancellation.manifest import CancellationOptions
from process_engine.operations.cancellation.operation import DELETE, cancel_process_instances
from process_engine.schema.history import act_hi_procinst
from process_engine.schema.runtime import act_ru_execution
from process_engine.transaction import Transaction


class CancellationBatch(ProcessInstances[CancellationOptions]):
    """Items are running process instances; a historic query gets the guard `unfinished`."""

    items = act_ru_execution
    ended = act_hi_procinst

    def guarded(self, queries: Queries, options: CancellationOptions) -> Queries:  # noqa: ARG002
        """Of the history, those that run."""
        guards = {"unfinished": True, "all": None}
        return {
            name: query.model_copy(update=guards) if name == HISTORIC_PROCESS_INSTANCES else query
            for name, query in queries.items()
        }

    def run(self, transaction: Transaction, options: CancellationOptions, item_ids: Sequence[str]) -> Outcome:
        """Cancel them, callers before what they called: it goes with them."""
        callers_first = list(reversed(item_ids))
        return cancel_process_instances(transaction, callers_first, options, externally_terminated=True)

    def hand_over(
        self, transaction: Transaction, options: CancellationOptions, item_ids: Sequence[str]
    ) -> Mapping[str, str]:
        """In batches of the type `instance-deletion`."""
        return hand_over_cancellations(transaction, item_ids, options)

    def untouched(self, transaction: Transaction, options: CancellationOptions, item_ids: Sequence[str]) -> set[str]:  # noqa: ARG002
        """Those that still run."""
        return running(transaction, item_ids)

    def log(self, transaction: Transaction, options: CancellationOptions, count: int) -> None:
        """With the reason. Source: DeleteProcessInstanceBatchCmd."""
        write_summary(transaction, DELETE, count, in_batch=True, deleteReason=options.delete_reason)


OPERATION = CancellationBatch()
