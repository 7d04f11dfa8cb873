"""`process-batch run` on PostgreSQL with several worker processes: shared work, sudden deaths, each item once."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import yaml
from psycopg.conninfo import conninfo_to_dict

from batch_operator.local.stock import fill, read_stock
from process_engine.database import connect
from process_engine.schema.creation import create
from support.embedded import COPIES, FAILED_JOBS, PROGRAM, STOCK, Ended, batch, call
from support.postgres import Server

TEMPLATE, DATABASE = "command_line_template", "command_line"
DEADLINE_SECONDS = 60


@dataclass(frozen=True)
class Filled:
    """A database of an engine, and a manifest that gives its failed jobs retries one by one."""

    url: str
    conninfo: str
    manifest: Path

    def value(self, query: str) -> int:
        with psycopg.connect(self.conninfo, dbname=DATABASE) as connection:
            row = connection.execute(query).fetchone()  # pyright: ignore[reportArgumentType]
            assert row is not None
            return row[0]

    def begin(self, workers: int) -> subprocess.Popen[str]:
        words = [*PROGRAM, "run", "-f", str(self.manifest), "--workers", str(workers), "-o", "json"]
        given = os.environ | {"PROCESS_BATCH_DATABASE_URL": self.url}
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=given)

    def finish(self, workers: int = 2) -> Ended:
        return call("run", "-f", self.manifest, "--database-url", self.url, "--workers", workers, "-o", "json")

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps every job locked, so that each worker stands still in its first chunk until the block ends."""
        with psycopg.connect(self.conninfo, dbname=DATABASE) as connection:
            connection.execute("SELECT id_ FROM act_ru_job FOR UPDATE")
            yield
            connection.rollback()


@pytest.fixture(scope="module")
def template(postgres: Server) -> Iterator[str]:
    postgres.create(TEMPLATE)
    database = connect(postgres.url(TEMPLATE))
    create(database)
    fill(database, read_stock(STOCK), COPIES)
    database.dispose()
    yield TEMPLATE
    postgres.drop(TEMPLATE)


@pytest.fixture
def filled(postgres: Server, template: str, tmp_path: Path) -> Iterator[Filled]:
    postgres.create(DATABASE, template)
    manifest = tmp_path / "batch.yaml"
    manifest.write_text(yaml.safe_dump(batch(chunkSize=1)))
    yield Filled(postgres.url(DATABASE), postgres.conninfo, manifest)
    postgres.drop(DATABASE)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_at_it(filled: Filled, workers: int) -> bool:
    """So many workers have claimed a chunk."""
    try:
        return filled.value("SELECT count(DISTINCT session) FROM process_batch.chunk") == workers
    except psycopg.errors.UndefinedTable:
        return False


def children(process: subprocess.Popen[str]) -> list[int]:
    text = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(pid) for pid in text.split()]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


EACH_JOB_WRITTEN_ONCE = "SELECT count(*) FROM act_ru_job WHERE rev_ = 3 AND retries_ = 3"


def test_worker_processes_share_the_chunks_and_do_each_item_once(filled: Filled) -> None:
    ended = filled.finish(workers=2)

    assert ended.status == 0
    assert ended.results["retry"]["items"]["succeeded"] == FAILED_JOBS
    assert filled.value("SELECT count(DISTINCT session) FROM process_batch.chunk") == 2
    assert filled.value(EACH_JOB_WRITTEN_ONCE) == FAILED_JOBS


def test_the_others_go_on_when_a_worker_is_killed(filled: Filled) -> None:
    with filled.held():
        process = filled.begin(workers=2)
        until(lambda: is_at_it(filled, workers=2))
        os.kill(children(process)[0], signal.SIGKILL)

    output, errors = process.communicate(timeout=DEADLINE_SECONDS)

    assert process.returncode == 0, errors
    status = json.loads(output.splitlines()[-1])["status"]
    assert status["items"]["succeeded"] == FAILED_JOBS
    assert filled.value(EACH_JOB_WRITTEN_ONCE) == FAILED_JOBS


