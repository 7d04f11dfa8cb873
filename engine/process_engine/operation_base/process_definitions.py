"""Finds the process definition that a manifest names."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, select

from process_engine.database import AnyRow
from process_engine.errors import BadUserRequestError
from process_engine.operations.migration.manifest import DefinitionName
from process_engine.schema.repository import act_re_procdef

SHOWN = 5


class UnknownDefinitionError(BadUserRequestError):
    """A manifest names a process definition that is not there, or a name that several have."""

    reason = "UnknownProcessDefinition"


def find_definition_id(connection: Connection, name: DefinitionName, where: str) -> str:
    """The id of the process definition that a manifest names.

    Args:
        connection: To the engine's database.
        name: As it is written.
        where: The field, for messages.

    Raises:
        UnknownDefinitionError: None has that name, or several have.
    """
    found = _matching(connection, name)
    if not found:
        raise UnknownDefinitionError(f"{where}: no process definition has {name}")
    if len(found) > 1:
        shown = ", ".join(map(_described, found[:SHOWN])) + (" …" if len(found) > SHOWN else "")
        raise UnknownDefinitionError(
            f"{where}: {len(found)} process definitions have {name}: {shown}; "
            "name one of them by its tenantId, version or id"
        )
    return found[0].id_


def _matching(connection: Connection, name: DefinitionName) -> Sequence[AnyRow]:
    table = act_re_procdef.c
    query = select(table.id_, table.key_, table.version_, table.tenant_id_).order_by(table.version_, table.id_)
    return connection.execute(query.where(*_conditions(name))).all()


def _conditions(name: DefinitionName) -> list[ColumnElement[bool]]:
    table = act_re_procdef.c
    if name.id is not None:
        return [table.id_ == name.id]
    conditions = [table.key_ == name.key]
    if name.tenant_id is not None:
        conditions.append(table.tenant_id_ == name.tenant_id)
    if name.version is not None:
        conditions.append(table.version_ == name.version)
    elif name.version_tag is not None:
        conditions.append(table.version_tag_ == name.version_tag)
    else:
        conditions.append(_is_latest())
    return conditions


def _is_latest() -> ColumnElement[bool]:
    """Each tenant has versions of its own."""
    table, other = act_re_procdef.c, act_re_procdef.alias("other").c
    same_tenant = (other.tenant_id_ == table.tenant_id_) | (other.tenant_id_.is_(None) & table.tenant_id_.is_(None))
    newest = select(func.max(other.version_)).where(other.key_ == table.key_, same_tenant)
    return table.version_ == newest.scalar_subquery()


def _described(row: AnyRow) -> str:
    tenant = f", tenant {row.tenant_id_}" if row.tenant_id_ is not None else ", no tenant"
    return f"{row.id_} (version {row.version_}{tenant})"
