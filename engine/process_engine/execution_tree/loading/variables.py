"""Reads variables: their columns, and the bytes of those that keep some."""

from typing import Any

from sqlalchemy import ColumnElement, Select, null, select

from process_engine.execution_tree.variables import VariableRow
from process_engine.schema.general import act_ge_bytearray
from process_engine.schema.runtime import act_ru_variable
from process_engine.transaction import Transaction

COLUMNS = tuple(act_ru_variable.c[name] for name in VariableRow._fields if name != "bytes_")


def select_variables(*conditions: ColumnElement[bool], with_bytes: bool = True) -> Select[*tuple[Any, ...]]:
    """A query for `read_variables`.

    Args:
        conditions: On ACT_RU_VARIABLE.
        with_bytes: Whether the values of files and objects matter.
    """
    if not with_bytes:
        return select(*COLUMNS, null().label("bytes_")).where(*conditions)
    # SELECT variable.…, array.bytes_ FROM act_ru_variable variable
    #   LEFT JOIN act_ge_bytearray array ON array.id_ = variable.bytearray_id_ WHERE …
    array = act_ge_bytearray.c
    query = select(*COLUMNS, array.bytes_).where(*conditions)
    return query.join_from(
        act_ru_variable, act_ge_bytearray, array.id_ == act_ru_variable.c.bytearray_id_, isouter=True
    )


def read_variables(
    transaction: Transaction, query: Select[*tuple[Any, ...]], parameters: dict[str, Any] | None = None
) -> list[VariableRow]:
    """Read variables by a query that `select_variables` made."""
    return [VariableRow._make(row) for row in transaction.connection.execute(query, parameters or {}).all()]
