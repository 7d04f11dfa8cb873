"""SQLite, the embedded database: one writer at a time, and lists as JSON."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Dialect, Engine, Text, create_engine, event, false
from sqlalchemy.engine import URL
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

from process_engine.database.database import Database, know
from process_engine.database.elements import InSubquery, InValues, ListOf, MillisecondsBetween
from process_engine.database.tables import ValuesTable

EMBEDDED = "embedded"
"""The one session: there are none to ask about."""


class _SQLite(Database):
    name = "sqlite"
    drivers = frozenset({"sqlite", "sqlite+pysqlite"})
    is_shared = False
    has_schemas = False
    selects_deleted = False
    adds_missing_columns = False
    likes_by_glob = True

    def checked(self, url: URL, *, jdbc: bool) -> URL:
        del jdbc
        return url.set(drivername="sqlite")

    def connect(self, url: URL) -> Engine:
        engine = create_engine(url, connect_args={"timeout": 60})

        @event.listens_for(engine, "connect")
        def prepare(connection: Any, _: object) -> None:  # pyright: ignore[reportUnusedFunction]
            connection.isolation_level = None  # the driver must not begin transactions by itself
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA journal_mode = WAL")

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # one writer at a time: what was read stays true

        return engine

    def is_there(self, url: URL) -> bool:
        return bool(url.database) and Path(url.database or "").is_file()

    def list_type(self, element: str) -> TypeEngine[Any]:
        del element
        return Text()

    def list_value(self, values: Sequence[Any]) -> Any:
        return json.dumps(list(values))

    def row_values(self, dialect: Dialect, types: Mapping[str, TypeEngine[Any]], rows: Sequence[Sequence[Any]]) -> Any:
        processors = [kind.dialect_impl(dialect).bind_processor(dialect) for kind in types.values()]
        plain = [[p(v) if p else v for p, v in zip(processors, row, strict=True)] for row in rows]
        return {"given": json.dumps(plain)}

    def plan_once(self, connection: Connection) -> None:
        """It keeps no plans."""

    def commit_without_waiting(self, connection: Connection) -> None:
        """What that would save is little."""

    def lock_ledger(self, connection: Connection) -> None:
        """Its transactions lock all."""

    def session_name(self, connection: Connection) -> str:
        del connection
        return EMBEDDED

    def is_alive(self, session: ColumnElement[Any]) -> ColumnElement[bool]:
        return session.is_not(None)

    def is_alive_elsewhere(self, session: ColumnElement[Any], own: ColumnElement[Any]) -> ColumnElement[bool]:
        """Workers take turns."""
        del session, own
        return false()


SQLITE = know(_SQLite())


# ---------------------------------------------------------------- expressions


@compiles(InValues, "sqlite")
def _in_values(element: InValues, compiler: SQLCompiler, **options: Any) -> str:
    expression, values = element.clauses
    each = f"(SELECT value FROM json_each({compiler.process(values, **options)}))"  # noqa: S608 - compiled parts
    return f"{compiler.process(expression, **options)} IN {each}"


@compiles(InSubquery, "sqlite")
def _in_subquery(element: InSubquery, compiler: SQLCompiler, **options: Any) -> str:
    expression, subquery = element.clauses
    return f"{compiler.process(expression, **options)} IN {compiler.process(subquery, **options)}"


@compiles(MillisecondsBetween, "sqlite")
def _milliseconds_between(element: MillisecondsBetween, compiler: SQLCompiler, **options: Any) -> str:
    earlier, later = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(round((julianday({later}) - julianday({earlier})) * 86400000) AS INTEGER)"


@compiles(ValuesTable, "sqlite")
def _values(element: ValuesTable, compiler: SQLCompiler, **options: Any) -> str:
    parts = (f"json_extract(value, '$[{place}]') AS {label}" for place, label in enumerate(element.given_columns))
    text = compiler.process(list(element.clauses)[-1], **options)
    return f"(SELECT {', '.join(parts)} FROM json_each({text}))"  # noqa: S608 - compiled parts


@compiles(ListOf, "sqlite")
def _list_of(element: ListOf, compiler: SQLCompiler, **options: Any) -> str:
    expression, _ = element.clauses
    return f"json_group_array({compiler.process(expression, **options)})"
