"""The stock that is worked on: instances that the Java engine made, multiplied with new ids.

A new id grows with the number of the copy, and within a copy as the old ids do, so rows lie in their tables in
the order of their ids, as they do where an engine made all of them.
"""

from dataclasses import dataclass

import psycopg

from support.benchmark.operations import Operation
from support.peer.databases import Databases
from support.peer.oracle import Oracle
from support.peer.program import MODELS, Shell, source_key

MADE_BY_JAVA = 1000

SHARED_TABLES = {"act_ru_jobdef", "act_ru_filter", "act_ru_meter_log", "act_ru_authorization", "act_hi_op_log"}
"""Of definitions or nobody: not multiplied."""
SHARED_COLUMNS = {"proc_def_id_", "process_def_id_", "deployment_id_", "job_def_id_"}
"""Ids of what the copies have in common."""
OTHER_ID_COLUMNS = {"configuration_", "history_configuration_", "super_exec_", "var_scope_"}

COLUMNS = """
    select column_name, data_type = 'character varying' from information_schema.columns
    where table_schema = 'public' and table_name = %s
"""
TABLES = """
    select table_name from information_schema.tables
    where table_schema = 'public' and (table_name like 'act\\_ru\\_%' or table_name like 'act\\_hi\\_%')
"""
PATTERN = "([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-[0-9a-f]{12}"
NEW_ID = r"""regexp_replace({column}, '{pattern}', lpad(to_hex(copy), 8, '0') || '-\2-\3-\4-\1ffff') as {column}"""


@dataclass(frozen=True)
class Stocks:
    """Makes stocks, each once on a server.

    Attributes:
        databases: Where they are.
        shell: The Java engine.
    """

    databases: Databases
    shell: Shell

    def of(self, operation: Operation, number: int, only: tuple[str, ...] = ()) -> str:
        """The database with so many instances that an operation finds something to do on.

        Args:
            operation: What for.
            number: A multiple of `MADE_BY_JAVA`.
            only: The tables that are multiplied; all, if none is named.
        """
        suffix = f"_{len(only)}" if only else ""
        database = f"bench_{operation.java.lower()}_{number}{suffix}_{source_key()[:6]}"
        if self.databases.comment(database) is None:
            self._make(operation, database, number, only)
            self.databases.set_comment(database, "complete")
        return database

    def _make(self, operation: Operation, database: str, number: int, only: tuple[str, ...]) -> None:
        if number == MADE_BY_JAVA:
            self.databases.copy(Oracle(self.databases, self.shell).empty({}), database)
            words = ("bench", operation.java, number, "--prepare-only", "--models", MODELS)
            self.shell(*words, database=database)
            return
        self.databases.copy(self.of(operation, MADE_BY_JAVA), database, "file_copy")
        with self.databases.connect(database) as connection:
            multiply(connection, number // MADE_BY_JAVA, only)


def multiply(connection: psycopg.Connection, factor: int, only: tuple[str, ...] = ()) -> None:
    """Make a database's instances so many times as many."""
    connection.execute("set session_replication_role = replica")  # rows come table by table: no foreign keys meanwhile
    connection.execute("set synchronous_commit = off")
    for (table,) in connection.execute(TABLES).fetchall():
        if table not in SHARED_TABLES and (not only or table in only):
            _multiply_table(connection, table, factor, "true")
    if not only or "act_ge_bytearray" in only:
        _multiply_table(connection, "act_ge_bytearray", factor, "deployment_id_ is null")
    connection.execute("vacuum analyze")
    connection.execute("checkpoint")


def _multiply_table(connection: psycopg.Connection, table: str, factor: int, condition: str) -> None:
    columns = connection.execute(COLUMNS, (table,)).fetchall()
    values = [_value(name) if is_text else name for name, is_text in columns]
    names = ", ".join(name for name, _ in columns)
    connection.execute(
        f"insert into {table} ({names}) select {', '.join(values)} from {table}, generate_series(1, {factor - 1}) copy"
        f" where {condition} order by copy"
    )


def _value(column: str) -> str:
    is_id = column.endswith("id_") and column not in SHARED_COLUMNS
    if is_id or column in OTHER_ID_COLUMNS:
        return NEW_ID.format(column=column, pattern=PATTERN)
    return column
