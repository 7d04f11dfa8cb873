"""Items that the Java engine is given: the rows that it finds, and what is made of the rows that it leaves.

What the Java engine would write is written by the tests here; `tests/peer/test_hand_over.py` has the real one.
"""

import json
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import Engine, Table, delete, event, func, select

from process_engine.batch import items
from process_engine.batch.hand_overs import follow
from process_engine.batch.ledger import BatchRow, Counts, Ledger, LedgerMissingError, ddl
from process_engine.batch.resolution import preview, resolve
from process_engine.batch.runner import WorkerEnd, run_worker
from process_engine.database import POSTGRESQL
from process_engine.engine import ProcessEngine
from process_engine.errors import BadUserRequestError
from process_engine.hand_over.conclusion import conclude
from process_engine.hand_over.observation import read_open_items, read_progress
from process_engine.operations.cancellation.hand_over import hand_over_cancellations
from process_engine.operations.cancellation.manifest import CancellationOptions
from process_engine.schema.general import act_ge_bytearray
from process_engine.schema.history import act_hi_incident
from process_engine.schema.history_logs import act_hi_batch, act_hi_job_log
from process_engine.schema.runtime import act_ru_execution, act_ru_incident
from process_engine.schema.runtime_jobs import act_ru_batch, act_ru_job, act_ru_jobdef
from support.batches import handing_over
from support.engine_batches import Java, deployed, running
from support.rows import Rows

RUNTIME = (act_ru_batch, act_ru_job, act_ru_jobdef, act_ge_bytearray, act_ru_incident)
"""Where batches leave rows while they run."""


@pytest.fixture
def java(database: Engine, rows: Rows) -> Java:
    return Java(database, rows)


def handed_over(
    engine: ProcessEngine, ids: Sequence[str], options: CancellationOptions | None = None
) -> dict[str, str]:
    with engine.begin("demo") as transaction:
        return hand_over_cancellations(transaction, ids, options or CancellationOptions())


def count(database: Engine, table: Table) -> int:
    with database.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


# ---------------------------------------------------------------- on any database: the rows, and the end of them


def test_items_of_two_deployments_are_two_batches_in_a_bounded_number_of_statements(
    engine: ProcessEngine, rows: Rows
) -> None:
    definitions = [deployed(rows, name) for name in ("beta", "Alpha")]
    ids = [rows.instance(definitions[number % 2]) for number in range(6)]
    statements: list[str] = []

    with engine.begin() as transaction:
        event.listen(transaction.connection, "before_cursor_execute", lambda *given: statements.append(given[2]))
        given = hand_over_cancellations(transaction, ids, CancellationOptions(delete_reason="stuck"))

    with engine.database.connect() as connection:
        found = connection.execute(
            select(act_ru_batch.c.id_, act_ge_bytearray.c.bytes_).join_from(
                act_ru_batch, act_ge_bytearray, act_ge_bytearray.c.id_ == act_ru_batch.c.configuration_
            )
        ).all()
    configurations = {id_: json.loads(data or b"") for id_, data in found}
    assert len(statements) == 7
    assert given == {id_: batch for batch, c in configurations.items() for id_ in c["processInstanceIds"]}
    assert sorted(c["processInstanceIdMappings"][0]["deploymentId"] for c in configurations.values()) == [
        "Alpha",
        "beta",
    ]
    assert all(c["deleteReason"] == "stuck" and c["failIfNotExists"] is False for c in configurations.values())


def test_a_batch_is_over_when_only_failed_jobs_are_left(engine: ProcessEngine, rows: Rows, java: Java) -> None:
    ids = [rows.instance() for _ in range(3)]
    batch = handed_over(engine, ids)[ids[0]]
    seen = []

    def look() -> None:
        with engine.begin() as transaction:
            found = read_progress(transaction, [batch])[batch]
        seen.append((found.open_items, found.is_over))

    look()
    jobs = java.seed()
    look()
    java.succeed(ids[0], jobs[ids[0]])
    java.fail(jobs[ids[1]], "no")
    look()
    java.succeed(ids[2], jobs[ids[2]])
    look()

    assert seen == [(3, False), (3, False), (2, False), (1, True)]


def test_open_items_are_those_that_wait_for_a_job_and_those_whose_job_is_left(
    engine: ProcessEngine, rows: Rows, java: Java
) -> None:
    ids = [rows.instance() for _ in range(3)]
    batch = handed_over(engine, ids)[ids[0]]
    with engine.database.connect() as connection:
        before = read_open_items(connection, [batch])
    jobs = java.seed()
    java.succeed(ids[0], jobs[ids[0]])

    with engine.database.connect() as connection:
        after = read_open_items(connection, [batch])

    assert before == {batch: set(ids)}
    assert after == {batch: set(ids[1:])}


