"""Items handed over to a real Java engine: its job executor runs their Java code, and what fails there is told here."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import Engine

from process_engine.database import connect
from process_engine.engine import ProcessEngine
from process_engine.hand_over.conclusion import conclude
from process_engine.hand_over.suspension import set_suspended
from process_engine.operations.cancellation.hand_over import hand_over_cancellations
from process_engine.operations.cancellation.manifest import CancellationOptions
from process_engine.operations.migration.hand_over import hand_over_migrations
from process_engine.operations.migration.operation import MigrationRequest
from process_engine.transaction import Transaction
from support.peer import dumps, ours, scenarios
from support.peer.databases import Databases
from support.peer.differences import differences
from support.peer.executor import BAD, GOOD, JAVA_CODE, PLAIN, job_executor
from support.peer.oracle import PREFIX, Oracle, Snapshot
from support.peer.scenarios import Scenario

DATABASE = f"{PREFIX}_hand_over_{os.getpid()}"
DEADLINE_SECONDS = 60.0
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def scenario(name: str, given: Mapping[str, Any]) -> Scenario:
    return Scenario(f"hand-over-{name}", dict(given))


@pytest.fixture
def database(databases: Databases) -> Iterator[Engine]:
    """Filled by the tests, opened as our engine opens databases."""
    engine = connect(databases.url(DATABASE))
    yield engine
    engine.dispose()
    databases.drop(DATABASE)


@pytest.fixture
def stock(oracle: Oracle, database: Engine) -> Snapshot:
    """The database, filled with instances that run Java code."""
    assert database.url.database == DATABASE
    snapshot = oracle.snapshot(JAVA_CODE)
    snapshot.restore(DATABASE)
    return snapshot


# ---------------------------------------------------------------- run by a job executor


class Program:
    """`process-batch run` on the database."""

    def __init__(self, databases: Databases, folder: Path, *documents: dict[str, Any]) -> None:
        self._url = databases.url(DATABASE)
        self._file = folder / f"{documents[-1]['metadata']['name']}.yaml"
        self._file.write_text(yaml.safe_dump_all(documents))

    def start(self, patience_seconds: int = 300) -> subprocess.Popen[str]:
        program = Path(sys.executable).parent / "process-batch"
        return subprocess.Popen(
            [program, "run", "-f", self._file, "--database-url", self._url, "-o", "json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PROCESS_BATCH_ENGINE_PATIENCE_SECONDS": str(patience_seconds)},
        )

    def run(self, patience_seconds: int = 300) -> ours.Run:
        process = self.start(patience_seconds)
        output, errors = process.communicate(timeout=2 * DEADLINE_SECONDS)
        lines = output.splitlines()
        return ours.Run(process.returncode, json.loads(lines[-1])["status"] if lines else {}, errors)


def batch(name: str = "cancel", **spec: Any) -> dict[str, Any]:
    """A Batch that cancels everything and hands over what needs a JVM."""
    content = {
        "operation": {"type": "Cancellation", "cancellation": {"deleteReason": "not wanted"}},
        "query": {"processInstances": {"all": True}},
        "onJvmCode": "HandOver",
    }
    return {
        "apiVersion": "process-batch.io/v1alpha1",
        "kind": "Batch",
        "metadata": {"name": name},
        "spec": content | spec,
    }


def reason(run: ours.Run) -> str:
    return next(each["reason"] for each in run.status["conditions"] if each["type"] == "Ready")


def items(run: ours.Run) -> dict[str, int]:
    return {name: number for name, number in run.status["items"].items() if number}


def rows(databases: Databases, query: str) -> list[tuple[Any, ...]]:
    with databases.connect(DATABASE) as connection:
        return connection.execute(query).fetchall()


def left_of_batches(databases: Databases) -> list[tuple[Any, ...]]:
    """Rows of the Java engine's batches that are there while it works."""
    return rows(
        databases,
        "select 'batch', id_ from act_ru_batch union all select 'job', id_ from act_ru_job "
        "union all select 'incident', id_ from act_ru_incident "
        "union all select 'definition', id_ from act_ru_jobdef where job_configuration_ is not null "
        "union all select 'bytes', id_ from act_ge_bytearray where deployment_id_ is null and type_ is distinct from 3",
    )


