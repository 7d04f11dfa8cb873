"""PostgreSQL, the first-class database."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Dialect, Engine, collate, create_engine, event, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine, UserDefinedType

from process_engine.database.database import Database, know
from process_engine.database.elements import InSubquery, InValues, ListOf, MillisecondsBetween
from process_engine.database.tables import ValuesTable
from process_engine.errors import InvalidDatabaseUrlError

POSTGRESQL_OPTIONS = frozenset(
    {"sslmode", "sslrootcert", "application_name", "connect_timeout", "target_session_attrs"}
)
JDBC_CREDENTIALS = frozenset({"user", "password"})
TRANSACTION_LIMITS = {
    "lock_timeout": "10s",
    "statement_timeout": "10min",
    "idle_in_transaction_session_timeout": "5min",
    # Ids are spread over tables much larger than a chunk: without this the planner scans them whole.
    "random_page_cost": "1.1",
}
SESSION = "pid || '/' || extract(epoch from backend_start)"
"""Names a session so that no later one has the same name."""


class _PostgreSQL(Database):
    name = "postgresql"
    drivers = frozenset({"postgresql", "postgres", "postgresql+psycopg"})
    is_shared = True
    has_schemas = True
    selects_deleted = True
    adds_missing_columns = True
    likes_by_glob = False

    def dialect(self) -> Dialect:
        return make_url("postgresql+psycopg://").get_dialect()()

    def checked(self, url: URL, *, jdbc: bool) -> URL:
        allowed = POSTGRESQL_OPTIONS | JDBC_CREDENTIALS if jdbc else POSTGRESQL_OPTIONS
        if unknown := sorted(set(url.query) - allowed):
            raise InvalidDatabaseUrlError(
                f"The database URL has option {unknown[0]!r}; allowed are {', '.join(sorted(POSTGRESQL_OPTIONS))}"
            )
        user, password = url.query.get("user"), url.query.get("password")
        url = url.difference_update_query(JDBC_CREDENTIALS).set(drivername="postgresql+psycopg")
        if isinstance(user, str):
            url = url.set(username=user)
        return url.set(password=password) if isinstance(password, str) else url

    def connect(self, url: URL) -> Engine:
        options = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
        engine = create_engine(url, pool_size=8, pool_pre_ping=True, connect_args=options | {"prepare_threshold": 1})
        settings = "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in TRANSACTION_LIMITS.items())

        @event.listens_for(engine, "begin")
        def limit(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
            connection.exec_driver_sql(settings)

        return engine

    def list_type(self, element: str) -> TypeEngine[Any]:
        return _Array(element)

    def list_value(self, values: Sequence[Any]) -> Any:
        return _array_text(tuple(values))

    def row_values(self, dialect: Dialect, types: Mapping[str, TypeEngine[Any]], rows: Sequence[Sequence[Any]]) -> Any:
        del dialect
        columns = zip(*rows, strict=True) if rows else [()] * len(types)
        return {f"given_{label}": list(values) for label, values in zip(types, columns, strict=True)}

    def plan_once(self, connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")

    def commit_without_waiting(self, connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")

    def lock_ledger(self, connection: Connection) -> None:
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('process-batch ledger'))"))

    def session_name(self, connection: Connection) -> str:
        query = text(f"SELECT {SESSION} FROM pg_stat_activity WHERE pid = pg_backend_pid()")  # noqa: S608 - a constant
        return cast("str", connection.scalar(query))

    def is_alive(self, session: ColumnElement[Any]) -> ColumnElement[bool]:
        alive = select(text(f"{SESSION} FROM pg_stat_activity WHERE backend_type = 'client backend'"))
        return func.coalesce(session.in_(alive), False)

    def is_alive_elsewhere(self, session: ColumnElement[Any], own: ColumnElement[Any]) -> ColumnElement[bool]:
        return self.is_alive(session) & (session != own)

    def by_bytes(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return collate(column, "C")


POSTGRESQL = know(_PostgreSQL())


# ---------------------------------------------------------------- many values in one parameter


class _Array(UserDefinedType[Any]):
    """A PostgreSQL array whose values are given as its text, which is much cheaper than a value at a time."""

    cache_ok = True
    render_bind_cast = True

    def __init__(self, element: str) -> None:
        self.element = element

    def get_col_spec(self, **_: Any) -> str:
        """The type's name."""
        return f"{self.element}[]"


@lru_cache(maxsize=64)
def _array_text(values: tuple[Any, ...]) -> str:
    """The values as PostgreSQL writes an array; the ids of a chunk go into many statements but are written once.

    A JSON array differs only in its brackets, and in escapes other than those of quotes and backslashes.
    """
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    if "\\" in text:
        text = f" {','.join(map(_array_element, values))} "
    return "{" + text[1:-1] + "}"


def _array_element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


# ---------------------------------------------------------------- expressions


@compiles(InValues, "postgresql")
def _in_values(element: InValues, compiler: SQLCompiler, **options: Any) -> str:
    expression, values = element.clauses
    return f"{compiler.process(expression, **options)} = ANY ({compiler.process(values, **options)})"


@compiles(InSubquery, "postgresql")
def _in_subquery(element: InSubquery, compiler: SQLCompiler, **options: Any) -> str:
    expression, subquery = element.clauses
    return f"{compiler.process(expression, **options)} = ANY (ARRAY{compiler.process(subquery, **options)})"


@compiles(MillisecondsBetween, "postgresql")
def _milliseconds_between(element: MillisecondsBetween, compiler: SQLCompiler, **options: Any) -> str:
    earlier, later = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(extract(epoch FROM {later}::timestamp - {earlier}) * 1000)::bigint"


@compiles(ValuesTable, "postgresql")
def _values(element: ValuesTable, compiler: SQLCompiler, **options: Any) -> str:
    arrays = ", ".join(compiler.process(each, **options) for each in list(element.clauses)[:-1])
    return f"(SELECT * FROM unnest({arrays}) AS arrays ({', '.join(element.given_columns)}))"  # noqa: S608


@compiles(ListOf, "postgresql")
def _list_of(element: ListOf, compiler: SQLCompiler, **options: Any) -> str:
    expression, order = element.clauses
    return f"array_agg({compiler.process(expression, **options)} ORDER BY {compiler.process(order, **options)})"
