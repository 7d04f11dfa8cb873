"""Event subscriptions that go with their executions; history knows none."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, delete

from process_engine.database import in_values
from process_engine.schema.runtime import act_ru_event_subscr
from process_engine.transaction import Transaction


def delete_event_subscriptions(
    transaction: Transaction, ids: Sequence[str], of: Column[Any] = act_ru_event_subscr.c.execution_id_
) -> None:
    """Delete the subscriptions of executions, or those of the ids in another column."""
    if ids:
        condition = in_values(of, ids)
        transaction.connection.execute(delete(act_ru_event_subscr).where(condition))
