"""Ours, hand-written SQL and the Java engine's own batch, side by side: `python tests/benchmarks/run.py [--help]`.

In each round every contender works once on a fresh copy of the same stock, one right after the other, and what counts
is the median of the rounds: the ratios hold on a machine that is not quiet too. `startup` is what the program takes to
start. Prints tables, and puts what was measured into results.json, in the place of what was there of it.
"""

import argparse
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.benchmark.contenders import RUN, Contenders, Measured, statements_of
from support.benchmark.operations import OPERATIONS, Operation
from support.benchmark.report import Results, machine
from support.benchmark.startup import measure_starts
from support.benchmark.stock import MADE_BY_JAVA, Stocks
from support.peer.databases import Databases
from support.peer.program import Shell
from support.postgres import running_server

STARTUP = "startup"
RESULTS = Path(__file__).with_name("results.json")
DEFAULT_SETTINGS_LIMIT_SECONDS = 120
TUNED_LIMIT_SECONDS = 600

Contender = Callable[[], Measured]


def contenders_of(contenders: Contenders, stocks: Stocks, operation: Operation, number: int) -> dict[str, Contender]:
    """By what they are called in the table."""
    stock = stocks.of(operation, number)
    named = {
        "floor, 1 session": lambda: contenders.floor(operation, stock, 1),
        "process-batch, 1 worker": lambda: contenders.ours(operation, stock, 1),
        "floor, 2 sessions": lambda: contenders.floor(operation, stock, 2),
        "process-batch, 2 workers": lambda: contenders.ours(operation, stock, 2),
        "Operaton's batch, tuned": lambda: contenders.operaton(operation, stock, number, "tuned", TUNED_LIMIT_SECONDS),
    }
    return {name: each for name, each in named.items() if operation.floor or not name.startswith("floor")}


def measure(contenders: Contenders, stocks: Stocks, operation: Operation, number: int, rounds: int) -> list[dict]:
    """The rows of an operation."""
    named = contenders_of(contenders, stocks, operation, number)
    measured: dict[str, list[Measured]] = defaultdict(list)
    for turn in range(1, rounds + 1):
        for name, contender in named.items():
            measured[name].append(contender())
            print(f"{operation.name}, round {turn}, {name}: {measured[name][-1].per_second:,.0f}/s", file=sys.stderr)
    rows = [row_of(operation, name, runs) for name, runs in measured.items()]
    default = contenders.operaton(
        operation, stocks.of(operation, MADE_BY_JAVA), MADE_BY_JAVA, "default", DEFAULT_SETTINGS_LIMIT_SECONDS
    )
    rows.append(row_of(operation, "Operaton's batch, default", [default]))
    return with_statements(contenders.databases, stocks, operation, with_shares(rows))


def row_of(operation: Operation, name: str, runs: list[Measured]) -> dict[str, Any]:
    middle = sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]
    return {
        "operation": operation.name,
        "by": name,
        "instances": middle.items,
        "seconds": round(middle.seconds, 2),
        "per_second": round(middle.per_second),
        "rounds_per_second": [round(run.per_second) for run in runs],
    } | middle.detail


def with_shares(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each of ours as a part of the floor with as many sessions: the median of the rounds' ratios."""
    by_name = {row["by"]: row for row in rows}
    for ours, floor in (
        ("process-batch, 1 worker", "floor, 1 session"),
        ("process-batch, 2 workers", "floor, 2 sessions"),
    ):
        if floor not in by_name:
            continue
        pairs = zip(by_name[ours]["rounds_per_second"], by_name[floor]["rounds_per_second"], strict=True)
        by_name[ours]["of_the_floor"] = round(statistics.median(mine / limit for mine, limit in pairs), 2)
    return rows


def with_statements(
    databases: Databases, stocks: Stocks, operation: Operation, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    # only here: the rest, startup above all, measures checkouts of any layout by the command line
    from support.benchmark.counting import statements_a_chunk  # noqa: PLC0415

    databases.copy(stocks.of(operation, MADE_BY_JAVA), RUN, "file_copy")
    ours = statements_a_chunk(operation, databases.url(RUN))
    for row in rows:
        if row["by"].startswith("process-batch"):
            row["statements_a_chunk"] = ours
        elif row["by"].startswith("floor"):
            row["statements_a_chunk"] = len(statements_of(operation))
    return rows


def measure_all(databases: Databases, operations: list[Operation], number: int, rounds: int) -> list[dict[str, Any]]:
    """The rows of operations, one after the other."""
    rows: list[dict[str, Any]] = []
    with Shell(databases) as shell, tempfile.TemporaryDirectory() as folder:
        contenders = Contenders(databases, shell, Path(folder))
        for operation in operations:
            rows += measure(contenders, Stocks(databases, shell), operation, number, rounds)
    databases.drop(RUN)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [*(each.name for each in OPERATIONS), STARTUP]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"Of {', '.join(names)}; or all.")
    parser.add_argument("-n", type=int, default=20_000, help=f"Instances, a multiple of {MADE_BY_JAVA:,}.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--results", type=Path, default=RESULTS, help="Where the figures are put as JSON.")
    arguments = parser.parse_args()
    chosen = arguments.names or names
    if unknown := set(chosen) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    operations = [each for each in OPERATIONS if each.name in chosen]
    with running_server(durable=True) as server, tempfile.TemporaryDirectory() as folder:
        databases = Databases(server.conninfo)
        starts = measure_starts(server, Path(folder), arguments.rounds) if STARTUP in chosen else []
        rows = measure_all(databases, operations, arguments.n, arguments.rounds) if operations else []
        results = Results(machine(databases), rows, starts)
    results.put_into(arguments.results)
    print("\n\n".join(results.tables()))


if __name__ == "__main__":
    main()