def expect_that_java_code_ran(databases: Databases, run: ours.Run) -> None:
    """In each instance that could, and once; the one that failed is as it was, and its error is told."""
    assert items(run) == {"total": GOOD + BAD + PLAIN, "succeeded": GOOD + PLAIN, "failed": BAD}
    assert [(group["count"], group["reason"].partition(":")[0]) for group in run.status["failures"]] == [
        (BAD, "JavaEngine")
    ]
    assert "the archive is closed" in run.status["failures"][0]["reason"]
    ran = "select name_, count(distinct proc_inst_id_), count(*) from act_hi_varinst where name_ <> 'archiveClosed' "
    assert rows(databases, ran + "group by 1 order by 1") == [("archived", GOOD, GOOD), ("noticed", GOOD, GOOD)]
    ended = "select state_, delete_reason_, count(*) from act_hi_procinst group by 1, 2 order by 1"
    assert rows(databases, ended) == [
        ("ACTIVE", None, BAD),
        ("EXTERNALLY_TERMINATED", "not wanted", GOOD + PLAIN),
    ]
    assert left_of_batches(databases) == []
    assert rows(databases, "select count(*) from act_hi_batch where end_time_ is null") == [(0,)]


def test_java_code_of_each_handed_over_instance_runs_and_one_that_throws_is_a_failed_item(
    databases: Databases, stock: Snapshot, oracle: Oracle, tmp_path: Path
) -> None:
    program = Program(databases, tmp_path, batch(chunkSize=3, failurePolicy={"toleratedFailedItems": 1}))
    way_out = {"type": "Cancellation", "cancellation": {"skipCustomListeners": True}}
    rest = Program(databases, tmp_path, batch("rest", operation=way_out))

    with job_executor(databases, DATABASE):
        run = program.run()

    assert (run.exit_status, reason(run)) == (0, "CompletedWithFailures"), run.told
    expect_that_java_code_ran(databases, run)
    assert items(rest.run()) == {"total": BAD, "succeeded": BAD}
    assert oracle.carry_on(stock, DATABASE) == {}


def test_an_engine_that_does_not_execute_is_told_of_and_goes_on_when_it_does(
    databases: Databases, stock: Snapshot, tmp_path: Path
) -> None:
    assert stock.database
    program = Program(databases, tmp_path, batch())

    waiting = program.run(patience_seconds=1)
    with job_executor(databases, DATABASE):
        run = program.run()

    assert (waiting.exit_status, reason(waiting)) == (3, "EngineNotExecuting"), waiting.told
    assert items(waiting) == {"total": GOOD + BAD + PLAIN, "succeeded": PLAIN, "handedOver": GOOD + BAD}
    assert "no job executor takes their jobs" in waiting.told
    assert (run.exit_status, reason(run)) == (1, "FailedItems"), run.told
    expect_that_java_code_ran(databases, run)


def test_a_run_that_is_killed_while_the_java_engine_is_at_it_goes_on_when_it_is_called_again(
    databases: Databases, stock: Snapshot, tmp_path: Path
) -> None:
    assert stock.database
    program = Program(databases, tmp_path, batch())
    killed = program.start()
    given = "select coalesce(sum(size), 0) from process_batch.hand_over"
    wait_until(lambda: exists(databases, "process_batch.hand_over") and rows(databases, given) == [(GOOD + BAD,)])
    killed.send_signal(signal.SIGKILL)
    killed.communicate()

    with job_executor(databases, DATABASE):
        run = program.run()

    assert run.exit_status == 1, run.told
    expect_that_java_code_ran(databases, run)


