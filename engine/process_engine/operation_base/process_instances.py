"""What operations whose items are process instances have in common."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, SelectBase, Table

from process_engine.clock import Clock
from process_engine.database import in_values
from process_engine.operation_base.batch_operation import BatchOperation, IdLists, Options, Queries
from process_engine.queries.selection import select_ids

PROCESS_INSTANCES = "processInstances"
"""Lists of ids of process instances, and the runtime query, in a manifest."""
HISTORIC_PROCESS_INSTANCES = "historicProcessInstances"


class ProcessInstances(BatchOperation[Options]):
    """Items are process instances themselves: every query finds items."""

    name = PROCESS_INSTANCES

    def table_of(self, name: str) -> Table:  # noqa: ARG002 - there is one
        """That of the items."""
        return self.items

    def sources(self, ids: IdLists, queries: Queries, clock: Clock) -> Iterator[SelectBase]:  # noqa: ARG002 - items
        """The queries."""
        for query in queries.values():
            yield select_ids(query, clock)

    def excluded(self, ids: IdLists, item: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
        """By their ids."""
        if given := ids.get(PROCESS_INSTANCES):
            yield in_values(item, given)
