"""`process-batch worker`, as a Job pod runs it: exit statuses, logs, and what it does not import."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from process_engine.batch.hand_overs import set_suspended
from process_engine.batch.ledger import Ledger
from process_engine.database import connect
from process_engine.engine import ProcessEngine
from process_engine.schema.runtime_jobs import act_ru_meter_log
from support.embedded import FAILED_JOBS, PROGRAM, Embedded, Ended, batch, call


@pytest.fixture
def batch_id(engine: Embedded) -> str:
    """A batch that is resolved and waits, its ledger told to go on."""
    waiting = engine.manifest(batch(chunkSize=1, suspend=True))
    ended = call("run", "-f", waiting, "--database-url", engine.url, "-o", "json")
    return ended.results["retry"]["batchId"]


def release(engine: Embedded) -> None:
    """Let workers go on."""
    database = connect(engine.url)
    ledger = Ledger(database)
    row = ledger.find("default", "retry")
    assert row is not None
    set_suspended(ProcessEngine.attach(database), ledger, row.batch_id, is_suspended=False)
    database.dispose()


def environment(engine: Embedded, url: str | None = None) -> dict[str, str]:
    file = engine.folder / "url"
    file.write_text(url or engine.url)
    return os.environ | {"PROCESS_BATCH_DATABASE_URL_FILE": str(file)}


def logged(ended: Ended) -> list[dict[str, object]]:
    return [json.loads(line) for line in ended.errors.splitlines()]


def test_worker_ends_with_0_when_nothing_is_left(engine: Embedded, batch_id: str) -> None:
    release(engine)

    ended = call("worker", "--batch-id", batch_id, environment=environment(engine))

    assert ended.status == 0
    assert engine.failed_jobs() == 0


def test_worker_logs_json_lines(engine: Embedded, batch_id: str) -> None:
    release(engine)

    lines = logged(call("worker", "--batch-id", batch_id, environment=environment(engine)))

    assert {"time", "level", "logger", "message"} <= lines[0].keys()
    assert sum(1 for line in lines if line["message"] == "chunk done" and line["batch"] == batch_id) == FAILED_JOBS


def test_worker_that_is_told_to_stop_ends_with_143_and_the_rest_stays(engine: Embedded, batch_id: str) -> None:
    release(engine)
    words = [*PROGRAM, "worker", "--batch-id", batch_id]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment(engine))
    assert process.stderr is not None
    while "chunk done" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)

    left = engine.failed_jobs()

    assert process.returncode == 143
    assert 0 < left < FAILED_JOBS
    assert call("worker", "--batch-id", batch_id, environment=environment(engine)).status == 0
    assert engine.failed_jobs() == 0


def test_worker_of_a_suspended_batch_waits_until_it_is_ended(engine: Embedded, batch_id: str) -> None:
    words = [*PROGRAM, "worker", "--batch-id", batch_id]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment(engine))
    assert process.stderr is not None
    while "Suspended" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)

    assert process.returncode == 143
    assert engine.failed_jobs() == FAILED_JOBS


def test_worker_that_met_too_many_failures_ends_with_3(engine: Embedded) -> None:
    missing = batch(query=None, ids={"jobs": ["a", "b"]}, unknownIds="Fail", failurePolicy={"stopAfterFailedItems": 1})
    missing["spec"]["chunkSize"] = 1
    path = engine.manifest(missing)
    ended = call("run", "-f", path, "--database-url", engine.url, "-o", "json")

    again = call("worker", "--batch-id", ended.results["retry"]["batchId"], environment=environment(engine))

    assert again.status == 3


WRONG = {
    "a driver that is not allowed": "mysql://camunda:hunter2@db/camunda",
    "an option that is not allowed": "postgresql://camunda:hunter2@db/camunda?service=other",
    "what is no url": "hunter2",
    "a database of another kind": "sqlite://",
}


@pytest.mark.parametrize("url", WRONG.values(), ids=WRONG)
def test_worker_ends_with_78_and_without_a_secret_in_its_log_on(engine: Embedded, url: str) -> None:
    ended = call("worker", "--batch-id", "x", environment=environment(engine, url))

    assert ended.status == 78
    assert logged(ended)[-1]["level"] == "error"
    assert "hunter2" not in ended.errors + ended.output


def test_worker_ends_with_78_on_a_batch_that_is_not_in_the_ledger(engine: Embedded, batch_id: str) -> None:
    assert call("worker", "--batch-id", f"not-{batch_id}", environment=environment(engine)).status == 78


def test_worker_ends_with_78_when_the_time_zone_contradicts_the_engine_s_metrics(
    engine: Embedded, batch_id: str
) -> None:
    release(engine)
    moment = datetime.now(UTC)
    an_hour_off = {"timestamp_": moment.replace(tzinfo=None) + timedelta(hours=1)}
    row = {"id_": "m", "name_": "job-successful", "value_": 1, "milliseconds_": round(moment.timestamp() * 1000)}
    database = connect(engine.url)
    with database.begin() as connection:
        connection.execute(insert(act_ru_meter_log).values(row | an_hour_off))
    database.dispose()

    ended = call("worker", "--batch-id", batch_id, environment=environment(engine))

    assert ended.status == 78
    assert engine.failed_jobs() == FAILED_JOBS


def test_worker_ends_with_78_when_nothing_says_where_the_database_is() -> None:
    ended = call("worker", "--batch-id", "x", environment=dict(os.environ))

    assert ended.status == 78
    assert "PROCESS_BATCH_DATABASE_URL_FILE" in ended.errors


def test_worker_ends_with_78_when_the_secret_is_not_mounted(engine: Embedded) -> None:
    given = os.environ | {"PROCESS_BATCH_DATABASE_URL_FILE": str(engine.folder / "nothing")}

    ended = call("worker", "--batch-id", "x", environment=given)

    assert ended.status == 78
    assert "cannot be read" in ended.errors


def test_worker_ends_with_3_while_the_database_is_away(tmp_path: Path) -> None:
    (tmp_path / "username").write_text("camunda\n")
    (tmp_path / "password").write_text("hunter2\n")
    given = os.environ | {
        "PROCESS_BATCH_DATABASE_HOST": "127.0.0.1",
        "PROCESS_BATCH_DATABASE_PORT": "1",
        "PROCESS_BATCH_DATABASE_NAME": "camunda",
        "PROCESS_BATCH_DATABASE_USERNAME_FILE": str(tmp_path / "username"),
        "PROCESS_BATCH_DATABASE_PASSWORD_FILE": str(tmp_path / "password"),
    }

    ended = call("worker", "--batch-id", "x", environment=given)

    assert ended.status == 3
    assert "hunter2" not in ended.errors


IMPORTED = """
import sys
from batch_operator.cli import main
try:
    main(sys.argv[1:])
finally:
    print(sorted({name.partition(".")[0] for name in sys.modules} & {"kopf", "kubernetes", "aiohttp"}))
"""


@pytest.mark.parametrize("command", ["run", "worker", "plan", "status"])
def test_command_needs_neither_kopf_nor_kubernetes(engine: Embedded, batch_id: str, command: str) -> None:
    release(engine)
    words = {
        "run": ["-f", str(engine.manifest(batch(chunkSize=1)))],
        "plan": ["-f", str(engine.manifest(batch("other")))],
        "worker": ["--batch-id", batch_id],
        "status": [],
    }[command]

    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, command, *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment(engine),
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
