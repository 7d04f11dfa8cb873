"""Each scenario's operation by our engine leaves, in all ACT_* tables, what the Java engine's own operation leaves.

What the Java engine leaves is found out anew: a snapshot that it set up is copied, and it works on the copy.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from process_engine.database import connect
from process_engine.errors import JvmCodeError
from support.peer import dumps, ours, scenarios
from support.peer.databases import Databases
from support.peer.differences import differences
from support.peer.oracle import COPY, Oracle, Snapshot
from support.peer.program import JavaError

OPERATION_LOG, DETAIL = "ACT_HI_OP_LOG", "ACT_HI_DETAIL"
RUNS = 24
"""So many runs of the Java engine meet most of the orders in which it may handle a few siblings."""

OFFERED = scenarios.offered()
NEEDS_JVM = [scenario for scenario in OFFERED if scenario.needs_jvm]
DONE = [scenario for scenario in OFFERED if not scenario.refused and not scenario.needs_jvm]
REFUSED = [scenario for scenario in OFFERED if scenario.refused]
PARTLY_GOOD = [scenario for scenario in REFUSED if "good" in scenario.given["operation"]]
IN_SMALL_CHUNKS = [
    scenario
    for scenario in DONE
    if scenario.name
    in (
        "jobs-several-definitions",
        "jobs-multi-instance-calls",
        "jobs-both-below-one-call-to-zero",
        "external-union-of-five",
        "history-several-definitions",
        "history-of-caller-and-called",
        "cancel-several-definitions",
        "cancel-called-beside-one-sibling-of-each-kind",
        "cancel-called-of-a-parallel-body",
        "cancel-called-ones-of-a-body-then-their-caller",
        "cancel-of-both-queries-and-ids",
        "cancel-level-full",
    )
]


def each(given: list[scenarios.Scenario]) -> Any:
    return pytest.mark.parametrize("scenario", given, ids=lambda scenario: scenario.name)


class Peer:
    """The Java engine's results, each found out once.

    Attributes:
        databases: Where the copies are.
        oracle: The Java engine.
    """

    def __init__(self, databases: Databases, oracle: Oracle) -> None:
        self.databases = databases
        self.oracle = oracle
        self._left: dict[tuple[str, ...], dumps.Tables | JavaError] = {}

    def leaves(self, snapshot: Snapshot, *flags: str) -> dumps.Tables | JavaError:
        """What the Java engine leaves after the operation, or with what it refuses it."""
        key = (snapshot.database, json.dumps(snapshot.operation), *flags)
        if key not in self._left:
            snapshot.restore(COPY)
            error = self.oracle.apply(snapshot, COPY, *flags)
            self._left[key] = error or dumps.read(self.databases, COPY)
        return self._left[key]

    def leaves_again(self, snapshot: Snapshot, *flags: str) -> dumps.Tables | JavaError:
        """The same, found out once more: where siblings are handled in any order, it may be something else."""
        self._left = {key: left for key, left in self._left.items() if key[0] != snapshot.database}
        return self.leaves(snapshot, *flags)

    def carries_on(self, snapshot: Snapshot) -> dict[str, int]:
        """Runtime rows that stay when all has ended; none, too, where the Java engine is stuck with its own rows."""
        try:
            return self.oracle.carry_on(snapshot, COPY)
        except JavaError as error:
            if snapshot.scenario.stuck and error.message.startswith("stuck: "):
                return {}
            raise

    @contextmanager
    def copy(self, snapshot: Snapshot) -> Iterator[Engine]:
        """A fresh copy of the snapshot, opened as our engine opens databases."""
        snapshot.restore(COPY)
        engine = connect(self.databases.url(COPY))
        try:
            yield engine
        finally:
            engine.dispose()


@pytest.fixture(scope="session")
def peer(databases: Databases, oracle: Oracle) -> Peer:
    return Peer(databases, oracle)


@pytest.fixture
def snapshot(oracle: Oracle, scenario: scenarios.Scenario) -> Snapshot:
    return oracle.snapshot(scenario)


def expect_equal(
    snapshot: Snapshot,
    expected: dumps.Tables | JavaError,
    actual: dumps.Tables,
    again: Callable[[], dumps.Tables | JavaError] | None = None,
) -> None:
    """Both are equal; of a scenario in any order, what the Java engine leaves in some of its runs is."""
    lines = lines_of(snapshot, expected, actual)
    for _ in range(RUNS if lines and again is not None and snapshot.scenario.in_any_order else 0):
        lines = lines_of(snapshot, again(), actual)
        if not lines:
            break
    assert not lines, "\n".join(["expected -> actual", *lines])


def lines_of(snapshot: Snapshot, expected: dumps.Tables | JavaError, actual: dumps.Tables) -> list[str]:
    assert not isinstance(expected, JavaError), expected
    return differences(snapshot.normalised(expected), snapshot.normalised(actual))


@each(DONE)
def test_sync_method_leaves_what_the_java_engine_leaves_and_it_carries_on(peer: Peer, snapshot: Snapshot) -> None:
    expected = peer.leaves(snapshot)

    with peer.copy(snapshot) as database:
        error = ours.apply(snapshot, database)
    actual = dumps.read(peer.databases, COPY)
    left_over = peer.carries_on(snapshot)

    assert error is None
    expect_equal(snapshot, expected, actual, lambda: peer.leaves_again(snapshot))
    assert left_over == {}


@each(DONE)
def test_embedded_engine_leaves_what_the_java_engine_leaves(peer: Peer, snapshot: Snapshot, tmp_path: Path) -> None:
    expected = peer.leaves(snapshot)
    database = ours.embedded_copy(snapshot, tmp_path / "engine.db")

    error = ours.apply(snapshot, database)
    actual = dumps.read_embedded(database)
    database.dispose()

    assert error is None
    expect_equal(snapshot, expected, actual, lambda: peer.leaves_again(snapshot))


@each([scenario for scenario in DONE if ours.has_manifest(scenario)])
def test_run_leaves_what_the_java_engine_leaves_and_it_carries_on(
    peer: Peer, snapshot: Snapshot, tmp_path: Path
) -> None:
    expected = as_run_leaves_it(peer, snapshot)
    snapshot.restore(COPY)

    run = ours.run(snapshot, peer.databases.url(COPY), tmp_path / "batch.yaml")
    actual = dumps.read(peer.databases, COPY)
    left_over = peer.carries_on(snapshot)

    assert run.exit_status == 0, run.told
    expect_equal(snapshot, expected, actual, lambda: as_run_leaves_it_again(peer, snapshot))
    assert left_over == {}


@each(IN_SMALL_CHUNKS)
def test_run_of_two_workers_in_small_chunks_leaves_the_same(peer: Peer, snapshot: Snapshot, tmp_path: Path) -> None:
    expected = as_run_leaves_it(peer, snapshot)
    snapshot.restore(COPY)

    how = {"chunkSize": 1, "parallelism": 2}
    run = ours.run(snapshot, peer.databases.url(COPY), tmp_path / "batch.yaml", how)
    actual = dumps.read(peer.databases, COPY)

    assert run.exit_status == 0, run.told
    expect_equal(snapshot, expected, actual)


@each(PARTLY_GOOD)
def test_run_does_the_good_items_and_leaves_the_bad_ones(peer: Peer, snapshot: Snapshot, tmp_path: Path) -> None:
    snapshot.restore(COPY)
    assert peer.oracle.apply(snapshot.of_good_items(), COPY) is None
    expected = dumps.read(peer.databases, COPY)
    snapshot.restore(COPY)

    run = ours.run(snapshot, peer.databases.url(COPY), tmp_path / "batch.yaml")
    actual = dumps.read(peer.databases, COPY)
    left_over = peer.carries_on(snapshot)

    items = run.status["items"]
    assert items["succeeded"] == len(snapshot.operation["good"])
    assert items["failed"] + items["skipped"] == len(snapshot.operation["items"]) - items["succeeded"]
    assert run.exit_status == (1 if items["failed"] else 0)
    expect_equal(snapshot, expected, actual)
    assert left_over == {}


def as_run_leaves_it(peer: Peer, snapshot: Snapshot) -> dumps.Tables | JavaError:
    """What the sync method leaves, with the operation log of the Java engine's batch where it has such a batch."""
    synchronous, batch = peer.leaves(snapshot.as_batch()), peer.leaves(snapshot, "--batch")
    if isinstance(synchronous, JavaError) or isinstance(batch, JavaError):
        return synchronous
    return without_operation(snapshot, synchronous) | {OPERATION_LOG: batch[OPERATION_LOG]}


