"""The operator looks at hand-overs with the counts that it reads anyway; the command line refuses where none can be."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import event, select

from batch_operator.controller.engines import CountsOfEngine
from process_engine.batch.hand_overs import set_suspended
from process_engine.batch.ledger import Counts, Ledger
from process_engine.batch.resolution import resolve
from process_engine.batch.runner import run_worker
from process_engine.engine import ProcessEngine
from process_engine.schema.runtime_jobs import act_ru_batch, act_ru_job, act_ru_jobdef
from support.batches import handing_over
from support.embedded import Embedded, invoke
from support.engine_batches import Java, running
from support.rows import Rows

only_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
IMPATIENT = timedelta(0)


@pytest.fixture
def batch_id(engine: ProcessEngine, ledger: Ledger, rows: Rows) -> str:
    """A Batch of which every item is handed over."""
    running(rows, 2)
    row = resolve(engine, ledger, handing_over())
    run_worker(ledger.database, ledger, row.batch_id, Event())
    return row.batch_id


@pytest.fixture
def statements(engine: ProcessEngine) -> Iterator[list[str]]:
    """What is sent to the database, from the first clear on."""
    sent: list[str] = []

    def note(*given: Any) -> None:
        sent.append(given[2])

    event.listen(engine.database, "before_cursor_execute", note)
    yield sent
    event.remove(engine.database, "before_cursor_execute", note)


def look(engine: ProcessEngine, ledger: Ledger, batch_id: str) -> Counts:
    return CountsOfEngine(engine, ledger, IMPATIENT).of(batch_id)


@only_postgresql
def test_counts_follow_what_the_java_engine_does(
    engine: ProcessEngine, ledger: Ledger, rows: Rows, batch_id: str
) -> None:
    java = Java(engine.database, rows)
    seen = [look(engine, ledger, batch_id)]
    (first, job), (_, other) = java.seed().items()
    java.succeed(first, job)
    seen.append(look(engine, ledger, batch_id))
    java.fail(other, "no")
    seen.append(look(engine, ledger, batch_id))

    assert [(c.handed_over, c.succeeded, c.failed) for c in seen] == [(2, 0, 0), (1, 1, 0), (0, 1, 1)]


@only_postgresql
def test_an_engine_that_does_nothing_is_idle_until_a_job_is_taken(
    engine: ProcessEngine, ledger: Ledger, rows: Rows, batch_id: str
) -> None:
    counts = CountsOfEngine(engine, ledger, timedelta(minutes=5))
    patient = counts.is_engine_idle(counts.of(batch_id))
    impatient = CountsOfEngine(engine, ledger, IMPATIENT)
    idle = impatient.is_engine_idle(look(engine, ledger, batch_id))
    before = look(engine, ledger, batch_id).engine_seen_time
    [job, _] = Java(engine.database, rows).seed().values()
    Java(engine.database, rows).lock(job, datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=5))

    after = look(engine, ledger, batch_id).engine_seen_time

    assert (patient, idle) == (False, True)
    assert before is not None
    assert after is not None
    assert after > before


def suspension_states(engine: ProcessEngine) -> list[set[int | None]]:
    """Of the Java engine's batches, their job definitions and their jobs."""
    columns = (table.c.suspension_state_ for table in (act_ru_batch, act_ru_jobdef, act_ru_job))
    with engine.database.connect() as connection:
        return [set(connection.scalars(select(column))) for column in columns]


@only_postgresql
def test_what_the_java_engine_has_is_suspended_and_goes_on_with_its_batch(
    engine: ProcessEngine, ledger: Ledger, rows: Rows, batch_id: str
) -> None:
    Java(engine.database, rows).seed()
    set_suspended(engine, ledger, batch_id, is_suspended=True)
    suspended = suspension_states(engine)
    Java(engine.database, rows).activate_all()

    look(engine, ledger, batch_id)
    looked_at = suspension_states(engine)
    set_suspended(engine, ledger, batch_id, is_suspended=False)
    active = suspension_states(engine)

    assert suspended == looked_at == [{2}, {2}, {2}]
    assert active == [{1}, {1}, {1}]


@only_postgresql
def test_a_look_without_anything_handed_over_costs_one_statement(
    engine: ProcessEngine, ledger: Ledger, rows: Rows, batch_id: str, statements: list[str]
) -> None:
    java = Java(engine.database, rows)
    for item, job in java.seed().items():
        java.succeed(item, job)
    look(engine, ledger, batch_id)
    statements.clear()

    counts = look(engine, ledger, batch_id)

    assert counts.handed_over == 0
    assert len([each for each in statements if each.startswith("SELECT")]) == 1


def test_the_command_line_says_that_an_embedded_database_has_no_java_engine(tmp_path: Path, engine_file: Path) -> None:
    embedded = Embedded.copy_of(engine_file, tmp_path)
    manifest = {
        "apiVersion": "process-batch.io/v1alpha1",
        "kind": "Batch",
        "metadata": {"name": "cancel"},
        "spec": {
            "operation": {"type": "Cancellation"},
            "query": {"processInstances": {"all": True}},
            "onJvmCode": "HandOver",
        },
    }

    ended = invoke("run", "-f", embedded.manifest(manifest), "--database-url", embedded.url)

    assert ended.status == 3
    assert "no Java engine can work on an embedded database" in ended.output
