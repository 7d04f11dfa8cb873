"""A real PostgreSQL for tests: the one that the environment names, or one of our own that ends with the tests.

PROCESS_BATCH_TEST_POSTGRES: a libpq connection string without dbname, of a role that may create databases.
"""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

VARIABLE = "PROCESS_BATCH_TEST_POSTGRES"
PODS = "10.0.0.0/8"
"""From where pods of the test cluster connect."""
NOT_DURABLE = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
"""No test outlives its machine: without waiting for the disk, databases are copied ten times as fast."""


@dataclass(frozen=True)
class Server:
    """A server and how to reach it: `conninfo` is a libpq string without a database."""

    conninfo: str

    def url(self, database: str, host: str | None = None) -> str:
        """URL of a database, seen from here or, with `host`, from elsewhere."""
        parts = conninfo_to_dict(self.conninfo)
        password = f":{quote(str(parts['password']))}" if parts.get("password") else ""
        return f"postgresql://{parts['user']}{password}@{host or parts['host']}:{parts['port']}/{database}"

    def admin(self, *statements: sql.Composable) -> None:
        """Run statements outside of transactions."""
        with psycopg.connect(self.conninfo, dbname="postgres", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def create(self, database: str, template: str = "template1") -> None:
        """Make a database, replacing one of that name."""
        self.drop(database)
        self.admin(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(database), sql.Identifier(template)))

    def drop(self, database: str) -> None:
        """Drop a database and whoever is connected to it."""
        self.admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def exists(self, database: str) -> bool:
        """Whether there is a database of that name."""
        with psycopg.connect(self.conninfo, dbname="postgres") as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            return connection.execute(query, [database]).fetchone() is not None


@contextlib.contextmanager
def running_server(*, durable: bool = False) -> Iterator[Server]:
    """The server of the environment, or one that runs until the block ends; for benchmarks, as it is by default."""
    if given := os.environ.get(VARIABLE):
        yield Server(given)
        return
    folder = pathlib.Path(tempfile.mkdtemp(prefix="process-batch-postgres-"))
    try:
        yield from _own_server(folder, "" if durable else NOT_DURABLE)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _own_server(folder: pathlib.Path, settings: str) -> Iterator[Server]:
    port, data = free_port(), folder / "data"
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    _as_owner(_binary("initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {PODS} trust\n")
    options = f"-p {port} -k {folder} -c listen_addresses=* -c max_connections=200 {settings}"
    _as_owner(_binary("pg_ctl"), "-D", data, "-l", folder / "log", "-o", options, "-w", "start")
    try:
        yield Server(f"host=127.0.0.1 port={port} user=postgres")
    finally:
        _as_owner(_binary("pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")


def _binary(name: str) -> str:
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = str(found[-1]) if found else shutil.which(name)
    if path is None:
        raise RuntimeError(f"PostgreSQL is not installed ({name} not found): apt-get install postgresql")
    return path


def _as_owner(*command: object) -> None:
    """Run a server's program; it refuses to run as root."""
    words = [str(word) for word in command]
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    done = subprocess.run([*prefix, *words], capture_output=True, text=True, cwd="/", check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
