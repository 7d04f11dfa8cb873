"""An operation as a batch runs it: what its items are, how the set is found, and how a chunk is run.

The methods that not every operation needs do nothing here. `process_instances` and `items_of_instances` have what
operations on instances, and on what belongs to instances, have in common.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import ColumnElement, SelectBase, Table

from process_engine.clock import Clock
from process_engine.errors import ProcessEngineError
from process_engine.operation_base.manifest_model import ManifestModel
from process_engine.operation_base.outcome import Outcome
from process_engine.queries.model import Query
from process_engine.queries.selection import effective
from process_engine.transaction import Transaction

Options = TypeVar("Options", bound=ManifestModel)
IdLists = Mapping[str, Sequence[str]]
"""Lists of ids by their names in a manifest."""
Queries = Mapping[str, Query]
"""Queries by their names in a manifest."""


class BatchOperation(ABC, Generic[Options]):
    """One operation of a batch.

    Attributes:
        name: Name of the lists and queries, in a manifest, that are of its items.
        items: Table whose ids are the items.
        instance: Column of it that names an item's process instance; null where the item is one itself.
        ended: Table that still knows items which have ended: their ids are not unknown, though there is nothing to do.
    """

    name: ClassVar[str]
    items: ClassVar[Table]
    instance: ClassVar[Any] = None
    ended: ClassVar[Table | None] = None

    # ------------------------------------------------------------ the set

    def pinned(self, transaction: Transaction, options: Options, queries: Queries) -> Options:  # noqa: ARG002
        """The options with names resolved that might stand for something else later; all else is given these.

        Raises:
            BadUserRequestError: A name stands for nothing, or for several; or the operation would fail at every item.
        """
        return options

    def guarded(self, queries: Queries, options: Options) -> Queries:  # noqa: ARG002
        """The queries with what the operation adds to them, so that they find nothing that it cannot work on."""
        return queries

    def meaning(self, options: Options) -> Mapping[str, Any]:  # noqa: ARG002
        """What names in the options stand for, shown beside the queries."""
        return {}

    def effective_query(self, queries: Queries, options: Options) -> dict[str, Any]:
        """The queries as they were understood, guards included, and what the options' names stand for."""
        guarded = self.guarded(queries, options)
        return {name: effective(query) for name, query in guarded.items()} | dict(self.meaning(options))

    @abstractmethod
    def table_of(self, name: str) -> Table:
        """The table in which the ids of a list are looked up."""

    @abstractmethod
    def sources(self, ids: IdLists, queries: Queries, clock: Clock) -> Iterator[SelectBase]:
        """Statements whose first columns are items: of guarded queries, and of listed ids that are no items."""

    @abstractmethod
    def excluded(self, ids: IdLists, item: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
        """Conditions under which an item is taken out."""

    # ------------------------------------------------------------ a chunk

    @abstractmethod
    def run(self, transaction: Transaction, options: Options, item_ids: Sequence[str]) -> Outcome:
        """Run the operation on the items of a chunk; the caller commits."""

    def named(
        self,
        transaction: Transaction,  # noqa: ARG002
        options: Options,  # noqa: ARG002
        failed: Mapping[str, ProcessEngineError],
    ) -> Mapping[str, ProcessEngineError]:
        """Errors of items with what a reader of the batch needs to know the item by."""
        return failed

    def hand_over(
        self,
        transaction: Transaction,  # noqa: ARG002
        options: Options,  # noqa: ARG002
        item_ids: Sequence[str],  # noqa: ARG002
    ) -> Mapping[str, str]:
        """Give items that need a JVM to the Java engine; returns its batch of each that it was given."""
        return {}

    def untouched(self, transaction: Transaction, options: Options, item_ids: Sequence[str]) -> set[str]:  # noqa: ARG002
        """Of items that were handed over, those that are as they were."""
        return set()

    @abstractmethod
    def log(self, transaction: Transaction, options: Options, count: int) -> None:
        """Write what the user operation log says of the creation of the batch."""
