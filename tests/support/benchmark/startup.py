"""What a program takes until it is at its work: everything by the command line, whatever it imports, and when."""

import itertools
import json
import statistics
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from support.benchmark.contenders import PROGRAM
from support.benchmark.processes import Ended, run_to_end
from support.postgres import Server

STOCK = Path(__file__).resolve().parents[3] / "deploy" / "samples" / "stock" / "stock.json"
DATABASE = "bench_startup"
STARTS_A_ROUND = 3
WAITS = (3,)
"""How `run` ends when its Batch is suspended."""
APART = ("--namespace", "apart")
"""Where Batches of one start are, so that the ledger that `status` tells of stays as small as it was."""


@dataclass(frozen=True)
class Start:
    """A program that is started.

    Attributes:
        what: In the table.
        words: Its command line, everything being made ready for one more start.
        environment: Where its database is.
    """

    what: str
    words: Callable[[], Sequence[object]]
    environment: Mapping[str, str]


class Site:
    """An engine with the samples' stock, in the ledger one Batch that is complete."""

    def __init__(self, url: str, folder: Path) -> None:
        self.environment = {"PROCESS_BATCH_DATABASE_URL": url}
        self._folder = folder
        self._numbers = itertools.count(1)
        self._call("init", "--stock", STOCK, "--database-url", url)
        all_failed = self._manifest(query={"jobs": {"noRetriesLeft": True}})
        ended = self._call("run", "-f", all_failed, "-o", "json")
        self.complete = json.loads(ended.output.splitlines()[-1])["status"]["batchId"]
        first, *_ = self._call("items", "batch-1", "-o", "json").output.splitlines()
        self._job = json.loads(first)["item_id"]

    def starts(self, name: str, *commands: str) -> Iterator[Start]:
        """Those of the commands on this site."""
        for command in commands:
            yield Start(f"{command}, {name}", getattr(self, command.replace(" ", "_")), self.environment)

    def status(self) -> Sequence[object]:
        return PROGRAM, "status"

    def run_of_one_item(self) -> Sequence[object]:
        return PROGRAM, "run", "-f", self._manifest(ids={"jobs": [self._job]}), *APART

    def worker_that_finds_no_chunk(self) -> Sequence[object]:
        """It attaches to the engine, reads the ledger, and looks for a chunk to claim."""
        return PROGRAM, "worker", "--batch-id", self.complete

    def worker_of_one_item(self) -> Sequence[object]:
        """Of a Batch that was resolved while it was suspended."""
        manifest = self._manifest(ids={"jobs": [self._job]}, suspend=True)
        ended = self._call("run", "-f", manifest, "-o", "json", *APART, ends_well=WAITS)
        with psycopg.connect(self.environment["PROCESS_BATCH_DATABASE_URL"]) as connection:
            connection.execute("update process_batch.batch set suspended = false")
        return PROGRAM, "worker", "--batch-id", json.loads(ended.output.splitlines()[-1])["status"]["batchId"]

    def _manifest(self, **spec: Any) -> Path:
        name = f"batch-{next(self._numbers)}"
        operation = {"type": "JobRetries", "jobRetries": {"retries": 3}}
        kind = {"apiVersion": "process-batch.io/v1alpha1", "kind": "Batch", "metadata": {"name": name}}
        file = self._folder / f"{name}.json"
        file.write_text(json.dumps(kind | {"spec": {"operation": operation} | spec}))
        return file

    def _call(self, *words: object, ends_well: Collection[int] = (0,)) -> Ended:
        return run_to_end(PROGRAM, *words, environment=self.environment, ends_well=ends_well)


def measure_starts(server: Server, folder: Path, rounds: int) -> list[dict[str, Any]]:
    """The rows of the table: all are started in turn, and what the first turn takes is not counted."""
    server.create(DATABASE)
    starts = list(_starts(f"sqlite:///{folder / 'engine.db'}", server.url(DATABASE), folder))
    measured: dict[str, list[Ended]] = {start.what: [] for start in starts}
    for turn in range(rounds * STARTS_A_ROUND + 1):
        for start in starts:
            ended = run_to_end(*start.words(), environment=start.environment)
            measured[start.what] += [ended] if turn else []
    server.drop(DATABASE)
    return [_row(what, runs) for what, runs in measured.items()]


def _starts(embedded_url: str, server_url: str, folder: Path) -> Iterator[Start]:
    """From nothing to one item's whole way: what is imported only when it is needed is seen there."""
    yield Start("Python alone", lambda: (sys.executable, "-c", "pass"), {})
    yield Start("--help", lambda: (PROGRAM, "--help"), {})
    (folder / "embedded").mkdir()
    yield from Site(embedded_url, folder / "embedded").starts("SQLite", "status", "run of one item")
    workers = ("worker that finds no chunk", "worker of one item")
    yield from Site(server_url, folder).starts("PostgreSQL", "status", "run of one item", *workers)


def _row(what: str, runs: Sequence[Ended]) -> dict[str, Any]:
    return {
        "start": what,
        "cpu_seconds": round(statistics.median(run.cpu_seconds for run in runs), 3),
        "seconds": round(statistics.median(run.seconds for run in runs), 3),
        "starts_cpu_seconds": [round(run.cpu_seconds, 3) for run in runs],
    }
