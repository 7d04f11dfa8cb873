"""Authorizations of single tasks and instances, which go with them. Source: AuthorizationManager, Resources."""

from collections.abc import Sequence

from sqlalchemy import delete

from process_engine.database import in_values
from process_engine.schema.runtime import act_ru_authorization
from process_engine.transaction import Transaction

TASK, PROCESS_INSTANCE, HISTORIC_PROCESS_INSTANCE = 7, 8, 20
"""RESOURCE_TYPE_ of ACT_RU_AUTHORIZATION."""


def delete_authorizations(transaction: Transaction, resource_type: int, ids: Sequence[str]) -> None:
    """Delete the authorizations of resources; only an engine that checks authorizations removes them."""
    if not ids or not transaction.configuration.authorization_enabled:
        return
    table = act_ru_authorization.c
    condition = (table.resource_type_ == resource_type) & in_values(table.resource_id_, ids)
    transaction.connection.execute(delete(act_ru_authorization).where(condition))