def test_run_that_was_killed_takes_its_workers_with_it_and_goes_on_when_called_again(filled: Filled) -> None:
    with filled.held():
        process = filled.begin(workers=2)
        until(lambda: is_at_it(filled, workers=2))
        workers = children(process)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=DEADLINE_SECONDS)
        until(lambda: not any(is_alive(pid) for pid in workers))

    ended = filled.finish()

    assert process.returncode == -9
    assert ended.status == 0
    assert ended.results["retry"]["items"]["succeeded"] == FAILED_JOBS
    assert filled.value(EACH_JOB_WRITTEN_ONCE) == FAILED_JOBS


def test_run_that_is_told_to_stop_ends_its_workers_and_goes_on_when_called_again(filled: Filled) -> None:
    with filled.held():
        process = filled.begin(workers=2)
        until(lambda: is_at_it(filled, workers=2))
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=DEADLINE_SECONDS)

    assert process.returncode == 130, errors
    assert json.loads(output.splitlines()[-1])["status"]["items"]["pending"] > 0
    assert filled.finish().status == 0
    assert filled.value(EACH_JOB_WRITTEN_ONCE) == FAILED_JOBS


def test_run_whose_rows_are_lost_in_the_middle_ends_without_closing_the_batch(filled: Filled) -> None:
    with filled.held():
        process = filled.begin(workers=2)
        until(lambda: is_at_it(filled, workers=2))
        filled.value("DELETE FROM process_batch.chunk WHERE session IS NULL RETURNING 1")
    output, errors = process.communicate(timeout=DEADLINE_SECONDS)

    status = json.loads(output.splitlines()[-1])["status"]
    assert process.returncode == 3, errors
    assert next(each["reason"] for each in status["conditions"] if each["type"] == "Ready") == "LedgerInconsistent"
    assert "completionTime" not in status
    assert filled.value("SELECT count(*) FROM process_batch.batch WHERE completion_time IS NULL") == 1


def test_worker_finds_a_database_by_its_parts(filled: Filled, tmp_path: Path) -> None:
    filled.manifest.write_text(yaml.safe_dump(batch(suspend=True)))
    batch_id = filled.finish().results["retry"]["batchId"]
    filled.value("UPDATE process_batch.batch SET suspended = false RETURNING 1")
    parts = conninfo_to_dict(filled.conninfo)
    files = {"USERNAME": parts["user"], "PASSWORD": parts.get("password", "none is needed")}
    given = dict(os.environ)
    for name, content in files.items():
        (tmp_path / name).write_text(f"{content}\n")
        given[f"PROCESS_BATCH_DATABASE_{name}_FILE"] = str(tmp_path / name)
    for name, value in {"HOST": parts["host"], "PORT": parts["port"], "NAME": DATABASE}.items():
        given[f"PROCESS_BATCH_DATABASE_{name}"] = str(value)

    ended = call("worker", "--batch-id", batch_id, environment=given)

    assert ended.status == 0, ended.errors
    assert filled.value(EACH_JOB_WRITTEN_ONCE) == FAILED_JOBS


def test_a_password_that_is_wrong_is_told_without_it(filled: Filled) -> None:
    url = filled.url.replace("postgresql://", "postgresql://nobody:hunter2@", 1).replace("@postgres@", "@", 1)

    ended = call("status", "--database-url", url)

    assert ended.status == 3
    assert "hunter2" not in ended.errors


def test_ledger_ddl_makes_the_ledger_of_a_database_that_may_not_be_changed(filled: Filled) -> None:
    statements = call("ledger", "ddl").output
    with psycopg.connect(filled.conninfo, dbname=DATABASE, autocommit=True) as connection:
        connection.execute(statements)  # pyright: ignore[reportArgumentType]

    assert filled.finish().status == 0