def as_run_leaves_it_again(peer: Peer, snapshot: Snapshot) -> dumps.Tables | JavaError:
    """The same, found out once more."""
    peer.leaves_again(snapshot.as_batch())
    return as_run_leaves_it(peer, snapshot)


def without_operation(snapshot: Snapshot, tables: dumps.Tables) -> dumps.Tables:
    """The dump with new details of no operation: those of a batch's jobs are of none."""
    before = {row["ID_"] for row in snapshot.tables[DETAIL]}
    details = [row if row["ID_"] in before else row | {"OPERATION_ID_": None} for row in tables[DETAIL]]
    return tables | {DETAIL: [{column: row[column] for column in row if row[column] is not None} for row in details]}


@each([scenario for scenario in DONE if scenario.has_batch])
def test_java_engines_own_batch_differs_only_in_its_operation_log(peer: Peer, snapshot: Snapshot) -> None:
    synchronous, batch = peer.leaves(snapshot), peer.leaves(snapshot, "--batch")
    if isinstance(batch, JavaError):
        assert batch.type == "UnsupportedOperationException"
        return
    assert not isinstance(synchronous, JavaError), synchronous

    tables = [
        dumps.without(dumps.without_revisions(dumps.without_batches(each)), OPERATION_LOG)
        for each in (without_operation(snapshot, synchronous), batch)
    ]

    expect_equal(snapshot, *tables)


