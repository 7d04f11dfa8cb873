"""Process definitions by their rows, as far as migration asks for them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from process_engine.database import in_values
from process_engine.schema.repository import act_re_procdef
from process_engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class DefinitionRow:
    """A row of ACT_RE_PROCDEF, as far as migration asks for it."""

    id: str
    key: str
    version: int
    deployment_id: str | None
    tenant_id: str | None


def read_definition_rows(transaction: Transaction, ids: Iterable[str]) -> dict[str, DefinitionRow]:
    """Process definitions by id; ids of none are not there."""
    table = act_re_procdef.c
    query = select(table.id_, table.key_, table.version_, table.deployment_id_, table.tenant_id_)
    rows = transaction.connection.execute(query.where(in_values(table.id_, set(ids))))
    return {row.id_: DefinitionRow(*row) for row in rows}