def test_what_is_with_the_java_engine_waits_while_the_batch_is_suspended(
    databases: Databases, stock: Snapshot, tmp_path: Path
) -> None:
    assert stock.database
    Program(databases, tmp_path, batch()).run(patience_seconds=1)
    other = Program(databases, tmp_path, batch("other", ids={"processInstances": ["gone"]}, query=None))

    suspended = Program(databases, tmp_path, batch(suspend=True)).run()
    with job_executor(databases, DATABASE):
        other.run()
        waiting = Program(databases, tmp_path, batch(suspend=True)).run()
        resumed = Program(databases, tmp_path, batch()).run()

    assert (suspended.exit_status, reason(suspended)) == (3, "Suspended"), suspended.told
    assert f"{GOOD + BAD} items are with the Java engine, suspended there" in suspended.told
    assert items(waiting) == {"total": GOOD + BAD + PLAIN, "succeeded": PLAIN, "handedOver": GOOD + BAD}
    assert (resumed.exit_status, reason(resumed)) == (1, "FailedItems"), resumed.told
    expect_that_java_code_ran(databases, resumed)


def exists(databases: Databases, table: str) -> bool:
    return rows(databases, f"select to_regclass('{table}') is not null") == [(True,)]


def wait_until(is_so: Any) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


# ---------------------------------------------------------------- row by row


HANDED_OVER = [each for each in scenarios.offered() if each.needs_jvm and not each.needs_scripts]


@pytest.mark.parametrize("wanted", HANDED_OVER, ids=lambda each: each.name)
def test_what_is_handed_over_ends_as_by_the_java_engines_own_batch(
    databases: Databases, oracle: Oracle, database: Engine, tmp_path: Path, wanted: Scenario
) -> None:
    assert database.url.database == DATABASE
    snapshot = oracle.snapshot(wanted)
    snapshot.restore(DATABASE)
    assert oracle.apply(snapshot, DATABASE, "--batch") is None
    expected = of_instances(dumps.read(databases, DATABASE))

    snapshot.restore(DATABASE)
    program = Program(databases, tmp_path, *ours.manifests(snapshot, {"onJvmCode": "HandOver"}))
    with job_executor(databases, DATABASE, wanted.engine):
        run = program.run()
    actual = of_instances(dumps.read(databases, DATABASE))

    assert run.exit_status == 0, run.told
    expect_equal(snapshot, expected, actual)
    assert oracle.carry_on(snapshot, DATABASE) == {}


def of_instances(tables: dumps.Tables) -> dumps.Tables:
    """The dump without the batches' own rows, without times and how they were cut: the clocks differ."""
    kept = dumps.without_revisions(dumps.without_batches(tables))
    return {name: [{c: v for c, v in row.items() if not is_time(c, v)} for row in rows] for name, rows in kept.items()}


def is_time(column: str, value: Any) -> bool:
    return column == "DURATION_" or (isinstance(value, str) and TIME.match(value) is not None)


CREATED = {
    "plain": {},
    "with-a-reason": {"operation": {"deleteReason": "not wanted"}},
    "with-all-flags": {
        "operation": {"skipCustomListeners": True, "skipIoMappings": True, "skipSubprocesses": True, "deleteReason": ""}
    },
    "by-a-user": {"operation": {"user": "admin"}},
    "level-activity": {"engine": {"history": "activity"}},
    "removal-at-start": {"engine": {"historyRemovalTimeStrategy": "Start"}},
    "with-a-tenant": {"deploy": [{"file": "archived.bpmn", "tenant": "one"}]},
}


def created(name: str) -> Scenario:
    more = CREATED[name]
    given = {
        "deploy": more.get("deploy", ["archived.bpmn"]),
        "setup": [{"start": {"key": "archived", "as": "p", "n": 3}}],
        "operation": {"type": "cancellation", "ids": ["@p1", "@p2", "@p3"], **more.get("operation", {})},
        "engine": more.get("engine", {}),
    }
    return scenario(name, given)


