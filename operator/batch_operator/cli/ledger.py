"""Commands that ask the ledger: `status`, `items`, `failures`, `which`, and `ledger ddl`."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import click

from batch_operator.cli.exits import Exit, end, exit_on_error
from batch_operator.cli.options import database_option, ledger_given, ledger_option, namespace_option, output_option
from batch_operator.cli.output import result_line, table
from batch_operator.local.results import result_in_ledger
from process_engine.batch import items as item_outcomes
from process_engine.batch.items import ItemOutcome
from process_engine.batch.ledger import DEFAULT_SCHEMA, BatchRow, Ledger, ddl
from process_engine.database import database_named, known_databases

DATABASES = [database.name for database in known_databases()]
ITEM_COLUMNS = ("batch", "item_id", "process_instance_id", "outcome", "reason", "message")
STATUS_COLUMNS = (
    "name",
    "operation",
    "progress",
    "total",
    "succeeded",
    "failed",
    "skipped",
    "handed_over",
    "state",
    "batch_id",
)


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]…")
@database_option
@ledger_option
@namespace_option
@output_option("json", "csv")
@exit_on_error
def status(
    *,
    names: tuple[str, ...],
    database_url: str | None,
    ledger_schema: str | None,
    namespace: str,
    output: str | None,
) -> None:
    """Show how far Batches are; without a name, all of the namespace."""
    ledger = ledger_given(database_url, ledger_schema)
    rows = _rows(ledger, namespace, names) if names else ledger.all(namespace)
    results = [result_in_ledger(ledger, row) for row in rows]
    if output == "json":
        for result in results:
            result_line(result)
        return
    cells: list[list[Any]] = []
    for row, result in zip(rows, results, strict=True):
        found = result.status["items"]
        counts = [found[name] for name in ("total", "succeeded", "failed", "skipped", "handedOver")]
        state = result.state.reason.value
        cells.append([row.name, row.operation, result.status["progress"], *counts, state, row.batch_id])
    table(STATUS_COLUMNS, cells, output)


def _listing(name: str, read: Callable[[Ledger, str], Iterable[ItemOutcome]], description: str) -> click.Command:
    """A command that lists items of Batches."""

    @click.command(name, help=description)
    @click.argument("names", nargs=-1, required=True, metavar="NAME…")
    @database_option
    @ledger_option
    @namespace_option
    @output_option("csv", "json")
    @exit_on_error
    def listing(
        *,
        names: tuple[str, ...],
        database_url: str | None,
        ledger_schema: str | None,
        namespace: str,
        output: str | None,
    ) -> None:
        ledger = ledger_given(database_url, ledger_schema)
        rows = _rows(ledger, namespace, names)
        found = (outcome for row in rows for outcome in read(ledger, row.batch_id))
        table(ITEM_COLUMNS, _cells(rows, found), output)

    return listing


items = _listing("items", item_outcomes.items, "List all items of Batches with what became of them.")
failures = _listing("failures", item_outcomes.failed_items, "List the failed items of Batches with their errors.")


@click.command()
@click.argument("instance")
@database_option
@ledger_option
@output_option("csv", "json")
@exit_on_error
def which(*, instance: str, database_url: str | None, ledger_schema: str | None, output: str | None) -> None:
    """List which Batches touched a process instance, a job or an external task, and with what outcome."""
    ledger = ledger_given(database_url, ledger_schema)
    found = list(item_outcomes.which(ledger, instance))
    table(ITEM_COLUMNS, _cells(ledger.all(), found), output)


@click.group()
def ledger() -> None:
    """The ledger's tables."""


@ledger.command(name="ddl")
@click.option("--dialect", type=click.Choice(DATABASES), default=DATABASES[0], show_default=True)
@click.option("--ledger-schema", "schema", default=DEFAULT_SCHEMA, show_default=True, metavar="NAME")
def print_ddl(*, dialect: str, schema: str) -> None:
    """Print the statements that make the ledger's tables, for a DBA to run."""
    if re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", schema) is None:
        raise click.BadParameter(f"{schema!r} is not a plain lower-case name", param_hint="--ledger-schema")
    click.echo(ddl(database_named(dialect), schema), nl=False)


def _rows(ledger: Ledger, namespace: str, names: Sequence[str]) -> list[BatchRow]:
    found = {name: ledger.find(namespace, name) for name in names}
    if missing := [name for name, row in found.items() if row is None]:
        end(Exit.COULD_NOT_RUN, *(f"the ledger has no Batch {name} in namespace {namespace}" for name in missing))
    return [row for row in found.values() if row is not None]


def _cells(rows: Sequence[BatchRow], outcomes: Iterable[ItemOutcome]) -> Iterator[Sequence[Any]]:
    names = {row.batch_id: row.name for row in rows}
    for each in outcomes:
        yield names[each.batch_id], each.item_id, each.process_instance_id, each.outcome, each.reason, each.message
