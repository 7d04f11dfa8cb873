"""The three that do an operation on a copy of a stock: ours, hand-written SQL, and the Java engine's own batch."""

import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from support.benchmark.operations import REASON, RETRIES, Operation
from support.peer.databases import Databases
from support.peer.program import MODELS, Shell

PROGRAM = Path(sys.executable).parent / "process-batch"
FLOOR = Path(__file__).resolve().parents[2] / "benchmarks" / "floor"
CHUNK = 500
RUN = "bench_run"
IMPORTED = ("batch_operator.cli.run", "psycopg", "sqlalchemy.dialects.postgresql.psycopg")


@dataclass(frozen=True)
class Measured:
    """One run.

    Attributes:
        items: What was worked on.
        seconds: Whole way.
        detail: What else was seen.
    """

    items: int
    seconds: float
    detail: dict[str, Any]

    @property
    def per_second(self) -> float:
        return self.items / self.seconds


@dataclass(frozen=True)
class Contenders:
    """All of them on one server.

    Attributes:
        databases: Where stocks and their copies are.
        shell: The Java engine.
        folder: Where manifests are written.
    """

    databases: Databases
    shell: Shell
    folder: Path

    def ours(self, operation: Operation, stock: str, workers: int) -> Measured:
        """`process-batch run`: from start to end, less what the program takes to start."""
        self._restore(stock)
        manifest = self.folder / f"{operation.name}.json"
        content = batch(operation, suspend=False)
        manifest.write_text(json.dumps(content))
        operation_type = content["spec"]["operation"]["type"]
        start_seconds = statistics.median(program_start(operation_type) for _ in range(3))
        begun = time.perf_counter()
        status = run_program(self.databases.url(RUN), manifest, workers)
        seconds = time.perf_counter() - begun
        self._check(operation)
        detail = {"program_start_seconds": round(start_seconds, 2), "with_program_start_seconds": round(seconds, 2)}
        return Measured(status["items"]["succeeded"], seconds - start_seconds, detail)

    def floor(self, operation: Operation, stock: str, sessions: int) -> Measured:
        """The operation as hand-written SQL, by the chunk, and nothing else."""
        self._restore(stock)
        with self.databases.connect(RUN) as connection:
            ids = [id_ for (id_,) in connection.execute(operation.items)]
            facts = {name: connection.execute(sql).fetchall()[0][0] for name, sql in operation.facts.items()}
        chunks = iter([ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK)])
        work = Floor(self.databases.conninfo, statements_of(operation), facts, chunks)
        threads = [threading.Thread(target=work.session) for _ in range(sessions)]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - begun
        self._check(operation)
        return Measured(len(ids), seconds, {})

    def operaton(self, operation: Operation, stock: str, number: int, settings: str, limit_seconds: int) -> Measured:
        """The Java engine's batch, from its creation to its end, its job executor at work; without its start."""
        self._restore(stock)
        options = ("--settings", settings, "--reuse", "--limit", limit_seconds, "--models", MODELS)
        answer = self.shell("bench", operation.java, number, *options, database=RUN)
        if "unfinished_after_s" in answer:
            done = round(number * (1 - answer["jobs_left"] / answer["jobs"]))
            return Measured(done, answer["unfinished_after_s"], {"unfinished": True})
        assert answer["verified"], answer
        return Measured(number, answer["batch_s"], {"while_working_per_second": answer["instances_per_work_s"]})

    def _restore(self, stock: str) -> None:
        self.databases.copy(stock, RUN, "file_copy")
        with self.databases.connect() as connection:
            connection.execute("checkpoint")

    def _check(self, operation: Operation) -> None:
        with self.databases.connect(RUN) as connection:
            left = connection.execute(operation.open).fetchall()
        assert left == [(0,)], f"{operation.name} left {left}"


class Floor:
    """Sessions that share the chunks of one run."""

    def __init__(
        self, conninfo: str, statements: list[str], facts: dict[str, Any], chunks: Iterator[list[str]]
    ) -> None:
        self._conninfo = conninfo
        self._statements = statements
        self._facts = facts
        self._chunks = chunks
        self._lock = threading.Lock()

    def session(self) -> None:
        with psycopg.connect(self._conninfo, dbname=RUN) as connection:
            while (ids := self._next()) is not None:
                now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
                values = {"ids": ids, "now": now, "retries": RETRIES, "reason": REASON, "host": socket.gethostname()}
                values |= self._facts
                for statement in self._statements:
                    connection.execute(statement, values)
                connection.commit()

    def _next(self) -> list[str] | None:
        with self._lock:
            return next(self._chunks, None)


def statements_of(operation: Operation) -> list[str]:
    """The floor's statements."""
    if operation.floor is None:
        return []
    lines = (FLOOR / operation.floor).read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("--"))
    return [statement.strip().rstrip(";") for statement in text.split(";\n") if statement.strip()]


def batch(operation: Operation, *, suspend: bool) -> dict[str, Any]:
    """The Batch's manifest."""
    kind = operation.type or operation.name
    member = kind[0].lower() + kind[1:]
    spec = {
        "operation": {"type": kind} | ({member: operation.options} if operation.options else {}),
        "query": operation.query,
        "chunkSize": CHUNK,
        "suspend": suspend,
    }
    return {
        "apiVersion": "process-batch.io/v1alpha1",
        "kind": "Batch",
        "metadata": {"name": "benchmark"},
        "spec": spec,
    }


def program_start(operation_type: str) -> float:
    """Seconds that Python takes to start and to import what a run imports, operation and database's driver included."""
    loads = f"from process_engine.registry import kind_of; kind_of({operation_type!r}).batch"
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {', '.join(IMPORTED)}; {loads}"], check=True)
    return time.perf_counter() - begun


def run_program(url: str, manifest: Path, workers: int) -> dict[str, Any]:
    """Run a Batch; its status."""
    command = [PROGRAM, "run", "-f", manifest, "--database-url", url, "--workers", str(workers), "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"process-batch run ended with {done.returncode}:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])["status"]
