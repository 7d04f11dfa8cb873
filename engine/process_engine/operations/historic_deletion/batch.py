"""Deletion from the history as a batch runs it."""

from collections.abc import Sequence

from process_engine.operation_base.batch_operation import Queries
from process_engine.operation_base.outcome import Outcome
from process_engine.operation_base.process_instances import ProcessInstances
from process_engine.operations.historic_deletion.manifest import HistoricDeletionOptions
from process_engine.operations.historic_deletion.operation import delete_historic_process_instances, log_batch
from process_engine.schema.history import act_hi_procinst
from process_engine.transaction import Transaction


class HistoricDeletionBatch(ProcessInstances[HistoricDeletionOptions]):
    """Items are ended process instances; a query gets the guard `finished`."""

    items = act_hi_procinst

    def guarded(self, queries: Queries, options: HistoricDeletionOptions) -> Queries:  # noqa: ARG002
        """Those that have ended."""
        return {name: query.model_copy(update={"finished": True, "all": None}) for name, query in queries.items()}

    def run(self, transaction: Transaction, options: HistoricDeletionOptions, item_ids: Sequence[str]) -> Outcome:  # noqa: ARG002
        """Delete them."""
        return delete_historic_process_instances(transaction, item_ids)

    def log(self, transaction: Transaction, options: HistoricDeletionOptions, count: int) -> None:
        """With the reason, which is kept nowhere else."""
        log_batch(transaction, count, options.delete_reason)


OPERATION = HistoricDeletionBatch()
