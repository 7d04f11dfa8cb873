"""Setting the retries of jobs as a batch runs it."""

from collections.abc import Sequence

from process_engine.operation_base.items_of_instances import ItemsOfInstances
from process_engine.operation_base.options import UNSET
from process_engine.operation_base.outcome import Outcome
from process_engine.operations.job_retries.manifest import JobRetriesOptions
from process_engine.operations.job_retries.operation import JobValues, log_batch, set_job_retries
from process_engine.schema.runtime_jobs import act_ru_job
from process_engine.transaction import Transaction


class JobRetriesBatch(ItemsOfInstances[JobRetriesOptions]):
    """Items are jobs."""

    name = "jobs"
    items = act_ru_job
    instance = act_ru_job.c.process_instance_id_

    def run(self, transaction: Transaction, options: JobRetriesOptions, item_ids: Sequence[str]) -> Outcome:
        """Set their retries, and the due date where given."""
        local = None if options.due_date is None else transaction.clock.local(options.due_date)
        values = JobValues(retries=options.retries, due_date=local if options.is_due_date_set else UNSET)
        return set_job_retries(transaction, item_ids, values)

    def log(self, transaction: Transaction, options: JobRetriesOptions, count: int) -> None:
        """Without the due date, as the family."""
        log_batch(transaction, count, options.retries)


OPERATION = JobRetriesBatch()
