"""The removal time that new history rows inherit under the strategy `Start`."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from process_engine.database import in_values
from process_engine.schema.history import act_hi_procinst
from process_engine.transaction import Transaction


def removal_times(transaction: Transaction, root_ids: Iterable[str | None]) -> dict[str | None, datetime | None]:
    """Removal time by root process instance id; empty unless the strategy is `Start`.

    Source: DefaultHistoryEventProducer#provideRemovalTime.
    """
    roots = {root for root in root_ids if root is not None}
    if not roots or not transaction.removal_time_at_start:
        return {}
    table = act_hi_procinst.c
    rows = transaction.connection.execute(select(table.id_, table.removal_time_).where(in_values(table.id_, roots)))
    return {row.id_: row.removal_time_ for row in rows}
