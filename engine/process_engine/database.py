"""Databases and what differs between them: URLs, connections, and the two ways to pass many values in one parameter.

PostgreSQL is the first-class database, SQLite the embedded one. Everything that only one of them can do stands here.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    FromClause,
    Integer,
    Row,
    String,
    Text,
    bindparam,
    column,
    create_engine,
    event,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

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


def database_url(text: str) -> URL:
    """The URL of a database, checked and in SQLAlchemy's spelling.

    Accepts ``postgresql://`` (also ``postgres://`` and ``jdbc:postgresql://``) and ``sqlite:///``.

    Raises:
        InvalidDatabaseUrlError: Another driver, or an option that is not allowed; the message names only that.
    """
    jdbc = text.startswith("jdbc:")
    try:
        url = make_url(text.removeprefix("jdbc:").strip())
    except ArgumentError:
        raise InvalidDatabaseUrlError("The database URL cannot be read; expected postgresql://host:port/name") from None
    if url.get_backend_name() == "sqlite" and not jdbc:
        return url.set(drivername="sqlite")
    if url.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise InvalidDatabaseUrlError(f"The database URL has driver {url.drivername!r}; only postgresql is allowed")
    return _postgresql_url(url, jdbc=jdbc)


def _postgresql_url(url: URL, *, jdbc: bool) -> URL:
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


def connect(url: str | URL) -> Engine:
    """A pool of connections to an engine's database; nothing is opened yet.

    Raises:
        InvalidDatabaseUrlError: See `database_url`.
    """
    checked = url if isinstance(url, URL) else database_url(url)
    if checked.get_backend_name() == "sqlite":
        return _sqlite(checked)
    options = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
    engine = create_engine(checked, pool_size=8, pool_pre_ping=True, connect_args=options | {"prepare_threshold": 1})
    settings = "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in TRANSACTION_LIMITS.items())

    @event.listens_for(engine, "begin")
    def limit(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.exec_driver_sql(settings)

    return engine


def _sqlite(url: URL) -> Engine:
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


AnyRow = Row[*tuple[Any, ...]]
"""A row of a statement whose columns a caller picks by name."""


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


class _Values(TypeDecorator[Sequence[Any]]):
    """Many values in one parameter or column: an array on PostgreSQL, a JSON text elsewhere."""

    impl = Text
    cache_ok = True
    element = "VARCHAR"

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type."""
        return dialect.type_descriptor(_Array(self.element) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        """Turn a sequence into the parameter."""
        if value is None:
            return None
        return _array_text(tuple(value)) if dialect.name == "postgresql" else json.dumps(list(value))

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


class _InValues(FunctionElement[bool]):
    """A column that equals one of many values, which are one parameter."""

    type = Boolean()
    inherit_cache = True
    name = "in_values"
    _is_implicitly_boolean = True  # or SQLite gets "= 1" behind it and does not use its index


def in_values(expression: ColumnElement[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """`expression` is one of `values`: one parameter, whatever their number."""
    return _InValues(expression, bindparam(None, tuple(values), type_=StringList(), unique=True))


def in_parameter(expression: ColumnElement[Any], name: str = "ids") -> ColumnElement[bool]:
    """`expression` is one of the values that a statement is given under `name` when it is executed.

    For statements that are made once: to make one anew for each chunk takes longer than to send it.
    """
    return _InValues(expression, bindparam(name, type_=StringList()))


def holds(values: ColumnElement[Any], value: str) -> ColumnElement[bool]:
    """The list in column `values` holds `value`; true of no null list."""
    return _InValues(bindparam(None, value, type_=String(), unique=True), values)


@compiles(_InValues, "postgresql")
def _in_values_postgresql(element: _InValues, compiler: SQLCompiler, **options: Any) -> str:
    expression, values = element.clauses
    return f"{compiler.process(expression, **options)} = ANY ({compiler.process(values, **options)})"


@compiles(_InValues)
def _in_values_elsewhere(element: _InValues, compiler: SQLCompiler, **options: Any) -> str:
    expression, values = element.clauses
    each = f"(SELECT value FROM json_each({compiler.process(values, **options)}))"  # noqa: S608 - compiled parts
    return f"{compiler.process(expression, **options)} IN {each}"


class _InSubquery(FunctionElement[bool]):
    """A column that equals one of a subquery's values, which the database computes first."""

    type = Boolean()
    inherit_cache = True
    name = "in_subquery"
    _is_implicitly_boolean = True  # or SQLite gets "= 1" behind it and does not use its index


def in_subquery(expression: ColumnElement[Any], subquery: Any) -> ColumnElement[bool]:
    """`expression` is in `subquery`, planned as look-ups of its values.

    PostgreSQL plans ``IN (SELECT …)`` over a large table as a hash join that scans it whole; an array of the
    subquery's values makes it use the index.
    """
    return _InSubquery(expression, subquery.scalar_subquery())


@compiles(_InSubquery, "postgresql")
def _in_subquery_postgresql(element: _InSubquery, compiler: SQLCompiler, **options: Any) -> str:
    expression, subquery = element.clauses
    return f"{compiler.process(expression, **options)} = ANY (ARRAY{compiler.process(subquery, **options)})"


@compiles(_InSubquery)
def _in_subquery_elsewhere(element: _InSubquery, compiler: SQLCompiler, **options: Any) -> str:
    expression, subquery = element.clauses
    return f"{compiler.process(expression, **options)} IN {compiler.process(subquery, **options)}"


class _MillisecondsBetween(FunctionElement[int]):
    """The milliseconds from one local time to a later one."""

    type = BigInteger()
    inherit_cache = True
    name = "milliseconds_between"


NOW = bindparam("now", type_=DateTime())
"""The transaction's time, which a statement is given when it is executed."""


def milliseconds_since(earlier: ColumnElement[Any]) -> ColumnElement[int]:
    """How many milliseconds a column's time is before `NOW`."""
    return _MillisecondsBetween(earlier, NOW)


@compiles(_MillisecondsBetween, "postgresql")
def _milliseconds_between_postgresql(element: _MillisecondsBetween, compiler: SQLCompiler, **options: Any) -> str:
    earlier, later = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(extract(epoch FROM {later}::timestamp - {earlier}) * 1000)::bigint"


@compiles(_MillisecondsBetween)
def _milliseconds_between_elsewhere(element: _MillisecondsBetween, compiler: SQLCompiler, **options: Any) -> str:
    earlier, later = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(round((julianday({later}) - julianday({earlier})) * 86400000) AS INTEGER)"


class _ValuesTable(FunctionElement[Any]):
    """Rows as a table: an array a column on PostgreSQL, one JSON text elsewhere. Each way its own parameters."""

    inherit_cache = True
    name = "rows"

    def __init__(self, *arguments: BindParameter[Any], columns: Mapping[str, TypeEngine[Any]]) -> None:
        super().__init__(*arguments)
        self.given_columns = list(columns)


@compiles(_ValuesTable, "postgresql")
def _values_postgresql(element: _ValuesTable, compiler: SQLCompiler, **options: Any) -> str:
    arrays = ", ".join(compiler.process(each, **options) for each in list(element.clauses)[:-1])
    return f"(SELECT * FROM unnest({arrays}) AS arrays ({', '.join(element.given_columns)}))"  # noqa: S608


@compiles(_ValuesTable)
def _values_elsewhere(element: _ValuesTable, compiler: SQLCompiler, **options: Any) -> str:
    parts = (f"json_extract(value, '$[{place}]') AS {label}" for place, label in enumerate(element.given_columns))
    text = compiler.process(list(element.clauses)[-1], **options)
    return f"(SELECT {', '.join(parts)} FROM json_each({text}))"  # noqa: S608 - compiled parts


def values_parameter(types: Mapping[str, TypeEngine[Any]]) -> FromClause:
    """Rows that a statement is given when it is executed, see `row_values`, as a table that it can join.

    Args:
        types: Columns in the order of each row's values.
    """
    arrays = [bindparam(f"given_{label}", type_=_array_of(kind)) for label, kind in types.items()]
    return _table(_ValuesTable(*arrays, bindparam("given", type_=Text()), columns=types), "given", types)


def row_values(
    connection: Connection, types: Mapping[str, TypeEngine[Any]], rows: Sequence[Sequence[Any]]
) -> dict[str, Any]:
    """The parameters of a statement that is given `rows`."""
    if connection.dialect.name == "postgresql":
        columns = zip(*rows, strict=True) if rows else [()] * len(types)
        return {f"given_{label}": list(values) for label, values in zip(types, columns, strict=True)}
    processors = [kind.dialect_impl(connection.dialect).bind_processor(connection.dialect) for kind in types.values()]
    plain = [[p(v) if p else v for p, v in zip(processors, row, strict=True)] for row in rows]
    return {"given": json.dumps(plain)}


def values_table(
    connection: Connection, name: str, types: Mapping[str, TypeEngine[Any]], rows: Sequence[Sequence[Any]]
) -> FromClause:
    """Rows from Python as a table that statements can join; a constant number of parameters.

    Args:
        connection: Tells the dialect.
        name: Of the table in the statement.
        types: Columns in the order of each row's values.
        rows: The values.
    """
    values = row_values(connection, types, rows)
    arrays = [
        bindparam(None, values.get(f"given_{label}"), type_=_array_of(kind), unique=True)
        for label, kind in types.items()
    ]
    text = bindparam(None, values.get("given"), type_=Text(), unique=True)
    return _table(_ValuesTable(*arrays, text, columns=types), name, types)


def _table(rows: _ValuesTable, name: str, types: Mapping[str, TypeEngine[Any]]) -> FromClause:
    return rows.table_valued(*(column(label, kind) for label, kind in types.items()), name=name)


def _array_of(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    if isinstance(kind, String):
        return StringList()
    if type(kind) is DateTime:
        return _TimeList()
    return _IntegerList() if type(kind) is Integer else ARRAY(kind)


def plan_once(connection: Connection) -> None:
    """Let the open transaction reuse plans whatever the values.

    A chunk's statements are the same for every chunk, and all look their rows up by index; planning them anew for
    each list of ids costs more than some of them take to run.
    """
    if has_row_locks(connection):
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")


def has_row_locks(connection: Connection) -> bool:
    """Whether row locks and sessions exist; SQLite has one writer instead."""
    return connection.dialect.name == "postgresql"
