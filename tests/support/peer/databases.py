"""The tests' PostgreSQL as the peer needs it: databases copied, with notes on them, and their JDBC address."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import ObjectInUse

from support.postgres import Server

COPY_ATTEMPTS = 20


class Databases(Server):
    """A server on which a database is a snapshot: copied, it is restored, in some 50 ms."""

    @contextmanager
    def connect(self, database: str = "postgres") -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.conninfo, dbname=database, autocommit=True) as connection:
            yield connection

    def select(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(query, values).fetchall()

    def names(self) -> set[str]:
        return {name for (name,) in self.select("select datname from pg_database")}

    def copy(self, source: str, target: str, strategy: str = "wal_log") -> None:
        """Make `target` a copy of `source`, in the place of an older `target`."""
        parts = (sql.Identifier(target), sql.Identifier(source), sql.SQL(strategy))
        self.drop(target)
        for attempt in range(1, COPY_ATTEMPTS + 1):
            self.select("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", source)
            try:
                self.admin(sql.SQL("create database {} template {} strategy {}").format(*parts))
            except ObjectInUse:  # a server process of the source has yet to notice that it was told to end
                if attempt == COPY_ATTEMPTS:
                    raise
                time.sleep(0.05 * attempt)
            else:
                return

    def rewrite(self, database: str, tables: str) -> None:
        """Write the tables with such names anew, without what updates left: all plans then read rows in one order.

        Engines take the order of sibling executions from the database. A row that was updated has its old place in an
        index and its new one in the table, so that the plan of a query would decide about the order.
        """
        with self.connect(database) as connection:
            names = connection.execute("select tablename from pg_tables where tablename like %s", (tables,)).fetchall()
            listed = sql.SQL(", ").join(sql.Identifier(name) for (name,) in names)
            connection.execute(sql.SQL("vacuum (full, analyze) {}").format(listed))

    def comment(self, database: str) -> str | None:
        """What was noted on the database."""
        query = "select shobj_description(oid, 'pg_database') from pg_database where datname = %s"
        rows = self.select(query, database)
        return rows[0][0] if rows else None

    def set_comment(self, database: str, comment: str) -> None:
        self.admin(sql.SQL("comment on database {} is {}").format(sql.Identifier(database), sql.Literal(comment)))

    def jdbc_url(self, database: str) -> str:
        """The URL that the Java program takes."""
        parts = conninfo_to_dict(self.conninfo)
        password = f"&password={quote(str(parts['password']), safe='')}" if parts.get("password") else ""
        return f"jdbc:postgresql://{parts['host']}:{parts['port']}/{database}?user={parts['user']}{password}"
