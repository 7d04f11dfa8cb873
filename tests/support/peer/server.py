"""Databases of the tests' PostgreSQL server: made, copied, dropped, addressed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import ObjectInUse

COPY_ATTEMPTS = 20


class Server:
    """A server on which databases may be made freely.

    A copy is `CREATE DATABASE … TEMPLATE`: a snapshot is made once and restored in some 50 ms.
    """

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        self._parts = {name: str(value) for name, value in conninfo_to_dict(conninfo).items() if value is not None}

    @contextmanager
    def connect(self, database: str = "postgres") -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.conninfo, dbname=database, autocommit=True) as connection:
            yield connection

    def execute(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def databases(self) -> set[str]:
        return {name for (name,) in self.execute("select datname from pg_database")}

    def create(self, database: str) -> None:
        self.execute(f'create database "{database}"')

    def drop(self, database: str) -> None:
        self.execute(f'drop database if exists "{database}" with (force)')

    def copy(self, source: str, target: str, strategy: str = "wal_log") -> None:
        """Make `target` a copy of `source`, in the place of an older `target`."""
        self.drop(target)
        for attempt in range(1, COPY_ATTEMPTS + 1):
            self.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", source)
            try:
                self.execute(f'create database "{target}" template "{source}" strategy {strategy}')
            except ObjectInUse:  # a server process of the source has yet to notice that it was told to end
                if attempt == COPY_ATTEMPTS:
                    raise
                time.sleep(0.05 * attempt)
            else:
                return

    def comment(self, database: str) -> str | None:
        """What was noted on the database."""
        query = "select shobj_description(oid, 'pg_database') from pg_database where datname = %s"
        rows = self.execute(query, database)
        return rows[0][0] if rows else None

    def set_comment(self, database: str, comment: str) -> None:
        with self.connect() as connection:
            statement = sql.SQL("comment on database {} is {}").format(sql.Identifier(database), sql.Literal(comment))
            connection.execute(statement)

    def url(self, database: str) -> str:
        """The URL that our programs take."""
        password = f":{quote(self._parts['password'], safe='')}" if "password" in self._parts else ""
        user = quote(self._parts.get("user", "postgres"), safe="")
        return f"postgresql://{user}{password}@{self._address()}/{database}"

    def jdbc_url(self, database: str) -> str:
        """The URL that the Java program takes."""
        password = f"&password={quote(self._parts['password'], safe='')}" if "password" in self._parts else ""
        return f"jdbc:postgresql://{self._address()}/{database}?user={self._parts.get('user', 'postgres')}{password}"

    def _address(self) -> str:
        return f"{self._parts.get('host', '127.0.0.1')}:{self._parts.get('port', '5432')}"