@pytest.mark.parametrize("name", CREATED)
def test_a_hand_over_leaves_the_rows_of_the_java_engines_own_batch(
    databases: Databases, oracle: Oracle, database: Engine, name: str
) -> None:
    snapshot = oracle.snapshot(created(name))

    expected = made_by_the_java_engine(databases, oracle, snapshot)
    actual = made_by_ours(databases, database, snapshot, cancellation_of, hand_over_cancellations)

    expect_equal(snapshot, expected, actual)


def cancellation_of(_: ProcessEngine, operation: Mapping[str, Any]) -> CancellationOptions:
    return CancellationOptions.model_construct(  # more than a manifest may say: an empty reason
        delete_reason=operation.get("deleteReason"),
        skip_custom_listeners=operation.get("skipCustomListeners", False),
        skip_io_mappings=operation.get("skipIoMappings", False),
        skip_subprocesses=operation.get("skipSubprocesses", False),
    )


MIGRATED = {
    "plain": {},
    "with-variables": {"plan": {"variables": {"note": "v2", "amount": 6, "raw": {"type": "bytes", "value": "x"}}}},
    "with-all-flags": {"skipCustomListeners": True, "skipIoMappings": True},
    "by-a-user": {"user": "admin"},
    "with-a-tenant": {"tenant": "one"},
}


def migrating(name: str) -> Scenario:
    more = dict(MIGRATED[name])
    tenant = {"tenant": more.pop("tenant")} if "tenant" in more else {}
    plan = {
        "sourceProcessDefinitionId": "@def:plain:1",
        "targetProcessDefinitionId": "@def:plain:2",
        "mapEqualActivities": True,
        **more.pop("plan", {}),
    }
    given = {
        "deploy": [{"file": file, **tenant} for file in ("plain.bpmn", "plain-v2.bpmn")],
        "setup": [{"start": {"key": "plain:1", "as": "p", "n": 3}}],
        "operation": {"type": "migration", "ids": ["@p1", "@p2", "@p3"], "plan": plan, **more},
    }
    return scenario(f"migration-{name}", given)


@pytest.mark.parametrize("name", MIGRATED)
def test_a_migration_that_is_handed_over_leaves_the_rows_of_the_java_engines_own_batch(
    databases: Databases, oracle: Oracle, database: Engine, name: str
) -> None:
    snapshot = oracle.snapshot(migrating(name))

    expected = made_by_the_java_engine(databases, oracle, snapshot)
    actual = made_by_ours(databases, database, snapshot, migration_of, hand_over_migrations)

    expect_equal(snapshot, expected, actual)


def migration_of(engine: ProcessEngine, operation: Mapping[str, Any]) -> MigrationRequest:
    return MigrationRequest(
        plan=ours.plan_of(engine, operation["plan"]),
        skip_custom_listeners=operation.get("skipCustomListeners", False),
        skip_io_mappings=operation.get("skipIoMappings", False),
    )


def made_by_the_java_engine(databases: Databases, oracle: Oracle, snapshot: Snapshot) -> dumps.Tables:
    """The rows with a batch that nobody has worked on."""
    snapshot.restore(DATABASE)
    assert oracle.apply(snapshot, DATABASE, "--create-only") is None
    return of_a_new_batch(databases)


def made_by_ours(
    databases: Databases,
    database: Engine,
    snapshot: Snapshot,
    options_of: Callable[[ProcessEngine, Mapping[str, Any]], Any],
    hand_over: Callable[[Transaction, list[str], Any], Any],
) -> dumps.Tables:
    """The same with one that our engine hands over."""
    snapshot.restore(DATABASE)
    engine = ours.attach(database, snapshot.scenario.engine)
    options = options_of(engine, snapshot.operation)
    with engine.begin(snapshot.operation.get("user")) as transaction:
        hand_over(transaction, snapshot.operation["ids"], options)
    return of_a_new_batch(databases)


