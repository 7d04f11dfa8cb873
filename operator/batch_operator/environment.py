"""Where a database is, as the environment says: secrets come from files, which no process list and no log shows."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from sqlalchemy import URL

from process_engine.database import database_url
from process_engine.errors import InvalidDatabaseUrlError

URL_VARIABLE = "PROCESS_BATCH_DATABASE_URL"
URL_FILE = "PROCESS_BATCH_DATABASE_URL_FILE"
HOST = "PROCESS_BATCH_DATABASE_HOST"
PORT = "PROCESS_BATCH_DATABASE_PORT"
NAME = "PROCESS_BATCH_DATABASE_NAME"
USERNAME_FILE = "PROCESS_BATCH_DATABASE_USERNAME_FILE"
PASSWORD_FILE = "PROCESS_BATCH_DATABASE_PASSWORD_FILE"  # noqa: S105 - the name of a variable
LEDGER_SCHEMA = "PROCESS_BATCH_LEDGER_SCHEMA"
DEFAULT_PORT = "5432"
DEFAULT_NAMESPACE = "default"
PATIENCE_SECONDS = "PROCESS_BATCH_ENGINE_PATIENCE_SECONDS"
DEFAULT_PATIENCE = timedelta(minutes=5)
"""After which a Java engine that does nothing with what it was given is said not to be executing."""


class EnvironmentProblemError(Exception):
    """The environment does not say where the database is, or a file that it names cannot be read."""


def url_of_environment(environment: Mapping[str, str]) -> URL:
    """The database's URL, from `PROCESS_BATCH_DATABASE_URL_FILE`, `…_URL`, or the parts.

    Raises:
        EnvironmentProblemError: Nothing says where the database is.
        InvalidDatabaseUrlError: The URL is not allowed.
    """
    if URL_FILE in environment:
        return database_url(_content(environment, URL_FILE))
    if URL_VARIABLE in environment:
        return database_url(environment[URL_VARIABLE])
    if HOST in environment:
        return _url_of_parts(environment)
    raise EnvironmentProblemError(f"No database is given; set {URL_VARIABLE}, {URL_FILE} or {HOST}")


def patience_of_environment(environment: Mapping[str, str]) -> timedelta:
    """How long a Java engine may do nothing with what it was given.

    Raises:
        EnvironmentProblemError: It is not a number of seconds.
    """
    given = environment.get(PATIENCE_SECONDS)
    if given is None:
        return DEFAULT_PATIENCE
    if not given.isdecimal():
        raise EnvironmentProblemError(f"{PATIENCE_SECONDS} {given!r} is not a number of seconds")
    return timedelta(seconds=int(given))


def _url_of_parts(environment: Mapping[str, str]) -> URL:
    port = environment.get(PORT, DEFAULT_PORT)
    if not port.isdecimal():
        raise InvalidDatabaseUrlError(f"{PORT} {port!r} is not a number")
    if NAME not in environment:
        raise EnvironmentProblemError(f"{HOST} is set but {NAME} is not")
    return URL.create(
        "postgresql+psycopg",
        username=_content(environment, USERNAME_FILE),
        password=_content(environment, PASSWORD_FILE),
        host=environment[HOST],
        port=int(port),
        database=environment[NAME],
    )


def _content(environment: Mapping[str, str], variable: str) -> str:
    if variable not in environment:
        raise EnvironmentProblemError(f"{variable} is not set")
    path = environment[variable]
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise EnvironmentProblemError(f"{variable} {path!r} cannot be read: {error.strerror}") from None
