"""What commands print: lines for people, and JSON or CSV for programs."""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any

import click

from batch_operator.lifecycle.conditions import Phase
from batch_operator.local.results import Result
from process_engine.batch.ledger import FailureGroup

LONGEST_CELL = 120
ROWS_MEASURED = 200


def verdict(result: Result, *, to_stderr: bool) -> None:
    """Say what became of a Batch, in a few lines."""
    items = result.status.get("items")
    word = result.state.phase.value if result.state.phase is not Phase.WORKING else "Unfinished"
    reason = f" ({result.state.reason})" if result.state.reason.value not in (word, Phase.DRY_RUN.value) else ""
    click.echo(f"{result.name}: {word}{reason}: {result.state.message}", err=to_stderr)
    if items:
        numbers = ", ".join(f"{number} {name}" for name, number in items.items() if number or name == "total")
        click.echo(f"  {numbers}", err=to_stderr)
    for line in failure_lines(result.failures):
        click.echo(f"  {line}", err=to_stderr)


def failure_lines(failures: Sequence[FailureGroup]) -> Iterable[str]:
    """A line for each kind of failure."""
    for group in failures:
        ids = ", ".join(group.sample_ids) + (" …" if group.count > len(group.sample_ids) else "")
        yield f"{group.count} failed: {group.reason}: {group.message} [{ids}]"


def json_line(content: Any) -> None:
    """One JSON object on a line of standard output."""
    click.echo(json.dumps(content, ensure_ascii=False))


def result_line(result: Result) -> None:
    """A Batch as one JSON object: its name, and its status as the resource shows it."""
    json_line({"name": result.name, "status": result.status})


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], output: str | None) -> None:
    """Print rows: as CSV, as JSON objects, or in columns that line up."""
    if output == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    elif output == "json":
        for row in rows:
            json_line(dict(zip(columns, row, strict=True)))
    else:
        _columns(columns, rows)


def _columns(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    heads = [column.upper().replace("_", " ") for column in columns]
    cells = chain([heads], ([_cell(value) for value in row] for row in rows))
    first = list(islice(cells, ROWS_MEASURED))  # and not all: there may be a million
    widths = [max(len(row[place]) for row in first) for place in range(len(columns))]
    for row in chain(first, cells):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    text = "" if value is None else str(value).replace("\n", " ")
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"
