"""Options that several commands have, and what they stand for."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click
from sqlalchemy import URL

from batch_operator.environment import DEFAULT_NAMESPACE, LEDGER_SCHEMA, URL_VARIABLE, url_of_environment
from process_engine.batch.ledger import DEFAULT_SCHEMA, Ledger
from process_engine.database import connect, database_named, database_url
from process_engine.errors import ProcessEngineError

Command = TypeVar("Command", bound=Callable[..., Any])


class NoDatabaseFileError(ProcessEngineError):
    """An SQLite URL names a file that is not there; opening it would make an empty one."""


def database_option(command: Command) -> Command:
    """`--database-url`."""
    return click.option(
        "--database-url",
        metavar="URL",
        help=f"The engine's database: postgresql://… or sqlite:///file. Left out, {URL_VARIABLE} or its like say it; "
        "a password is better kept there.",
    )(command)


def ledger_option(command: Command) -> Command:
    """`--ledger-schema`."""
    return click.option(
        "--ledger-schema",
        envvar=LEDGER_SCHEMA,
        metavar="NAME",
        help=f"Schema of the ledger's tables. [default: {DEFAULT_SCHEMA}]",
    )(command)


def namespace_option(command: Command) -> Command:
    """`--namespace`."""
    return click.option(
        "-n",
        "--namespace",
        default=DEFAULT_NAMESPACE,
        show_default=True,
        help="Namespace of Batches that name none; names are unique in it.",
    )(command)


def output_option(*formats: str) -> Callable[[Command], Command]:
    """`-o`."""
    return click.option("-o", "--output", type=click.Choice(formats), help="Form of the output.")


def url_given(given: str | None) -> URL:
    """The database's URL from the option or the environment.

    Raises:
        NoDatabaseFileError: An SQLite file that is not there.
    """
    url = database_url(given) if given else url_of_environment(os.environ)
    if not database_named(url.get_backend_name()).is_there(url):
        raise NoDatabaseFileError(f"{url.database!r} is no file; process-batch init makes an embedded engine there")
    return url


def ledger_given(database: str | None, schema: str | None) -> Ledger:
    """The ledger in the database that is given; it must be there."""
    ledger = Ledger(connect(url_given(database)), schema or DEFAULT_SCHEMA, create=False)
    ledger.ensure()
    return ledger
