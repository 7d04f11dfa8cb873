"""Peak memory of resolution and of a worker, and its pace, by the size of the set: `python tests/benchmarks/memory.py`.

The set is resolved by `process-batch run` of a suspended Batch, which is what an operator does for it; the worker is
the program that a Job pod runs. What is measured is each program's peak resident set, and how many items a second the
worker did in each tenth of the set.
"""

import argparse
import itertools
import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.benchmark.contenders import PROGRAM, RUN, batch
from support.benchmark.operations import OPERATIONS, Operation
from support.benchmark.processes import run_to_end
from support.benchmark.report import machine
from support.benchmark.stock import Stocks
from support.peer.databases import Databases
from support.peer.program import Shell
from support.postgres import running_server

SIZES = (10_000, 200_000)
PARTS = 10
TOUCHED: dict[str, tuple[str, ...]] = {
    "Cancellation": (),
    "JobRetries": (
        "act_ru_execution",
        "act_ru_job",
        "act_ru_incident",
        "act_hi_incident",
        "act_hi_procinst",
        "act_ge_bytearray",
    ),
}
"""Tables that an operation reads or writes, all if none is named: the others need not grow."""
SUSPENDED = 3
"""How `run` ends when its Batch was resolved and waits."""


def measure(databases: Databases, stock: str, operation: Operation, folder: Path) -> dict[str, Any]:
    databases.copy(stock, RUN, "file_copy")
    manifest = folder / "batch.json"
    manifest.write_text(json.dumps(batch(operation, suspend=True)))
    environment = {"PROCESS_BATCH_DATABASE_URL": databases.url(RUN)}
    words = (PROGRAM, "run", "-f", manifest, "-o", "json")
    resolution = run_to_end(*words, environment=environment, ends_well=(SUSPENDED,))
    status = json.loads(resolution.output.splitlines()[-1])["status"]
    with databases.connect(RUN) as connection:
        connection.execute("update process_batch.batch set suspended = false")
    worker = run_to_end(PROGRAM, "worker", "--batch-id", status["batchId"], environment=environment)
    with databases.connect(RUN) as connection:
        left = connection.execute(operation.open).fetchall()
        finished = connection.execute("select finished_time, size from process_batch.chunk order by 1").fetchall()
    assert left == [(0,)], left
    return {
        "operation": operation.name,
        "items": status["items"]["total"],
        "resolution_mib": round(resolution.peak_mebibytes, 1),
        "worker_mib": round(worker.peak_mebibytes, 1),
        "per_second_over_time": pace(finished),
    }


def pace(finished: Sequence[tuple[datetime, int]]) -> list[int]:
    """Items a second in each part of the run, by when chunks were finished; the first chunk is where time begins."""
    parts = min(PARTS, len(finished) - 1)
    bounds = [part * (len(finished) - 1) // parts for part in range(parts + 1)]
    rates: list[int] = []
    for first, last in itertools.pairwise(bounds):
        items = sum(size for _, size in finished[first + 1 : last + 1])
        rates.append(round(items / (finished[last][0] - finished[first][0]).total_seconds()))
    return rates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("operations", nargs="*", default=list(TOUCHED), help=f"Of {', '.join(TOUCHED)}.")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--results", type=Path, default=Path(__file__).with_name("memory.json"))
    arguments = parser.parse_args()
    with running_server(durable=True) as server, tempfile.TemporaryDirectory() as folder:
        databases = Databases(server.conninfo)
        chosen = [operation for operation in OPERATIONS if operation.name in arguments.operations]
        rows: list[dict[str, Any]] = []
        with Shell(databases) as shell:
            for operation, size in itertools.product(chosen, arguments.sizes):
                stock = Stocks(databases, shell).of(operation, size, TOUCHED[operation.name])
                rows.append(measure(databases, stock, operation, Path(folder)))
        databases.drop(RUN)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        results = {"measured": now, "machine": machine(databases), "rows": rows}
    arguments.results.write_text(json.dumps(results, indent=1) + "\n")
    print("| operation | items | resolution, MiB | worker, MiB | items/s, tenth by tenth |\n|" + " --- |" * 5)
    for row in rows:
        paces = ", ".join(f"{rate:,}" for rate in row["per_second_over_time"])
        cells = (row["operation"], f"{row['items']:,}", row["resolution_mib"], row["worker_mib"], paces)
        print("|", " | ".join(map(str, cells)), "|")


if __name__ == "__main__":
    main()
