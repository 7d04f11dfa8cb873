"""How a manifest names a process definition, and which one has that name."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator
from sqlalchemy import ColumnElement, Connection, func, select

from process_engine.database import AnyRow
from process_engine.errors import BadUserRequestError
from process_engine.operation_base.manifest_model import ManifestModel, field_error
from process_engine.queries.kinds import Id, Text
from process_engine.schema.repository import act_re_procdef

LARGEST_VERSION = 2**31 - 1
SHOWN = 5


class DefinitionName(ManifestModel):
    """A process definition: its id, or its key with exactly one of version, versionTag and latest."""

    id: Id | None = Field(default=None, description="Its id in the database; nothing else goes with it.")
    key: Text | None = Field(default=None, description="Its key: the id of the process in its BPMN file.")
    version: Annotated[int, Field(strict=True, ge=1, le=LARGEST_VERSION)] | None = Field(
        default=None, description="The version of that key."
    )
    version_tag: Text | None = Field(default=None, description="The version tag that its BPMN file gives it.")
    latest: bool = Field(
        default=False,
        strict=True,
        description="The latest version of that key when the set is resolved; one deployed later is not taken.",
    )
    tenant_id: Id | None = Field(
        default=None, description="Its tenant; needed where several tenants have a definition of that key."
    )

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        ways = [self.version is not None, self.version_tag is not None, self.latest]
        if self.id is not None:
            if self.key is not None or any(ways) or self.tenant_id is not None:
                raise field_error("id", "does not go with key, version, versionTag, latest or tenantId")
            return self
        if self.key is None:
            raise field_error("", "names no process definition; give its id, or its key")
        if sum(ways) != 1:
            raise field_error("key", "takes exactly one of version, versionTag and latest: true")
        return self

    def __str__(self) -> str:
        """As messages name it."""
        if self.id is not None:
            return f"id {self.id}"
        tag = None if self.version_tag is None else f"versionTag {self.version_tag}"
        which = f"version {self.version}" if self.version is not None else tag or "latest version"
        return f"key {self.key}, {which}" + (f", tenant {self.tenant_id}" if self.tenant_id else "")


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