@each(REFUSED)
def test_sync_method_refuses_what_the_java_engine_refuses_and_changes_nothing(peer: Peer, snapshot: Snapshot) -> None:
    refusal = peer.leaves(snapshot)

    with peer.copy(snapshot) as database:
        error = ours.apply(snapshot, database)
    actual = dumps.read(peer.databases, COPY)

    assert isinstance(refusal, JavaError)
    assert error is not None
    assert family_names(error) & {refusal.type}, error
    assert ordered(without_entity(str(error))) == ordered(without_entity(refusal.message))
    expect_equal(snapshot, snapshot.tables, actual)


@each(NEEDS_JVM)
def test_sync_method_refuses_what_needs_a_jvm_and_changes_nothing(peer: Peer, snapshot: Snapshot) -> None:
    with peer.copy(snapshot) as database:
        error = ours.apply(snapshot, database)
    actual = dumps.read(peer.databases, COPY)

    assert isinstance(error, JvmCodeError)
    expect_equal(snapshot, snapshot.tables, actual)


def family_names(error: Exception) -> set[str]:
    """What the Java engine calls the error's type and those above it."""
    return {kind.__name__.removesuffix("Error") + "Exception" for kind in type(error).__mro__}


def ordered(message: str) -> list[str]:
    """The message's parts; of several instances in one message the Java engine tells in any order."""
    return sorted(re.split(r"\n(?=\tCannot migrate)", message.rstrip("\n")))


def without_entity(message: str) -> str:
    """The message without what stands for a row as Java shows objects, or for one that is gone with the transaction."""
    message = re.sub(r"(?<=process instance: ).*(?=: instance\.getEndTime\(\))", "…", message)
    return re.sub(r"(?<=^ENGINE-03043 Execution with id ').*(?=' is suspended)", "…", message)
