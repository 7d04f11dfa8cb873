"""`process-batch init`: the embedded engine."""

from pathlib import Path

import click

from batch_operator.cli.exits import exit_on_error
from batch_operator.cli.options import database_option
from batch_operator.environment import EnvironmentProblemError
from batch_operator.local.stock import fill, read_stock
from process_engine.database import connect
from process_engine.history_level import HistoryLevel
from process_engine.schema.creation import create

LEVELS = [level.name.lower() for level in HistoryLevel]


@click.command()
@database_option
@click.option("--history-level", type=click.Choice(LEVELS), default="full", show_default=True)
@click.option("--stock", type=click.Path(exists=True, dir_okay=False), help="Fill it with the instances of this file.")
@click.option("--copies", type=click.IntRange(1, 100_000), default=1, help="Of the stock, each under ids of its own.")
@exit_on_error
def init(*, database_url: str | None, history_level: str, stock: str | None, copies: int) -> None:
    """Make an engine's tables in an empty database, for example sqlite:///engine.db."""
    if database_url is None:
        raise EnvironmentProblemError("--database-url says where, for example sqlite:///engine.db")
    database = connect(database_url)
    create(database, HistoryLevel[history_level.upper()])
    click.echo(f"made the tables of an engine in {database.url.render_as_string()}")
    if stock is not None:
        number = fill(database, read_stock(Path(stock)), copies)
        click.echo(f"filled it with {number} process instances")
