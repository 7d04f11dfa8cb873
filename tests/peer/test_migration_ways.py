"""The two ways in which our engine migrates leave the same, where the one that is set-based applies."""

from typing import Any

import pytest

from process_engine.database import connect
from process_engine.operations.migration import operation as migration
from process_engine.operations.migration.operation import MigrationRequest, migrate_process_instances
from support.peer import dumps, ours, scenarios
from support.peer.databases import Databases
from support.peer.differences import differences
from support.peer.oracle import COPY, Oracle, Snapshot

STRAIGHT = (
    "migrate-listeners-of-a-kept-scope",
    "migrate-timers-kept",
    "migrate-timer-that-has-fired",
    "migrate-timer-that-repeats",
    "migrate-job-before-what-no-flow-leads-to",
    "migrate-job-after-what-no-flow-leaves",
    "migrate-job-after-what-flows-leave",
    "migrate-same",
    "migrate-parallel",
    "migrate-call",
    "migrate-failed-job",
    "migrate-async",
    "migrate-variables-and-query",
    "migrate-task-details",
)
SCENARIOS = [scenario for scenario in scenarios.offered() if scenario.name in STRAIGHT]


def migrated(databases: Databases, snapshot: Snapshot, *, on_trees_only: bool) -> dumps.Tables:
    """What is left of a copy of the snapshot."""
    snapshot.restore(COPY)
    database = connect(databases.url(COPY))
    engine = ours.attach(database, snapshot.scenario.engine)
    options = MigrationRequest(plan=ours.plan_of(engine, snapshot.operation["plan"]), on_trees_only=on_trees_only)
    with engine.begin() as transaction:
        outcome = migrate_process_instances(transaction, snapshot.operation["items"], options)
    database.dispose()
    assert outcome.failed == {}
    return dumps.read(databases, COPY)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_both_ways_leave_the_same(
    databases: Databases, oracle: Oracle, monkeypatch: pytest.MonkeyPatch, scenario: scenarios.Scenario
) -> None:
    snapshot, on_trees = oracle.snapshot(scenario), list[Any]()
    expected = migrated(databases, snapshot, on_trees_only=True)
    migrate_trees = migration.migrate_trees

    def noted(transaction: Any, ids: Any, *models: Any, **how: Any) -> Any:
        on_trees.extend(ids)
        return migrate_trees(transaction, ids, *models, **how)

    monkeypatch.setattr(migration, "migrate_trees", noted)
    actual = migrated(databases, snapshot, on_trees_only=False)

    lines = differences(snapshot.normalised(expected), snapshot.normalised(actual))
    assert not lines, "\n".join(["on trees -> set-based", *lines])
    assert on_trees == []
