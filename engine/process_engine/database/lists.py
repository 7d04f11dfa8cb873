"""Many values in one parameter or column: an array where the database has arrays, a JSON text elsewhere."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from sqlalchemy import DateTime, Dialect, Integer, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from process_engine.database.database import database_of


class _Values(TypeDecorator[Sequence[Any]]):
    """Many values; `element` is the SQL type of each."""

    impl = Text
    cache_ok = True
    element: ClassVar[str] = "VARCHAR"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type."""
        return dialect.type_descriptor(database_of(dialect).list_type(self.element))

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        """Turn a sequence into the parameter."""
        return None if value is None else database_of(dialect).list_value(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Sequence[Any] | None:  # noqa: ARG002 - SQLAlchemy's
        """Turn a column's value into a list."""
        return json.loads(value) if isinstance(value, str) else value


class StringList(_Values):
    """Many strings in one parameter or column."""

    cache_ok = True


class _IntegerList(_Values):
    """Many integers in one parameter."""

    cache_ok = True
    element = "INTEGER"


class _TimeList(_Values):
    """Many times in one parameter."""

    cache_ok = True
    element = "TIMESTAMP"

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        """Turn a sequence into the parameter."""
        return super().process_bind_param(value and [None if each is None else str(each) for each in value], dialect)


def list_of_type(kind: TypeEngine[Any]) -> TypeEngine[Any] | None:
    """The type of a list whose values are of a type; `None` where it has none of its own."""
    if isinstance(kind, String):
        return StringList()
    if type(kind) is DateTime:
        return _TimeList()
    return _IntegerList() if type(kind) is Integer else None
