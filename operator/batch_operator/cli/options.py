"""Options that several commands have, and what they stand for."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy import URL

from batch_operator.environment import LEDGER_SCHEMA, URL_VARIABLE, url_of_environment
from batch_operator.manifests import DEFAULT_NAMESPACE, Manifests, read_manifests
from process_engine.batch.ledger import DEFAULT_SCHEMA, Ledger
from process_engine.database import connect, database_url
from process_engine.errors import ProcessEngineError

STANDARD_INPUT = "-"
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


def manifests_option(command: Command) -> Command:
    """`-f`."""
    return click.option(
        "-f",
        "--filename",
        "filenames",
        multiple=True,
        required=True,
        metavar="FILE",
        help="Manifests: a YAML file of one or more documents, a folder of them, or - for standard input.",
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
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).is_file()):
        raise NoDatabaseFileError(f"{url.database!r} is no file; process-batch init makes an embedded engine there")
    return url


def ledger_given(database: str | None, schema: str | None) -> Ledger:
    """The ledger in the database that is given; it must be there."""
    ledger = Ledger(connect(url_given(database)), schema or DEFAULT_SCHEMA, create=False)
    ledger.ensure()
    return ledger


def manifests_given(filenames: tuple[str, ...], namespace: str) -> Manifests:
    """Read the files and folders of `-f`."""
    sources: dict[str, str] = {}
    for filename in filenames:
        for path in _files(filename):
            sources[path] = _text(path)
    return read_manifests(sources, namespace)


def _files(filename: str) -> list[str]:
    if filename == STANDARD_INPUT or not Path(filename).is_dir():
        return [filename]
    found = [path for path in Path(filename).iterdir() if path.suffix in (".yaml", ".yml", ".json")]
    return sorted(str(path) for path in found)


def _text(path: str) -> str:
    if path == STANDARD_INPUT:
        return sys.stdin.read()
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}", param_hint="-f") from None
    except UnicodeDecodeError:
        raise click.BadParameter(f"{path}: is not text in UTF-8", param_hint="-f") from None
