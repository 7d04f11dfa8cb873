"""A ledger whose rows contradict each other: the command line stalls and closes nothing, on each database."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import delete, insert, select, update

from batch_operator.controller.engines import CountsOfEngine
from batch_operator.lifecycle.reconcile import contradiction_of
from process_engine.batch.ledger import BatchRow, Ledger
from process_engine.batch.tables import chunk, hand_over
from process_engine.engine import ProcessEngine
from process_engine.schema.runtime_jobs import act_ru_job
from support.embedded import Ended, batch, call, invoke
from support.engine_batches import running
from support.rows import Rows

JOBS, CHUNKS = 6, 3
SPEC: Mapping[str, Any] = {"query": {"jobs": {"noRetriesLeft": True}}, "chunkSize": JOBS // CHUNKS}
only_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


class CommandLine:
    """`process-batch` on the database of a test."""

    def __init__(self, engine: ProcessEngine, ledger: Ledger, folder: Path) -> None:
        self.ledger = ledger
        self._url = engine.database.url.render_as_string(hide_password=False)
        self._path = folder / "batch.yaml"

    def call(self, command: str, manifest: Mapping[str, Any]) -> Ended:
        self._path.write_text(yaml.safe_dump(manifest))
        return self.ask(command, "-f", str(self._path))

    def run(self, **spec: Any) -> Ended:
        return self.call("run", batch(**{**SPEC, **spec}))

    def ask(self, *words: str) -> Ended:
        # within this process it is quicker, but would leave connections of PostgreSQL open
        begin = invoke if self._url.startswith("sqlite") else call
        return begin(*words, "--database-url", self._url, "-o", "json")

    def row(self, name: str = "retry") -> BatchRow:
        found = self.ledger.find("default", name)
        assert found is not None
        return found

    def change(self, *statements: Any) -> None:
        with self.ledger.database.begin() as connection:
            for statement in statements:
                connection.execute(statement)

    def chunks(self) -> list[dict[str, Any]]:
        with self.ledger.database.connect() as connection:
            return [dict(row) for row in connection.execute(select(chunk).order_by(chunk.c.position)).mappings()]


@pytest.fixture
def program(engine: ProcessEngine, ledger: Ledger, tmp_path: Path) -> CommandLine:
    return CommandLine(engine, ledger, tmp_path)


@pytest.fixture
def frozen(program: CommandLine, rows: Rows) -> CommandLine:
    """A Batch whose set is frozen, and of which nothing was done yet."""
    for _ in range(JOBS):
        rows.job(rows.instance(), retries=0)
    assert reason(program.run(suspend=True)) == "Suspended"
    return program


def ready(ended: Ended) -> dict[str, Any]:
    [status] = ended.results.values()
    return next(each for each in status["conditions"] if each["type"] == "Ready")


def reason(ended: Ended) -> str:
    return ready(ended)["reason"]


def with_retries(program: CommandLine) -> int:
    with program.ledger.database.connect() as connection:
        return len(connection.execute(select(act_ru_job.c.id_).where(act_ru_job.c.retries_ > 0)).all())


def lose_all(program: CommandLine) -> int:
    program.change(delete(chunk))
    return 0


def lose_one(program: CommandLine) -> int:
    program.change(delete(chunk).where(chunk.c.position == program.chunks()[1]["position"]))
    return JOBS - JOBS // CHUNKS


def lose_what_is_pending(program: CommandLine) -> int:
    """The rows that are left are all settled."""
    first = program.chunks()[0]
    settled = update(chunk).where(chunk.c.position == first["position"])
    program.change(
        delete(chunk).where(chunk.c.position != first["position"]),
        settled.values(state="done", succeeded=first["size"]),
    )
    return first["size"]


def find_more(program: CommandLine) -> int:
    program.change(insert(chunk).values(program.chunks()[0] | {"position": 1000}))
    return JOBS + JOBS // CHUNKS


@pytest.mark.parametrize("lose", [lose_all, lose_one, lose_what_is_pending, find_more])
def test_run_stalls_and_closes_nothing_when_the_rows_of_chunks_are_not_those_that_were_frozen(
    frozen: CommandLine, lose: Callable[[CommandLine], int]
) -> None:
    held = lose(frozen)

    ended = frozen.run()

    message = ready(ended)["message"]
    assert (ended.status, reason(ended)) == (3, "LedgerInconsistent")
    assert f"was frozen with {JOBS} items, but its chunks hold {held}; restore the ledger's tables" in message
    assert frozen.row().completion_time is None
    assert frozen.row().suspended, "nothing was begun"
    assert with_retries(frozen) == 0


def test_status_and_plan_say_that_the_ledger_contradicts_itself(frozen: CommandLine) -> None:
    lose_one(frozen)

    status = frozen.ask("status", "retry")
    plan = frozen.call("plan", batch(**SPEC))

    assert reason(status) == "LedgerInconsistent"
    assert plan.status == 3
    assert "the ledger contradicts itself" in plan.output


def test_run_goes_on_when_the_rows_are_restored(frozen: CommandLine) -> None:
    kept = frozen.chunks()
    lose_all(frozen)
    stalled = frozen.run()
    frozen.change(insert(chunk).values(kept))

    ended = frozen.run()

    assert (stalled.status, ended.status, reason(ended)) == (3, 0, "Complete")
    assert with_retries(frozen) == JOBS


def test_a_batch_of_another_object_whose_rows_are_lost_is_not_taken_over(frozen: CommandLine) -> None:
    frozen.ledger.adopt(frozen.row().batch_id, "uid-of-an-object")
    lose_one(frozen)

    ended = frozen.run(resume=frozen.row().batch_id)

    assert (ended.status, reason(ended)) == (3, "LedgerInconsistent")
    assert frozen.row().owner_uid == "uid-of-an-object"


def test_a_dry_run_of_a_batch_whose_rows_are_lost_says_so(frozen: CommandLine) -> None:
    lose_one(frozen)

    assert reason(frozen.run(dryRun=True)) == "LedgerInconsistent"


def test_a_finished_batch_stays_finished_when_its_rows_are_lost(frozen: CommandLine) -> None:
    assert frozen.run().status == 0
    closed = frozen.row().completion_time
    lose_all(frozen)

    ended = frozen.run()

    assert (ended.status, reason(ended)) == (0, "AlreadyExecuted")
    assert frozen.row().completion_time == closed


def test_a_job_is_made_by_counts_of_this_moment(frozen: CommandLine, engine: ProcessEngine) -> None:
    row, counts = frozen.row(), CountsOfEngine(engine, frozen.ledger, timedelta(minutes=5))
    before = counts.of(row.batch_id)
    held = lose_one(frozen)

    now = counts.of(row.batch_id, max_age=0.0)

    assert (before.total, now.total) == (JOBS, held)
    assert (contradiction_of(row, before), contradiction_of(row, now)) == (
        None,
        f"batch {row.batch_id} was frozen with {JOBS} items, but its chunks hold {held}",
    )


@only_postgresql
def test_run_stalls_when_hand_overs_are_lost_and_waits_for_no_engine(
    program: CommandLine, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCESS_BATCH_ENGINE_PATIENCE_SECONDS", "0")
    running(rows, 2)
    manifest = batch("cancel", query={"processInstances": {"all": True}}, onJvmCode="HandOver", chunkSize=1)
    manifest["spec"]["operation"] = {"type": "Cancellation"}
    idle = program.call("run", manifest)
    program.change(delete(hand_over).where(hand_over.c.position == 0))

    ended = program.call("run", manifest)

    assert reason(idle) == "EngineNotExecuting"
    assert ready(idle)["message"].endswith("Called again, process-batch run goes on")
    assert (ended.status, reason(ended)) == (3, "LedgerInconsistent")
    assert "count 2 items as handed over, but its hand-overs hold 1" in ready(ended)["message"]
    assert program.row("cancel").completion_time is None


def test_rows_lost_after_they_were_counted_leave_the_batch_open(frozen: CommandLine) -> None:
    row = frozen.row()
    frozen.change(update(chunk).values(state="done", succeeded=chunk.c.size))
    frozen.change(delete(chunk).where(chunk.c.position == frozen.chunks()[0]["position"]))

    frozen.ledger.close(row.batch_id, row.resolved_time)

    assert not frozen.row().is_closed


def test_the_last_chunk_that_settles_lets_the_batch_be_closed(frozen: CommandLine) -> None:
    row = frozen.row()
    frozen.change(update(chunk).values(state="done", succeeded=chunk.c.size))

    frozen.ledger.close(row.batch_id, row.resolved_time)

    assert frozen.row().completion_time == row.resolved_time
