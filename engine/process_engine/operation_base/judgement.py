"""What becomes of the items of a chunk in the end, for a batch that runs and for one that is planned alike."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Table, select

from process_engine.database import in_values
from process_engine.errors import JvmCodeError
from process_engine.operation_base.batch_operation import BatchOperation
from process_engine.operation_base.jvm_code import with_ways_out
from process_engine.operation_base.manifest_model import ManifestModel
from process_engine.operation_base.outcome import Outcome, SkipReason
from process_engine.transaction import Transaction


def run_and_judge(
    operation: BatchOperation[Any],
    transaction: Transaction,
    options: ManifestModel,
    item_ids: Sequence[str],
    *,
    hands_over: bool,
    must_exist: Collection[str] = (),
) -> Outcome:
    """Run an operation on the items of a chunk and judge what it says of each; the caller commits.

    Args:
        operation: Which.
        transaction: It works in.
        options: Pinned ones.
        item_ids: Of the chunk.
        hands_over: What only a JVM can do is given to the Java engine.
        must_exist: Listed ids for which not to be there is a failure; any other item that is gone is skipped.
    """
    outcome = operation.run(transaction, options, item_ids)
    missing = [id_ for id_, error in outcome.failed.items() if error.is_missing]
    ended = _ended(transaction, operation.ended, missing)
    skipped = {id_: SkipReason.NOT_FOUND for id_ in missing if id_ not in must_exist} | ended
    failed = {id_: error for id_, error in outcome.failed.items() if id_ not in skipped}
    needing = [id_ for id_, error in failed.items() if isinstance(error, JvmCodeError)]
    given = operation.hand_over(transaction, options, needing) if hands_over and needing else dict[str, str]()
    failed = {id_: with_ways_out(error) for id_, error in failed.items() if id_ not in given}
    return Outcome(
        succeeded=outcome.succeeded,
        skipped=outcome.skipped | skipped,
        failed=dict(operation.named(transaction, options, failed)),
        handed_over=dict(given),
    )


def _ended(transaction: Transaction, history: Table | None, item_ids: Sequence[str]) -> dict[str, SkipReason]:
    """Of items that are not there, those that the history knows as ended: nothing of them runs any more."""
    if history is None or not item_ids:
        return {}
    query = select(history.c.id_).where(in_values(history.c.id_, item_ids), history.c.end_time_.is_not(None))
    return dict.fromkeys(transaction.connection.scalars(query), SkipReason.ALREADY_ENDED)