def test_a_concluded_batch_tells_what_failed_and_leaves_nothing_but_its_history(
    engine: ProcessEngine, rows: Rows, java: Java
) -> None:
    ids = [rows.instance() for _ in range(2)]
    batch = handed_over(engine, ids)[ids[0]]
    jobs = java.seed()
    java.succeed(ids[0], jobs[ids[0]])
    java.fail(jobs[ids[1]], "the archive is closed")

    with engine.begin() as transaction:
        failures = conclude(transaction, [batch])

    assert failures == {batch: {ids[1]: "the archive is closed"}}
    assert {table.name: count(engine.database, table) for table in RUNTIME} == {table.name: 0 for table in RUNTIME}
    with engine.database.connect() as connection:
        assert connection.scalar(select(act_hi_batch.c.end_time_)) is not None
        assert list(connection.scalars(select(act_hi_incident.c.incident_state_))) == [2]
        deleted = select(act_hi_job_log.c.job_def_type_).where(act_hi_job_log.c.job_state_ == 3)
        assert sorted(connection.scalars(deleted)) == ["batch-monitor-job", "instance-deletion"]


def test_a_batch_whose_job_an_executor_has_is_not_concluded(engine: ProcessEngine, rows: Rows, java: Java) -> None:
    batch = handed_over(engine, [rows.instance()])["instance-1"]
    [job] = java.seed().values()
    java.fail(job, "no")
    java.lock(job, datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=5))

    with engine.begin() as transaction:
        failures = conclude(transaction, [batch])

    assert failures == {}
    assert count(engine.database, act_ru_batch) == 1


def test_items_of_a_seed_job_that_failed_fail_with_its_message(engine: ProcessEngine, rows: Rows, java: Java) -> None:
    batch = handed_over(engine, [rows.instance(), rows.instance()])["instance-1"]
    with engine.database.connect() as connection:
        seed = connection.scalar(select(act_ru_job.c.id_)) or ""
    java.fail(seed, None)

    with engine.begin() as transaction:
        failures = conclude(transaction, [batch])

    assert failures == {batch: dict.fromkeys(["instance-1", "instance-2"], "the Java engine gave no message")}


