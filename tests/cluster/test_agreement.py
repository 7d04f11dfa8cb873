"""After Batches in the cluster the Java engine agrees with every row that is left, and goes on from there.

The same operations are run by the Java engine on another copy of the same database, and whole dumps of all ACT_* tables
are compared. Only the times at which the two worked differ; they are compared as "set".
"""

import re
from dataclasses import replace
from typing import Any

from support.flows import Flows
from support.peer import dumps
from support.peer.databases import Databases
from support.peer.differences import differences
from support.peer.oracle import Oracle, Snapshot

COPY = "cluster_java"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


def ids(flows: Flows, statement: str) -> list[str]:
    return [row["id"] for row in flows.query(statement)]


def with_new_times_alike(tables: dumps.Tables, before: dumps.Tables) -> dumps.Tables:
    """A dump in which a time that was not there before is only told to be set."""
    known = {value for _, row in dumps.rows_of(before) for value in row.values() if isinstance(value, str)}

    def plain(value: Any) -> Any:
        return "set" if isinstance(value, str) and value not in known and TIME.match(value) else value

    return {
        table: [{column: plain(value) for column, value in row.items()} for row in rows]
        for table, rows in tables.items()
    }


def test_three_batches_leave_what_the_java_engine_leaves_and_it_carries_on(
    small_flows: Flows, small_stock: Snapshot, oracle: Oracle
) -> None:
    flows, stock = small_flows, small_stock
    jobs = ids(flows, "SELECT id_ AS id FROM act_ru_job WHERE retries_ = 0")
    tasks = ids(flows, "SELECT id_ AS id FROM act_ru_ext_task WHERE retries_ = 0")
    ended = ids(flows, "SELECT id_ AS id FROM act_hi_procinst WHERE end_time_ IS NOT NULL")
    databases = Databases(flows.postgres.conninfo)

    flows.apply(
        "jobs",
        operation={"type": "JobRetries", "jobRetries": {"retries": 2}},
        query={"jobs": {"noRetriesLeft": True}},
        parallelism=2,
        chunkSize=2,
    )
    flows.apply(
        "tasks",
        operation={"type": "ExternalTaskRetries", "externalTaskRetries": {"retries": 5}},
        query={"externalTasks": {"noRetriesLeft": True}},
    )
    flows.apply("ended", operation={"type": "HistoricDeletion"}, ids={"processInstances": ended}, chunkSize=2)
    for name in ("jobs", "tasks", "ended"):
        flows.finished(name)
    stock.restore(COPY)
    for operation in (
        {"type": "jobRetries", "ids": jobs, "retries": 2},
        {"type": "externalTaskRetries", "ids": tasks, "retries": 5},
        {"type": "historicDeletion", "ids": ended},
    ):
        assert oracle.apply(replace(stock, operation=operation), COPY) is None

    expected, actual = (
        stock.normalised(with_new_times_alike(dumps.read(databases, database), stock.tables))
        for database in (COPY, flows.database)
    )
    lines = differences(expected, actual)
    assert not lines, "\n".join(["expected -> actual", *lines])
    assert oracle.carry_on(stock, flows.database) == {}
