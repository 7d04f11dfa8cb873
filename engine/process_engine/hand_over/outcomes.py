"""What became of items that the Java engine was given. Pure."""

from collections.abc import Collection, Mapping, Sequence

from process_engine.errors import ProcessEngineError
from process_engine.operation_base.outcome import Outcome, SkipReason


class JavaEngineError(ProcessEngineError):
    """The Java engine failed at an item, with its own message."""

    reason = "JavaEngine"


def outcome_of(
    engine_batch_id: str, item_ids: Sequence[str], failures: Mapping[str, str], untouched: Collection[str]
) -> Outcome:
    """Outcomes of the items of a batch that is over.

    Args:
        engine_batch_id: Of the Java engine.
        item_ids: All that it was given.
        failures: Its messages, by item.
        untouched: Items that are as they were. A failed one that is not, has ended by itself.
    """
    outcome = Outcome()
    succeeded: list[str] = []
    for id_ in item_ids:
        if id_ not in untouched:
            if id_ in failures:
                outcome.skipped[id_] = SkipReason.ALREADY_ENDED
            else:
                succeeded.append(id_)
            continue
        message = failures.get(
            id_, f"batch {engine_batch_id} of the Java engine was removed before it came to this item"
        )
        outcome.failed[id_] = JavaEngineError(message)
    outcome.succeeded = succeeded
    return outcome
