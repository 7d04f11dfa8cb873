"""Event subscriptions that go with their executions; history knows none."""

from collections.abc import Sequence

from sqlalchemy import delete

from process_engine.database import any_of
from process_engine.schema.runtime import act_ru_event_subscr
from process_engine.transaction import Transaction


def delete_event_subscriptions(transaction: Transaction, execution_ids: Sequence[str]) -> None:
    """Delete the subscriptions of executions."""
    if execution_ids:
        condition = any_of(act_ru_event_subscr.c.execution_id_, execution_ids)
        transaction.connection.execute(delete(act_ru_event_subscr).where(condition))
