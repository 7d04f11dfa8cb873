"""Byte arrays (ACT_GE_BYTEARRAY): large values and stack traces that other tables' rows point to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, delete, insert, select

from process_engine.database import any_of, has_row_locks
from process_engine.schema.general import act_ge_bytearray
from process_engine.transaction import Transaction

RUNTIME, HISTORY = 2, 3
"""TYPE_ of ACT_GE_BYTEARRAY. Source: ResourceTypes."""


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
        transaction.connection.execute(delete(act_ge_bytearray).where(any_of(act_ge_bytearray.c.id_, given)))


def delete_with_byte_arrays(
    transaction: Transaction, table: Table, condition: ColumnElement[bool], bytes_id: Column[Any]
) -> None:
    """Delete rows, then the byte arrays that they pointed to, as the foreign key wants it."""
    gone = delete(table).where(condition).returning(bytes_id)
    if has_row_locks(transaction.connection):  # elsewhere what a statement deletes cannot be selected from
        deleted = gone.cte("gone")
        gone = select(deleted.c[bytes_id.name]).where(deleted.c[bytes_id.name].is_not(None))
    delete_byte_arrays(transaction, transaction.connection.scalars(gone).all())
