"""Database URLs, and connections by them."""

from sqlalchemy import Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from process_engine.database.database import Database, known_databases
from process_engine.errors import InvalidDatabaseUrlError


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
    return _database(url, jdbc=jdbc).checked(url, jdbc=jdbc)


def connect(url: str | URL) -> Engine:
    """A pool of connections to an engine's database; nothing is opened yet.

    Raises:
        InvalidDatabaseUrlError: See `database_url`.
    """
    checked = url if isinstance(url, URL) else database_url(url)
    return _database(checked).connect(checked)


def _database(url: URL, *, jdbc: bool = False) -> Database:
    for database in known_databases():
        if url.drivername in database.drivers and (database.is_shared or not jdbc):
            return database
    raise InvalidDatabaseUrlError(f"The database URL has driver {url.drivername!r}; only postgresql is allowed")
