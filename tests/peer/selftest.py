"""The Java engine against itself, in all operations, those that our engine is still to get included.

`python tests/peer/selftest.py [SCENARIO …]`: each scenario's operation is applied twice by the synchronous method and
once as a batch, dumps are compared, and all three databases are carried on. What differs here is the Java engine's own
and tells what a comparison with it can demand.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.peer import dumps, scenarios
from support.peer.differences import count_rows, differences
from support.peer.oracle import Oracle, Snapshot
from support.peer.program import JavaError, Shell
from support.peer.server import Server

RUNS = {"selftest_a": (), "selftest_b": (), "selftest_batch": ("--batch",)}
CARRY_ON = {"selftest_a": (), "selftest_b": ("--events-first",), "selftest_batch": ()}


def test(oracle: Oracle, server: Server, scenario: scenarios.Scenario) -> list[str]:
    """Notes on one scenario; what begins with a capital is wrong."""
    snapshot = oracle.snapshot(scenario)
    errors = {}
    for database, flags in RUNS.items():
        snapshot.restore(database)
        errors[database] = oracle.apply(snapshot, database, *flags)
    notes = compare(snapshot, {database: dumps.read(server, database) for database in RUNS})
    notes += [f"{database}: {error}" for database, error in errors.items() if error]
    return notes + carry_on(oracle, snapshot)


def compare(snapshot: Snapshot, tables: dict[str, dumps.Tables]) -> list[str]:
    first, again = (snapshot.normalised(tables[database]) for database in ("selftest_a", "selftest_b"))
    plain = [dumps.without_batches(dumps.without_revisions(tables[name])) for name in ("selftest_a", "selftest_batch")]
    changed = count_rows(differences(snapshot.normalised(snapshot.tables), first))
    repeat = differences(first, again)
    batch = differences(*map(snapshot.normalised, plain))
    return [
        f"{changed} rows changed",
        "repeat equal" if not repeat else "Repeat differs:\n" + "\n".join(repeat),
        "batch equal" if not batch else "batch differs:\n" + "\n".join(batch),
    ]


def carry_on(oracle: Oracle, snapshot: Snapshot) -> list[str]:
    notes = []
    for database, flags in CARRY_ON.items():
        try:
            left = oracle.carry_on(snapshot, database, *flags)
        except JavaError as error:
            notes.append(f"Carry-on of {database}: {error}")
        else:
            notes += [f"Carry-on of {database} leaves {left}"] if left else []
    return notes


def main(names: list[str]) -> int:
    server = Server(os.environ["PROCESS_BATCH_TEST_POSTGRES"])
    wrong = 0
    with Shell(server) as shell:
        oracle = Oracle(server, shell)
        for scenario in scenarios.load():
            if names and scenario.name not in names:
                continue
            try:
                notes = test(oracle, server, scenario)
            except JavaError as error:
                notes = [f"Failed: {error}"]
            wrong += any(note[0].isupper() for note in notes)
            print(f"{scenario.name:36} {', '.join(notes)}", flush=True)
    for database in RUNS:
        server.drop(database)
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
