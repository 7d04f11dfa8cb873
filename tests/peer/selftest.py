"""The Java engine against itself, in all operations, those that our engine is still to get included.

`python tests/peer/selftest.py [SCENARIO …]`: each scenario's operation is applied twice by the synchronous method and
once as a batch, dumps are compared, and all three databases are carried on. What differs here is the Java engine's own
and tells what a comparison with it can demand.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.peer import dumps, scenarios
from support.peer.databases import Databases
from support.peer.differences import count_rows, differences
from support.peer.oracle import Oracle, Snapshot
from support.peer.program import JavaError, Shell
from support.postgres import running_server

ONCE, AGAIN, BATCH = RUNS = ("selftest_once", "selftest_again", "selftest_batch")
FLAGS = {ONCE: (), AGAIN: ("--events-first",), BATCH: ()}


def test(oracle: Oracle, server: Databases, scenario: scenarios.Scenario) -> list[str]:
    """Notes on one scenario; what begins with a capital is wrong."""
    snapshot = oracle.snapshot(scenario)
    errors = {}
    for database in RUNS:
        snapshot.restore(database)
        errors[database] = oracle.apply(snapshot, database, *(["--batch"] if database == BATCH else []))
    if bool(errors[ONCE]) != scenario.refused:
        return [f"Refused, or not, against what the scenario says: {errors[ONCE]}"]
    tables = {database: dumps.read(server, database) for database in RUNS}
    notes = compare_repeat(snapshot, tables)
    if scenario.refused:
        return [*notes, str(errors[ONCE])]
    if errors[BATCH]:
        return [*notes, f"batch: {errors[BATCH]}", *carry_on(oracle, snapshot, (ONCE, AGAIN))]
    return [*notes, *compare_batch(snapshot, tables), *carry_on(oracle, snapshot, RUNS)]


def compare_repeat(snapshot: Snapshot, tables: dict[str, dumps.Tables]) -> list[str]:
    first, again = (snapshot.normalised(tables[database]) for database in (ONCE, AGAIN))
    changed = count_rows(differences(snapshot.normalised(snapshot.tables), first))
    repeat = differences(first, again)
    return [f"{changed} rows changed", "repeat equal" if not repeat else "Repeat differs:\n" + "\n".join(repeat)]


def compare_batch(snapshot: Snapshot, tables: dict[str, dumps.Tables]) -> list[str]:
    plain = [dumps.without_batches(dumps.without_revisions(tables[name])) for name in (ONCE, BATCH)]
    lines = differences(*map(snapshot.normalised, plain))
    where = [line for line in lines if not line.startswith(" ")]
    if not lines:
        return ["batch equal"]
    return ["batch logs a summary"] if where == ["ACT_HI_OP_LOG"] else ["batch differs:\n" + "\n".join(lines)]


def carry_on(oracle: Oracle, snapshot: Snapshot, databases: tuple[str, ...]) -> list[str]:
    notes = []
    for database in databases:
        try:
            left = oracle.carry_on(snapshot, database, *FLAGS[database])
        except JavaError as error:
            notes.append(f"Carry-on of {database}: {error}")
        else:
            notes += [f"Carry-on of {database} leaves {left}"] if left else []
    return notes


def test_all(databases: Databases, names: list[str]) -> int:
    wrong = 0
    with Shell(databases) as shell:
        oracle = Oracle(databases, shell)
        for scenario in scenarios.load():
            if names and scenario.name not in names:
                continue
            try:
                notes = test(oracle, databases, scenario)
            except JavaError as error:
                notes = [f"Failed: {error}"]
            wrong += any(note[0].isupper() for note in notes)
            print(f"{scenario.name:36} {', '.join(notes)}", flush=True)
    return wrong


def main(names: list[str]) -> int:
    with running_server() as server:
        databases = Databases(server.conninfo)
        wrong = test_all(databases, names)
        for database in RUNS:
            databases.drop(database)
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