def of_a_new_batch(databases: Databases) -> dumps.Tables:
    """The dump without the operation log, which is written once, when the Batch is resolved."""
    return dumps.without(in_order(dumps.read(databases, DATABASE)), "ACT_HI_OP_LOG")


def in_order(tables: dumps.Tables) -> dumps.Tables:
    """The dump with the ids in configurations in an order of their own: the Java engine has them from a set."""
    return tables | {"ACT_GE_BYTEARRAY": [_in_order(row) for row in tables["ACT_GE_BYTEARRAY"]]}


def _in_order(row: dumps.Row) -> dumps.Row:
    if '"processInstanceIds"' not in row.get("BYTES_", ""):
        return row
    configuration = json.loads(row["BYTES_"])
    ids = sorted(configuration["processInstanceIds"])
    return row | {"BYTES_": json.dumps(configuration | {"processInstanceIds": ids})}


FAILED = {
    "deploy": ["archived.bpmn"],
    "setup": [
        {"start": {"key": "archived", "as": "good", "n": 2}},
        {"start": {"key": "archived", "as": "bad", "n": 2, "vars": {"archiveClosed": True}}},
        {"batch": {"type": "cancellation", "ids": ["@good1", "@good2", "@bad1", "@bad2"]}},
        {"runBatches": {}},
    ],
    "operation": {"type": "cancellation", "ids": ["@bad1", "@bad2"]},
}


@pytest.mark.parametrize("engine", [{}, {"history": "activity"}, {"historyRemovalTimeStrategy": "Start"}])
def test_the_end_of_a_batch_that_failed_leaves_what_its_removal_by_the_java_engine_leaves(
    databases: Databases,
    oracle: Oracle,
    database: Engine,
    engine: dict[str, Any],
) -> None:
    snapshot = oracle.snapshot(scenario(f"failed{len(json.dumps(engine))}", FAILED | {"engine": engine}))
    snapshot.restore(DATABASE)
    oracle.delete_batches(snapshot, DATABASE)
    expected = dumps.read(databases, DATABASE)

    snapshot.restore(DATABASE)
    [(batch,)] = rows(databases, "select id_ from act_ru_batch")
    with ours.attach(database, engine).begin() as transaction:
        failures = conclude(transaction, [batch])
    actual = dumps.read(databases, DATABASE)

    assert failures.keys() == {batch}
    assert failures[batch].keys() == set(snapshot.operation["ids"])
    assert all("the archive is closed" in message for message in failures[batch].values())
    expect_equal(snapshot, expected, actual)


WAITING = {
    "deploy": ["archived.bpmn"],
    "setup": [
        {"start": {"key": "archived", "as": "p", "n": 2}},
        {"batch": {"type": "cancellation", "ids": ["@p1", "@p2"]}},
    ],
    "operation": {"type": "cancellation", "ids": ["@p1"]},
}


def test_a_suspended_engine_batch_has_the_rows_that_its_suspension_by_the_java_engine_leaves(
    databases: Databases, oracle: Oracle, database: Engine
) -> None:
    snapshot = oracle.snapshot(scenario("waiting", WAITING))
    snapshot.restore(DATABASE)
    active = dumps.read(databases, DATABASE)
    oracle.suspend_batches(snapshot, DATABASE)
    expected = dumps.read(databases, DATABASE)

    snapshot.restore(DATABASE)
    [(batch,)] = rows(databases, "select id_ from act_ru_batch")
    with ours.attach(database, {}).begin() as transaction:
        set_suspended(transaction, [batch], is_suspended=True)
    actual = dumps.read(databases, DATABASE)

    assert differences(snapshot.normalised(active), snapshot.normalised(actual))
    expect_equal(snapshot, expected, actual)


def expect_equal(snapshot: Snapshot, expected: dumps.Tables, actual: dumps.Tables) -> None:
    lines = differences(snapshot.normalised(expected), snapshot.normalised(actual))
    assert not lines, "\n".join(["expected -> actual", *lines])
