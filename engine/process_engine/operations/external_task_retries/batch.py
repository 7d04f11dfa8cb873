"""Setting the retries of external tasks as a batch runs it."""

from collections.abc import Sequence

from process_engine.operation_base.items_of_instances import ItemsOfInstances
from process_engine.operation_base.outcome import Outcome
from process_engine.operations.external_task_retries.manifest import ExternalTaskRetriesOptions
from process_engine.operations.external_task_retries.operation import log_many, set_external_task_retries
from process_engine.schema.runtime_jobs import act_ru_ext_task
from process_engine.transaction import Transaction


class ExternalTaskRetriesBatch(ItemsOfInstances[ExternalTaskRetriesOptions]):
    """Items are external tasks."""

    name = "externalTasks"
    items = act_ru_ext_task
    instance = act_ru_ext_task.c.proc_inst_id_

    def run(self, transaction: Transaction, options: ExternalTaskRetriesOptions, item_ids: Sequence[str]) -> Outcome:
        """Set their retries."""
        return set_external_task_retries(transaction, item_ids, options.retries)

    def log(self, transaction: Transaction, options: ExternalTaskRetriesOptions, count: int) -> None:
        """As the family."""
        log_many(transaction, count, options.retries, in_batch=True)


OPERATION = ExternalTaskRetriesBatch()
