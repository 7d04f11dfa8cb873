"""Embedded engines for tests of the command line: copies of one that is filled once with the samples' stock."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner
from sqlalchemy import Table, func, select

from batch_operator.cli import main
from batch_operator.local.stock import fill, read_stock
from process_engine.database import connect
from process_engine.schema.creation import create
from process_engine.schema.history import act_hi_procinst
from process_engine.schema.runtime_jobs import act_ru_job

STOCK = Path(__file__).resolve().parents[2] / "deploy" / "samples" / "stock" / "stock.json"
COPIES = 25
FAILED_JOBS = 2 * COPIES
DELIVERED = 3 * COPIES
"""Orders that are done; each has called one delivery."""
WAITING = 2 * COPIES
"""Orders that nobody approved yet."""

PROGRAM = (sys.executable, "-m", "batch_operator.cli")


def make(path: Path) -> None:
    """An embedded engine with `COPIES` of the stock."""
    database = connect(f"sqlite:///{path}")
    create(database)
    fill(database, read_stock(STOCK), COPIES)
    database.dispose()


@dataclass(frozen=True)
class Embedded:
    """An embedded engine and manifests to run on it."""

    folder: Path

    @classmethod
    def copy_of(cls, template: Path, folder: Path) -> "Embedded":
        shutil.copy(template, folder / "engine.db")
        return cls(folder)

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'engine.db'}"

    def manifest(self, *documents: Mapping[str, Any], name: str = "batch.yaml") -> Path:
        """Write documents into a file."""
        path = self.folder / name
        path.write_text(yaml.safe_dump_all(documents))
        return path

    def count(self, table: Table, *conditions: Any) -> int:
        """Rows for which all conditions hold."""
        database = connect(self.url)
        with database.connect() as connection:
            number = connection.scalar(select(func.count()).select_from(table).where(*conditions))
        database.dispose()
        return number or 0

    def failed_jobs(self) -> int:
        return self.count(act_ru_job, act_ru_job.c.retries_ == 0)

    def historic_instances(self) -> int:
        return self.count(act_hi_procinst)


def batch(name: str = "retry", operation: str = "JobRetries", **spec: Any) -> dict[str, Any]:
    """A Batch that gives all failed jobs three retries, or what `spec` says instead."""
    options = {
        "JobRetries": {"type": "JobRetries", "jobRetries": {"retries": 3}},
        "ExternalTaskRetries": {"type": "ExternalTaskRetries", "externalTaskRetries": {"retries": 3}},
        "HistoricDeletion": {"type": "HistoricDeletion"},
    }
    content = {"operation": options[operation], "query": {"jobs": {"noRetriesLeft": True}}} | spec
    return {
        "apiVersion": "process-batch.io/v1alpha1",
        "kind": "Batch",
        "metadata": {"name": name},
        "spec": {field: value for field, value in content.items() if value is not None},
    }


@dataclass(frozen=True)
class Ended:
    """How a program ended, and what it said."""

    status: int
    output: str
    errors: str

    @property
    def results(self) -> dict[str, dict[str, Any]]:
        """The status of each Batch, from the JSON lines."""
        lines = [json.loads(line) for line in self.output.splitlines()]
        return {line["name"]: line["status"] for line in lines}


def call(*words: object, environment: Mapping[str, str] | None = None) -> Ended:
    """Run `process-batch` to its end."""
    done = subprocess.run(
        [*PROGRAM, *map(str, words)], capture_output=True, text=True, check=False, env=environment, timeout=120
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def invoke(*words: object) -> Ended:
    """Run `process-batch` in this process, which is quicker."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        result = CliRunner().invoke(main, [str(word) for word in words])
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    return Ended(result.exit_code, result.stdout, result.stderr)
