"""Runs of the Java engine's tests with our engine underneath, and what is expected of them."""

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from support.postgres import Server
from support.upstream import catalogue, java

OPERATIONS = (
    "cancellation",
    "historic-deletion",
    "job-retries",
    "external-task-retries",
    "migration",
    "modification",
    "restart",
)
OURS = ("cancellation", "job-retries", "external-task-retries", "historic-deletion", "migration")
"""The operations that our engine does so far; Java does the others."""

ENGINE = catalogue.FOLDER / "engine"
README = catalogue.FOLDER / "README.md"
NAMED = re.compile(r"^- `(\w+)#(\w+)`", re.MULTILINE)
NOT_RUN = re.compile(r"^\| `(\w+)` \| (`[^|]*) \|", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """How the operations are done.

    Attributes:
        mode: java, foreign, or loopback, which checks the rig itself.
        command: Starts the foreign engine.
        operations: Those that are handed over.
    """

    mode: str = "foreign"
    command: str = str(ENGINE)
    operations: Collection[str] = OURS

    def __call__(self, selection: java.Selection, server: Server, log: Path) -> list[java.Result]:
        """Run tests in a database of their own."""
        options = {"mode": self.mode, "command": self.command, "operations": ",".join(self.operations)}
        with _database(server) as database:
            return java.run(selection, database, options, log)


@contextmanager
def _database(server: Server) -> Iterator[java.Database]:
    database = f"upstream_{os.getpid()}"
    server.drop(database)
    server.create(database)
    parts = conninfo_to_dict(server.conninfo)
    url = f"jdbc:postgresql://{parts.get('host', '127.0.0.1')}:{parts.get('port', 5432)}/{database}"
    try:
        yield java.Database(url, str(parts.get("user", "postgres")), str(parts.get("password", "")))
    finally:
        server.drop(database)


def named_in_readme() -> set[str]:
    """The tests, as Class#method, that the README names as not passing."""
    return {f"{class_name}#{method}" for class_name, method in NAMED.findall(README.read_text())}


def not_run_in_readme() -> set[str]:
    """The tests, as Class#method, that the README names as not run."""
    rows = NOT_RUN.findall(README.read_text())
    return {f"{class_name}#{method}" for class_name, methods in rows for method in re.findall(r"`(\w+)`", methods)}


def need_a_jvm() -> set[str]:
    """The tests of our operations, as Class#method, that no process outside of the JVM can pass."""
    of_ours = (each for each in catalogue.entries() if set(each["operations"]) & set(OURS))
    return {name(each) for each in of_ours if not catalogue.possible(each)}


def name(result: Mapping[str, str]) -> str:
    """Class#method of a result or an entry, without package and parameters."""
    return f"{result['class'].rsplit('.', 1)[1]}#{java.base_name(result['method'])}"


def ours(last: Collection[str]) -> java.Selection:
    """All tests of our operations that a process outside of the JVM can pass.

    Those in `last` are run last: a test that is stopped as unsupported leaves the Java engine as it stands, with
    authorization checks on for example, and would spoil those that follow.
    """
    chosen = [each for each in catalogue.entries() if set(each["operations"]) & set(OURS) and catalogue.possible(each)]
    return catalogue.selection(sorted(chosen, key=lambda each: name(each) in last))


def summary(results: Sequence[java.Result]) -> str:
    """Counts by operation; a test that uses two operations counts for both."""
    statuses = ("passed", "failed", "unsupported", "skipped")
    rows = [("operation", *statuses)]
    for operation in (*OPERATIONS, "all"):
        of_it = [each["status"] for each in results if operation == "all" or operation in each["operations"]]
        rows.append((operation, *(str(of_it.count(status)) for status in statuses)))
    return "\n".join(
        " ".join(cell.ljust(22) if not i else cell.rjust(11) for i, cell in enumerate(row)) for row in rows
    )
