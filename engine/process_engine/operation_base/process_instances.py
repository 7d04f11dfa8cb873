"""What batches whose items are process instances have in common."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, select

from process_engine.batch.definition import BatchContent, BatchDefinition
from process_engine.database import in_values
from process_engine.errors import ProcessEngineError
from process_engine.operation_base.outcome import SkipReason
from process_engine.schema.history import act_hi_procinst
from process_engine.transaction import Transaction


class ProcessInstances:
    """Items are process instances themselves."""

    instance = None

    def pinned(self, transaction: Transaction, definition: BatchDefinition) -> BatchDefinition:  # noqa: ARG002
        """Nothing that it names can move."""
        return definition

    def undone(self, transaction: Transaction, content: BatchContent, item_ids: Sequence[str]) -> set[str]:  # noqa: ARG002
        """None is handed over."""
        return set()

    def excluded(self, content: BatchContent, item: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
        """By their ids."""
        if ids := content.excluded().get("processInstances"):
            yield in_values(item, ids)


def already_ended(transaction: Transaction, failed: Mapping[str, ProcessEngineError]) -> dict[str, SkipReason]:
    """Of process instances that were not there, those that the history knows: nothing of them runs any more."""
    missing = [id_ for id_, error in failed.items() if error.is_missing]
    if not missing:
        return {}
    ended = _ended(transaction, missing)
    return dict.fromkeys(ended, SkipReason.ALREADY_ENDED)


def _ended(transaction: Transaction, instance_ids: Sequence[str]) -> Sequence[str]:
    instances = act_hi_procinst.c
    query = select(instances.id_).where(in_values(instances.id_, instance_ids), instances.end_time_.is_not(None))
    return transaction.connection.scalars(query).all()
