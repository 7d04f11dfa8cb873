"""How commands end: exit statuses, and errors as one line on standard error instead of a traceback."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from enum import IntEnum
from functools import wraps

import click
from sqlalchemy.exc import SQLAlchemyError

from batch_operator.environment import EnvironmentProblemError
from batch_operator.errors import ManifestError, WorkersFailedError, driver_message
from process_engine.errors import InvalidDatabaseUrlError, ProcessEngineError


class Exit(IntEnum):
    """Exit statuses of the commands that people call."""

    COMPLETE = 0
    ITEMS_FAILED = 1
    BAD_INPUT = 2
    COULD_NOT_RUN = 3
    INTERRUPTED = 130


def exit_on_error(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command end with a message and an exit status when it cannot do its work."""

    @wraps(command)
    def wrapped(*arguments: object, **options: object) -> None:
        with errors_as_exit():
            command(*arguments, **options)

    return wrapped


@contextmanager
def errors_as_exit() -> Generator[None, None, None]:
    """End the program on errors that are the world's and not its own."""
    try:
        yield
    except ManifestError as error:
        end(Exit.BAD_INPUT, *error.problems)
    except (InvalidDatabaseUrlError, EnvironmentProblemError) as error:
        end(Exit.BAD_INPUT, str(error))
    except SQLAlchemyError as error:
        end(Exit.COULD_NOT_RUN, f"the database failed: {driver_message(error)}")
    except (ProcessEngineError, WorkersFailedError) as error:
        end(Exit.COULD_NOT_RUN, str(error))


def end(status: Exit, *messages: str) -> None:
    """Say why and exit."""
    for message in messages:
        click.echo(f"process-batch: {message}", err=True)
    sys.exit(status)
