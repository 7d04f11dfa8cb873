"""What operations on jobs and on external tasks have in common: items by their own ids and by process instances."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, SelectBase, Table, select

from process_engine.clock import Clock
from process_engine.database import in_values
from process_engine.operation_base.batch_operation import BatchOperation, IdLists, Options, Queries
from process_engine.operation_base.process_instances import PROCESS_INSTANCES
from process_engine.queries.selection import select_ids
from process_engine.schema.runtime import act_ru_execution


class ItemsOfInstances(BatchOperation[Options]):
    """Items belong to process instances, whose ids and queries stand for all items that they have."""

    def table_of(self, name: str) -> Table:
        """That of the items, or of process instances."""
        return self.items if name == self.name else act_ru_execution

    def sources(self, ids: IdLists, queries: Queries, clock: Clock) -> Iterator[SelectBase]:
        """Queries of items, and items of the process instances that are queried for or listed."""
        for name, query in queries.items():
            found = select_ids(query, clock)
            yield found if name == self.name else self._of_instances(self.instance.in_(found))
        if given := ids.get(PROCESS_INSTANCES):
            yield self._of_instances(in_values(self.instance, given))

    def _of_instances(self, condition: ColumnElement[bool]) -> Select[Any]:
        return select(self.items.c.id_).where(condition)

    def excluded(self, ids: IdLists, item: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
        """By their ids, and by those of their process instances."""
        if given := ids.get(self.name):
            yield in_values(item, given)
        if given := ids.get(PROCESS_INSTANCES):
            yield item.in_(self._of_instances(in_values(self.instance, given))) | in_values(item, given)
