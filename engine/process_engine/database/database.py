"""What differs between databases, as one class; each database is a module with an instance of it.

Statements are written once, from SQLAlchemy's expressions and those of `elements` and `tables`. What a database says in
words of its own stands in its module: how these compile there, and the answers to the questions asked here.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Connection, Dialect, Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.types import TypeEngine


class Database(ABC):
    """A kind of database.

    Attributes:
        name: SQLAlchemy's name of its dialect.
        drivers: What a URL may begin with.
        is_shared: Several programs work on it at one time, a Java engine among them; so it has row locks and sessions.
            What is not has one writer at a time, which locks all.
        has_schemas: The ledger's tables have a schema of their own.
        selects_deleted: A statement can select from what it deletes.
        adds_missing_columns: It can be told to add a column only where it is missing.
        likes_by_glob: LIKE ignores case; a GLOB pattern does not.
    """

    name: ClassVar[str]
    drivers: ClassVar[frozenset[str]]
    is_shared: ClassVar[bool]
    has_schemas: ClassVar[bool]
    selects_deleted: ClassVar[bool]
    adds_missing_columns: ClassVar[bool]
    likes_by_glob: ClassVar[bool]

    def dialect(self) -> Dialect:
        """What compiles statements for it, without a connection."""
        return make_url(f"{self.name}://").get_dialect()()

    @abstractmethod
    def checked(self, url: URL, *, jdbc: bool) -> URL:
        """A URL in SQLAlchemy's spelling.

        Raises:
            InvalidDatabaseUrlError: It has an option that is not allowed; the message names only that.
        """

    @abstractmethod
    def connect(self, url: URL) -> Engine:
        """A pool of connections; nothing is opened yet."""

    def is_there(self, url: URL) -> bool:  # noqa: ARG002 - servers are asked by connecting
        """Whether connecting would find a database and not make an empty one."""
        return True

    # ------------------------------------------------------------ many values in one parameter

    @abstractmethod
    def list_type(self, element: str) -> TypeEngine[Any]:
        """The type of a list whose values are of the SQL type `element`."""

    @abstractmethod
    def list_value(self, values: Sequence[Any]) -> Any:
        """A list as a parameter."""

    @abstractmethod
    def row_values(self, dialect: Dialect, types: Mapping[str, TypeEngine[Any]], rows: Sequence[Sequence[Any]]) -> Any:
        """The parameters of a table of values, see `tables.values_parameter`."""

    # ------------------------------------------------------------ transactions and sessions

    @abstractmethod
    def plan_once(self, connection: Connection) -> None:
        """Let the open transaction reuse plans whatever the values.

        A chunk's statements are the same for every chunk, and all look their rows up by index; planning them anew for
        each list of ids costs more than some of them take to run.
        """

    @abstractmethod
    def commit_without_waiting(self, connection: Connection) -> None:
        """Let the open transaction's commit not wait for the disk."""

    @abstractmethod
    def lock_ledger(self, connection: Connection) -> None:
        """Let nobody else create or change the ledger's tables until the transaction ends."""

    @abstractmethod
    def session_name(self, connection: Connection) -> str:
        """A name of this connection that no later one has."""

    @abstractmethod
    def is_alive(self, session: ColumnElement[Any]) -> ColumnElement[bool]:
        """The session of that name is connected; null is none."""

    @abstractmethod
    def is_alive_elsewhere(self, session: ColumnElement[Any], own: ColumnElement[Any]) -> ColumnElement[bool]:
        """The session of that name is connected and is another than `own`."""

    # ------------------------------------------------------------ expressions

    def by_bytes(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Order by bytes: the same everywhere, and much cheaper than by a language's rules."""
        return column


_KNOWN: dict[str, Database] = {}


def know(database: Database) -> Database:
    """Let a database be found by its name."""
    _KNOWN[database.name] = database
    return database


def database_named(name: str) -> Database:
    """The database of a name.

    Raises:
        KeyError: There is none.
    """
    return _KNOWN[name]


def known_databases() -> list[Database]:
    """All of them."""
    return list(_KNOWN.values())


def database_of(it: Connection | Engine | Dialect) -> Database:
    """The database that a connection leads to, or a dialect speaks to."""
    dialect = it if isinstance(it, Dialect) else it.dialect
    return _KNOWN[dialect.name]