def test_an_embedded_database_has_no_java_engine_to_hand_over_to(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    rows.instance()
    wanted = handing_over()
    if engine.database.dialect.name == "postgresql":
        assert preview(engine, wanted).total == 1
        return

    for call in (lambda: preview(engine, wanted), lambda: resolve(engine, ledger, wanted)):
        with pytest.raises(BadUserRequestError, match="no Java engine can work on an embedded database"):
            call()


# ---------------------------------------------------------------- the whole way, on PostgreSQL


only_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def run(engine: ProcessEngine, ledger: Ledger, **spec: Any) -> BatchRow:
    row = resolve(engine, ledger, handing_over(**spec))
    assert run_worker(ledger.database, ledger, row.batch_id, threading.Event()) is WorkerEnd.DRAINED
    return row


def counted(ledger: Ledger, row: BatchRow) -> Counts:
    counts = ledger.counts([row.batch_id])[row.batch_id]
    others = counts.pending + counts.running + counts.succeeded + counts.failed + counts.skipped + counts.handed_over
    assert counts.total == others
    return counts


def outcomes(ledger: Ledger, row: BatchRow) -> dict[str, str]:
    return {item.item_id: item.message or item.reason or item.outcome for item in items.items(ledger, row.batch_id)}


@only_postgresql
def test_a_handed_over_item_goes_from_handed_over_to_its_outcome(
    engine: ProcessEngine, ledger: Ledger, rows: Rows, java: Java
) -> None:
    ids = running(rows, 4)
    row = run(engine, ledger, chunkSize=2)
    seen = [outcomes(ledger, row)]
    totals = [counted(ledger, row)]
    jobs = java.seed()
    java.succeed(ids[0], jobs[ids[0]])
    java.fail(jobs[ids[1]], "no")

    follow(engine, ledger)
    seen.append(outcomes(ledger, row))
    totals.append(counted(ledger, row))
    java.succeed(ids[2], jobs[ids[2]])
    follow(engine, ledger)
    seen.append(outcomes(ledger, row))
    totals.append(counted(ledger, row))

    assert seen == [
        dict.fromkeys(ids, "handedOver"),
        dict(zip(ids, ["succeeded", "no", "handedOver", "handedOver"], strict=True)),
        dict(zip(ids, ["succeeded", "no", "succeeded", "handedOver"], strict=True)),
    ]
    assert [(t.succeeded, t.failed, t.handed_over) for t in totals] == [(0, 0, 4), (1, 1, 2), (2, 1, 1)]
    assert [(f.reason, f.sample_ids) for f in ledger.failures(row.batch_id)] == [("JavaEngine", [ids[1]])]
    assert [each.outcome for each in items.which(ledger, ids[3])] == ["handedOver"]


@only_postgresql
def test_a_failed_item_that_has_ended_by_itself_is_skipped(
    engine: ProcessEngine, ledger: Ledger, rows: Rows, java: Java
) -> None:
    ids = running(rows, 2)
    row = run(engine, ledger)
    jobs = java.seed()
    for job in jobs.values():
        java.fail(job, "no")
    with engine.database.begin() as connection:
        connection.execute(delete(act_ru_execution).where(act_ru_execution.c.id_ == ids[0]))

    follow(engine, ledger)

    assert outcomes(ledger, row) == {ids[0]: "AlreadyEnded", ids[1]: "no"}
    assert counted(ledger, row).skipped == 1


@only_postgresql
def test_items_of_a_batch_that_ended_have_succeeded_unless_they_are_still_there(
    engine: ProcessEngine, ledger: Ledger, rows: Rows, java: Java
) -> None:
    ids = running(rows, 2)
    row = run(engine, ledger)
    jobs = java.seed()
    java.succeed(ids[0], jobs[ids[0]])
    with engine.database.begin() as connection:
        for table in (act_ru_job, act_ru_batch):
            connection.execute(delete(table))

    follow(engine, ledger)

    shown = outcomes(ledger, row)
    assert shown[ids[0]] == "succeeded"
    assert "was removed before it came to this item" in shown[ids[1]]
    assert counted(ledger, row).handed_over == 0


@only_postgresql
def test_what_an_executor_does_is_seen_and_what_it_does_not_is_not(
    engine: ProcessEngine, ledger: Ledger, rows: Rows, java: Java
) -> None:
    running(rows, 1)
    row = run(engine, ledger)
    times: list[datetime | None] = []

    def look() -> None:
        follow(engine, ledger)
        times.append(counted(ledger, row).engine_seen_time)

    look()
    look()
    [job] = java.seed().values()
    look()
    look()
    java.lock(job, datetime.now(UTC).replace(tzinfo=None) + timedelta(minutes=5))
    look()
    look()

    changed = [after != before for before, after in pairwise(times)]
    assert changed == [False, True, False, True, True]


@only_postgresql
def test_a_look_costs_as_many_statements_for_many_hand_overs_as_for_one(
    engine: ProcessEngine, ledger: Ledger, rows: Rows, java: Java
) -> None:
    running(rows, 12)
    row = run(engine, ledger, chunkSize=1)
    for job in java.seed().values():
        java.fail(job, "no")
    statements: list[str] = []
    event.listen(engine.database, "before_cursor_execute", lambda *given: statements.append(given[2]))

    follow(engine, ledger)

    assert counted(ledger, row).failed == 12
    assert len(statements) < 25


@only_postgresql
def test_two_that_follow_at_once_settle_each_item_once(
    engine: ProcessEngine, ledger: Ledger, rows: Rows, java: Java
) -> None:
    running(rows, 6)
    row = run(engine, ledger, chunkSize=1)
    for job in java.seed().values():
        java.fail(job, "no")
    threads = [threading.Thread(target=follow, args=(engine, ledger)) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    follow(engine, ledger)

    assert (counted(ledger, row).failed, counted(ledger, row).handed_over) == (6, 0)


# ---------------------------------------------------------------- a ledger of the version before


def make_old(database: Engine, schema: str | None) -> None:
    """Take away what came later."""
    prefix = f"{schema}." if schema else ""
    with database.begin() as connection:
        connection.exec_driver_sql(f"DROP TABLE {prefix}hand_over")
        connection.exec_driver_sql(f"ALTER TABLE {prefix}chunk DROP COLUMN handed_over")


def test_a_ledger_of_the_version_before_is_brought_up_to_this_one(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    rows.ended_instance()
    wanted = handing_over(
        operation={"type": "HistoricDeletion"}, query={"historicProcessInstances": {"all": True}}, onJvmCode="Fail"
    )
    row = resolve(engine, ledger, wanted)
    make_old(engine.database, ledger.schema)

    Ledger(engine.database).ensure()
    run_worker(ledger.database, ledger, row.batch_id, threading.Event())

    assert (counted(ledger, row).succeeded, counted(ledger, row).handed_over) == (1, 0)


def test_an_old_ledger_that_may_not_be_changed_is_refused_by_what_it_lacks(database: Engine, ledger: Ledger) -> None:
    make_old(database, ledger.schema)

    with pytest.raises(LedgerMissingError, match=r"earlier version, without hand_over, chunk\.handed_over"):
        Ledger(database, create=False).ensure()


@only_postgresql
def test_the_statements_for_a_dba_make_a_new_ledger_and_mend_an_old_one(database: Engine) -> None:
    for prepare in (lambda: None, lambda: make_old(database, "by_hand"), lambda: None):
        prepare()
        with database.begin() as connection:
            connection.exec_driver_sql(ddl(POSTGRESQL, "by_hand"))
        Ledger(database, "by_hand", create=False).ensure()
