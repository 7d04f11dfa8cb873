"""What is needed of a batch to run its chunks, read from what the ledger froze; no query is loaded for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from process_engine.batch.policies import OnJvmCode, UnknownIds
from process_engine.operation_base.batch_operation import BatchOperation
from process_engine.operation_base.judgement import run_and_judge
from process_engine.operation_base.manifest_model import ManifestModel
from process_engine.operation_base.outcome import Outcome
from process_engine.registry import kind_of
from process_engine.transaction import Transaction


@dataclass(frozen=True, kw_only=True)
class FrozenBatch:
    """A batch whose set is frozen.

    Attributes:
        operation: What is done to each item.
        options: How; names in them are resolved.
        user_id: In whose name.
        hands_over: What only a JVM can do is given to the Java engine.
        must_exist: Listed ids for which not to be there is a failure.
    """

    operation: BatchOperation[Any]
    options: ManifestModel
    user_id: str | None
    hands_over: bool
    must_exist: frozenset[str]

    @classmethod
    def of(cls, definition: Mapping[str, Any], unknown_ids: Collection[str] = ()) -> Self:
        """From the JSON of a `BatchDefinition`, and the listed ids that were not there."""
        given = definition["operation"]
        kind = kind_of(given["type"])
        fails = definition.get("unknownIds") == UnknownIds.FAIL
        return cls(
            operation=kind.batch,
            options=kind.options.model_validate(given.get(kind.member, {})),
            user_id=definition.get("userId"),
            hands_over=definition.get("onJvmCode") == OnJvmCode.HAND_OVER,
            must_exist=frozenset(unknown_ids) if fails else frozenset(),
        )

    def run(self, transaction: Transaction, item_ids: Sequence[str]) -> Outcome:
        """Run the operation on the items of a chunk; the caller commits."""
        return run_and_judge(
            self.operation,
            transaction,
            self.options,
            item_ids,
            hands_over=self.hands_over,
            must_exist=self.must_exist,
        )
