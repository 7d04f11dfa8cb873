"""The table of a benchmark, and the machine that it was measured on."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from support.peer.databases import Databases

COLUMNS = ("operation", "by", "instances", "instances/s", "of the floor", "statements a chunk", "program start")


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown."""
    lines = [f"| {' | '.join(COLUMNS)} |", f"|{' --- |' * len(COLUMNS)}"]
    lines += [f"| {' | '.join(_cells(row))} |" for row in rows]
    return "\n".join(lines)


def _cells(row: dict[str, Any]) -> list[str]:
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
