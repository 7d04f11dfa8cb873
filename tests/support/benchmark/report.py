"""The tables of benchmarks, the file that keeps their figures, and the machine that they were measured on."""

import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from support.peer.databases import Databases

COLUMNS = ("operation", "by", "instances", "instances/s", "of the floor", "statements a chunk", "program start")
START_COLUMNS = ("start", "CPU seconds", "seconds")
HARDWARE = ("processor", "cores", "memory_gib")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Results:
    """What was measured in one run.

    Attributes:
        machine: Where.
        rows: Of operations.
        starts: Of the program.
    """

    machine: Mapping[str, Any]
    rows: Sequence[Row]
    starts: Sequence[Row]

    def put_into(self, file: Path) -> None:
        """Keep it in the place of what was measured of the same before; of another machine nothing is kept."""
        before = json.loads(file.read_text()) if file.exists() else {}
        if any(before.get("machine", {}).get(part) != self.machine[part] for part in HARDWARE):
            before = {}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        content = {
            "measured": now,
            "machine": self.machine,
            "rows": _replaced(before, "rows", self.rows, "operation", now),
            "starts": _replaced(before, "starts", self.starts, "start", now),
        }
        file.write_text(json.dumps(content, indent=1) + "\n")

    def tables(self) -> Iterator[str]:
        """Markdown."""
        if self.rows:
            yield _table(COLUMNS, map(_cells, self.rows))
        if self.starts:
            yield _table(START_COLUMNS, ([row["start"], row["cpu_seconds"], row["seconds"]] for row in self.starts))


def _replaced(before: Mapping[str, Any], member: str, rows: Sequence[Row], key: str, now: str) -> list[Row]:
    """What was there but is not among the new rows, and those; each with its time."""
    measured = {row[key] for row in rows}
    kept = [{"measured": before["measured"], **row} for row in before.get(member, []) if row[key] not in measured]
    return kept + [{"measured": now, **row} for row in rows]


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def _cells(row: Row) -> list[str]:
    share = row.get("of_the_floor")
    start = row.get("program_start_seconds")
    return [
        row["operation"],
        row["by"],
        f"{row['instances']:,}",
        f"{row['per_second']:,}",
        "" if share is None else f"{share:.0%}",
        str(row.get("statements_a_chunk", "")),
        "" if start is None else f"{start} s",
    ]


def machine(databases: Databases) -> dict[str, Any]:
    """What the figures belong to."""
    ((version,),) = databases.select("show server_version")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": platform.platform(),
        "python": platform.python_version(),
        "postgresql": version,
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
