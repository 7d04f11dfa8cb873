"""Byte arrays (ACT_GE_BYTEARRAY): large values and stack traces that other tables' rows point to."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Column, Delete, String, Update, delete, insert, select, update
from sqlalchemy.sql.dml import ReturningDelete

from process_engine.database import NOW, database_of, in_parameter, in_subquery, row_values, values_parameter
from process_engine.schema.general import act_ge_bytearray
from process_engine.schema.history import act_hi_procinst
from process_engine.transaction import Transaction

RUNTIME, HISTORY = 2, 3
"""TYPE_ of ACT_GE_BYTEARRAY. Source: ResourceTypes."""

DELETED = delete(act_ge_bytearray).where(in_parameter(act_ge_bytearray.c.id_))


@dataclass(frozen=True)
class ByteArray:
    """A byte array; only those of the history know their root instance and removal time."""

    id: str
    name: str | None
    data: bytes
    type: int
    root_process_instance_id: str | None = None
    removal_time: datetime | None = None


def insert_byte_arrays(transaction: Transaction, arrays: Iterable[ByteArray]) -> None:
    """Insert byte arrays."""
    rows = [
        {
            "id_": array.id,
            "rev_": 1,
            "name_": array.name,
            "bytes_": array.data,
            "type_": array.type,
            "create_time_": transaction.now,
            "root_proc_inst_id_": array.root_process_instance_id,
            "removal_time_": array.removal_time,
        }
        for array in arrays
    ]
    if rows:
        transaction.connection.execute(insert(act_ge_bytearray), rows)


def delete_byte_arrays(transaction: Transaction, ids: Iterable[str | None]) -> None:
    """Delete byte arrays to which no row points any more."""
    given = [id_ for id_ in ids if id_ is not None]
    if given:
        transaction.connection.execute(DELETED, {"ids": given})


def delete_with_byte_arrays(
    transaction: Transaction, owner: Column[Any], ids: Sequence[str], bytes_id: Column[Any]
) -> None:
    """Delete the rows of a table that belong to `ids`, and the byte arrays that they pointed to."""
    if database_of(transaction.connection).selects_deleted:
        transaction.connection.execute(_deleted_with_byte_arrays(owner, bytes_id), {"ids": ids})
        return
    held = transaction.connection.scalars(_deleted(owner, bytes_id), {"ids": ids})
    delete_byte_arrays(transaction, held.all())


RENEWED = {"old": String(), "new": String()}


def renew_byte_arrays(
    transaction: Transaction, ids: Sequence[tuple[str, str]], without_removal_time: Collection[str]
) -> None:
    """Give byte arrays of the history new ids; all that a new one would have, they have.

    Args:
        transaction: The caller commits.
        ids: Old ones and new ones.
        without_removal_time: Root process instances whose removal time history has forgotten.
    """
    if not ids:
        return
    has_removal_time = transaction.removal_time_at_start
    given = row_values(transaction.connection, RENEWED, ids) | {"now": transaction.now}
    if has_removal_time:
        given["without_removal_time"] = list(without_removal_time)
    transaction.connection.execute(_renewing(has_removal_time=has_removal_time), given)


@cache
def _renewing(*, has_removal_time: bool) -> Update:
    given, array, root = values_parameter(RENEWED).c, act_ge_bytearray.c, act_hi_procinst.c
    of_root = select(root.removal_time_).where(
        root.id_ == array.root_proc_inst_id_, ~in_parameter(root.id_, "without_removal_time")
    )
    values: dict[str, Any] = {
        "id_": given.new,
        "rev_": 1,
        "create_time_": NOW,
        "removal_time_": of_root.scalar_subquery() if has_removal_time else None,
    }
    return update(act_ge_bytearray).where(array.id_ == given.old).values(values)


@cache
def _deleted(owner: Column[Any], bytes_id: Column[Any]) -> ReturningDelete[Any]:
    return delete(owner.table).where(in_parameter(owner)).returning(bytes_id)


@cache
def _deleted_with_byte_arrays(owner: Column[Any], bytes_id: Column[Any]) -> Delete:
    # WITH gone AS (DELETE … RETURNING bytearray_id_) DELETE FROM act_ge_bytearray WHERE id_ = ANY (ARRAY(SELECT …))
    gone = _deleted(owner, bytes_id).cte("gone").c[bytes_id.name]
    return delete(act_ge_bytearray).where(in_subquery(act_ge_bytearray.c.id_, select(gone).where(gone.is_not(None))))
