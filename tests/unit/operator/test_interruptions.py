"""`process-batch run` stopped or killed in the middle, and called again: each item exactly once."""

import os
import pty
import signal
import subprocess

import pytest

from process_engine.schema.runtime_jobs import act_ru_job
from support.embedded import FAILED_JOBS, PROGRAM, Embedded, batch, call

ONE_BY_ONE = batch(chunkSize=1)


def begin(engine: Embedded) -> subprocess.Popen[str]:
    """A run that has begun to work."""
    path = engine.manifest(ONE_BY_ONE)
    words = [*PROGRAM, "run", "-f", str(path), "--database-url", engine.url]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == f"retry: 0 of {FAILED_JOBS} items, 0 failed\n"
    return process


def finish(engine: Embedded) -> dict[str, int]:
    """Run it again to its end; its items."""
    ended = call("run", "-f", engine.folder / "batch.yaml", "--database-url", engine.url, "-o", "json")
    assert ended.status == 0
    return ended.results["retry"]["items"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_run_goes_on_from_the_ledger_after(engine: Embedded, number: signal.Signals) -> None:
    process = begin(engine)
    process.send_signal(number)
    process.communicate(timeout=60)
    left = engine.failed_jobs()

    items = finish(engine)

    assert process.returncode == (-9 if number is signal.SIGKILL else 130)
    assert 0 < left <= FAILED_JOBS
    assert items["succeeded"] == items["total"] == FAILED_JOBS
    assert engine.count(act_ru_job, act_ru_job.c.rev_ == 3) == FAILED_JOBS, "each job was written once"


def test_run_tells_how_to_go_on_when_it_is_stopped(engine: Embedded) -> None:
    process = begin(engine)
    process.send_signal(signal.SIGTERM)

    output, errors = process.communicate(timeout=60)

    assert "items settled; process-batch run goes on" in output
    assert "called again, it goes on from the ledger" in errors


def test_run_shows_a_bar_on_a_terminal(engine: Embedded) -> None:
    path = engine.manifest(batch())
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "120"}
    words = [*PROGRAM, "run", "-f", str(path), "--database-url", engine.url]

    process = subprocess.Popen(words, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    while True:
        try:
            shown += os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
    os.close(ours)

    assert process.wait(timeout=60) == 0
    text = shown.decode()
    assert f"{FAILED_JOBS}/{FAILED_JOBS}" in text
    assert "━" in text
