"""The operations as a batch runs them: what their items are, how the set is found, and how a chunk is run.

A new operation is a class here beside its module in `process_engine.operations`, and a row in `OPERATIONS`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Column, ColumnElement, Select, SelectBase, String, Table, null, select

from process_engine.batch import options
from process_engine.batch.definition import BatchContent, BatchDefinition, OnJvmCode
from process_engine.batch.options import OperationType
from process_engine.clock import Clock
from process_engine.database import in_values
from process_engine.errors import JvmCodeError, ProcessEngineError
from process_engine.operation_base.jvm_code import with_ways_out
from process_engine.operation_base.outcome import Outcome
from process_engine.operation_base.process_instances import ProcessInstances, already_ended
from process_engine.operation_log import DELETE, write_summary
from process_engine.operations.cancellation import operation as cancellation
from process_engine.operations.cancellation.hand_over import hand_over_cancellations, undone_cancellations
from process_engine.operations.external_task_retries import operation as external_task_retries
from process_engine.operations.historic_deletion import operation as historic_deletion
from process_engine.operations.job_retries import operation as job_retries
from process_engine.operations.job_retries.operation import UNSET
from process_engine.operations.migration.batch import MigrationBatch
from process_engine.queries import HistoricProcessInstanceQuery, ProcessInstanceQuery, select_ids
from process_engine.schema.history import act_hi_procinst
from process_engine.schema.runtime import act_ru_execution
from process_engine.schema.runtime_jobs import act_ru_ext_task, act_ru_job
from process_engine.transaction import Transaction


class BatchOperation(Protocol):
    """One operation of a batch."""

    @property
    def items(self) -> Table:
        """Table whose ids are the items."""
        ...

    @property
    def instance(self) -> Column[Any] | None:
        """Column of it that names an item's process instance; null where the item is one itself."""
        ...

    @property
    def ended(self) -> Table | None:
        """Table that still knows items which have ended: their ids are not unknown, though there is nothing to do."""
        ...

    @property
    def listed(self) -> Mapping[str, Table]:
        """Tables in which listed ids are looked up, by the name of the list."""
        ...

    def pinned(self, transaction: Transaction, definition: BatchDefinition) -> BatchDefinition:
        """The batch with names resolved that might stand for something else later; all else is asked of this one.

        Raises:
            BadUserRequestError: A name stands for nothing, or for several; or the operation would fail at every item.
        """
        ...

    def sources(self, content: BatchContent, clock: Clock) -> Iterator[SelectBase]:
        """Statements for the ids that queries and lists of other kinds select; what the items are not themselves."""
        ...

    def excluded(self, content: BatchContent, item: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
        """Conditions under which an item is taken out."""
        ...

    def effective_query(self, content: BatchContent) -> dict[str, Any]:
        """The queries as they were understood, guards included."""
        ...

    def run(self, transaction: Transaction, content: BatchContent, item_ids: Sequence[str]) -> Outcome:
        """Run the operation on the items of a chunk; the caller commits."""
        ...

    def undone(self, transaction: Transaction, content: BatchContent, item_ids: Sequence[str]) -> set[str]:
        """Of items that were handed over to the Java engine, those that are as they were."""
        ...

    def log(self, transaction: Transaction, content: BatchContent, count: int) -> None:
        """Write what the user operation log says of the creation of the batch."""
        ...


class CancellationBatch(ProcessInstances):
    """Items are running process instances; a historic query gets the guard `unfinished`."""

    items = act_ru_execution
    ended = act_hi_procinst
    listed: Mapping[str, Table] = {"processInstances": act_ru_execution}

    def sources(self, content: BatchContent, clock: Clock) -> Iterator[SelectBase]:
        """Both queries."""
        for query in self._queries(content).values():
            yield select_ids(query, clock)

    def _queries(self, content: BatchContent) -> dict[str, ProcessInstanceQuery | HistoricProcessInstanceQuery]:
        queries: dict[str, ProcessInstanceQuery | HistoricProcessInstanceQuery] = {}
        given = content.query
        if given and (running := given.process_instances) is not None:
            queries["processInstances"] = running
        if given and (past := given.historic_process_instances) is not None:
            guarded = past.model_copy(update={"unfinished": True, "all": None})
            queries["historicProcessInstances"] = guarded
        return queries

    def effective_query(self, content: BatchContent) -> dict[str, Any]:
        """The runtime query, and the historic one with its guard."""
        return {name: query.model_dump(mode="json") for name, query in self._queries(content).items()}

    def run(self, transaction: Transaction, content: BatchContent, item_ids: Sequence[str]) -> Outcome:
        """Cancel them, callers before what they called: it goes with them."""
        callers_first = list(reversed(item_ids))
        outcome = cancellation.cancel_process_instances(transaction, callers_first, self._options(content))
        ended = already_ended(transaction, outcome.failed)
        given = (
            self._hand_over(transaction, content, outcome.failed) if content.on_jvm_code is OnJvmCode.HAND_OVER else {}
        )
        refused = {id_: error for id_, error in outcome.failed.items() if id_ not in ended and id_ not in given}
        return Outcome(
            succeeded=outcome.succeeded,
            skipped=outcome.skipped | ended,
            failed={id_: with_ways_out(error) for id_, error in refused.items()},
            handed_over=given,
        )

    def _hand_over(
        self, transaction: Transaction, content: BatchContent, failed: Mapping[str, ProcessEngineError]
    ) -> dict[str, str]:
        """Give the Java engine what only a JVM can cancel; tells its batches."""
        needing = [id_ for id_, error in failed.items() if isinstance(error, JvmCodeError)]
        return hand_over_cancellations(transaction, needing, self._options(content)) if needing else {}

    def undone(self, transaction: Transaction, content: BatchContent, item_ids: Sequence[str]) -> set[str]:  # noqa: ARG002
        """Those that still run."""
        return undone_cancellations(transaction, item_ids)

    @staticmethod
    def _options(content: BatchContent) -> cancellation.Cancellation:
        given = content.operation.cancellation or options.Cancellation()
        return cancellation.Cancellation(**dict(given), externally_terminated=True)

    def log(self, transaction: Transaction, content: BatchContent, count: int) -> None:
        """With the reason. Source: DeleteProcessInstanceBatchCmd."""
        given = content.operation.cancellation
        write_summary(transaction, DELETE, count, in_batch=True, deleteReason=given.delete_reason if given else None)


class HistoricDeletionBatch(ProcessInstances):
    """Items are ended process instances; a query gets the guard `finished`."""

    items = act_hi_procinst
    ended = None
    listed: Mapping[str, Table] = {"processInstances": act_hi_procinst}

    def sources(self, content: BatchContent, clock: Clock) -> Iterator[SelectBase]:
        """The historic query."""
        if (query := self._query(content)) is not None:
            yield select_ids(query, clock)

    def _query(self, content: BatchContent) -> HistoricProcessInstanceQuery | None:
        query = content.query.historic_process_instances if content.query else None
        return query.model_copy(update={"finished": True, "all": None}) if query is not None else None

    def effective_query(self, content: BatchContent) -> dict[str, Any]:
        """The historic query with its guard."""
        query = self._query(content)
        return {"historicProcessInstances": query.model_dump(mode="json")} if query is not None else {}

    def run(self, transaction: Transaction, content: BatchContent, item_ids: Sequence[str]) -> Outcome:  # noqa: ARG002
        """Delete them."""
        return historic_deletion.delete_historic_process_instances(transaction, item_ids)

    def log(self, transaction: Transaction, content: BatchContent, count: int) -> None:
        """With the reason, which is kept nowhere else."""
        options = content.operation.historic_deletion
        historic_deletion.log_batch(transaction, count, options.delete_reason if options else None)


class _ItemsOfInstances:
    """What batches on jobs and on external tasks have in common: items by their own ids and by process instances."""

    name: str
    items: Table
    instance: Column[Any]
    ended: Table | None = None
    listed: Mapping[str, Table]

    def pinned(self, transaction: Transaction, definition: BatchDefinition) -> BatchDefinition:  # noqa: ARG002
        """Nothing that it names can move."""
        return definition

    def undone(self, transaction: Transaction, content: BatchContent, item_ids: Sequence[str]) -> set[str]:  # noqa: ARG002
        """None is handed over."""
        return set()

    def sources(self, content: BatchContent, clock: Clock) -> Iterator[SelectBase]:
        for name, query in content.queries().items():
            found = select_ids(query, clock)
            yield found if name == self.name else self._of_instances(self.instance.in_(found))
        if content.ids and content.ids.process_instances:
            yield self._of_instances(in_values(self.instance, content.ids.process_instances))

    def _of_instances(self, condition: ColumnElement[bool]) -> Select[Any]:
        return select(self.items.c.id_).where(condition)

    def excluded(self, content: BatchContent, item: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
        lists = content.excluded()
        if ids := lists.get(self.name):
            yield in_values(item, ids)
        if ids := lists.get("processInstances"):
            yield item.in_(self._of_instances(in_values(self.instance, ids))) | in_values(item, ids)

    def effective_query(self, content: BatchContent) -> dict[str, Any]:
        return {name: query.model_dump(mode="json") for name, query in content.queries().items()}


class JobRetriesBatch(_ItemsOfInstances):
    """Items are jobs."""

    name = "jobs"
    items = act_ru_job
    instance = act_ru_job.c.process_instance_id_
    listed: Mapping[str, Table] = {"jobs": act_ru_job, "processInstances": act_ru_execution}

    def run(self, transaction: Transaction, content: BatchContent, item_ids: Sequence[str]) -> Outcome:
        """Set their retries, and the due date where given."""
        options = content.operation.job_retries
        if options is None:
            raise ValueError("operation.jobRetries is missing")
        given = options.due_date
        local = transaction.clock.local(given) if given is not None else None
        due_date = local if options.is_due_date_set else UNSET
        values = job_retries.JobRetries(retries=options.retries, due_date=due_date)
        return job_retries.set_job_retries(transaction, item_ids, values)

    def log(self, transaction: Transaction, content: BatchContent, count: int) -> None:
        """Without the due date, as the family."""
        options = content.operation.job_retries
        job_retries.log_batch(transaction, count, options.retries if options else 0)


class ExternalTaskRetriesBatch(_ItemsOfInstances):
    """Items are external tasks."""

    name = "externalTasks"
    items = act_ru_ext_task
    instance = act_ru_ext_task.c.proc_inst_id_
    listed: Mapping[str, Table] = {"externalTasks": act_ru_ext_task, "processInstances": act_ru_execution}

    def run(self, transaction: Transaction, content: BatchContent, item_ids: Sequence[str]) -> Outcome:
        """Set their retries."""
        options = content.operation.external_task_retries
        if options is None:
            raise ValueError("operation.externalTaskRetries is missing")
        return external_task_retries.set_external_task_retries(transaction, item_ids, options.retries)

    def log(self, transaction: Transaction, content: BatchContent, count: int) -> None:
        """As the family."""
        options = content.operation.external_task_retries
        external_task_retries.log_many(transaction, count, options.retries if options else 0, in_batch=True)


OPERATIONS: Mapping[OperationType, BatchOperation] = {
    OperationType.CANCELLATION: CancellationBatch(),
    OperationType.HISTORIC_DELETION: HistoricDeletionBatch(),
    OperationType.JOB_RETRIES: JobRetriesBatch(),
    OperationType.EXTERNAL_TASK_RETRIES: ExternalTaskRetriesBatch(),
    OperationType.MIGRATION: MigrationBatch(),
}


def instance_of(operation: BatchOperation) -> ColumnElement[Any]:
    """The column that names an item's process instance, or null."""
    return operation.instance if operation.instance is not None else null().cast(String)
