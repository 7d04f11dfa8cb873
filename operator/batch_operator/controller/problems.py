"""Errors as problems of a Batch or an engine: which reason, what is said, and whether it may pass by itself.

Nothing said here holds a password: messages of the driver are used, never URLs or statements with their parameters.
"""

import re
import traceback

from psycopg import errors as postgres
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from batch_operator.controller.cluster import ClusterError
from batch_operator.lifecycle.conditions import Reason
from batch_operator.lifecycle.observed import Problem
from batch_operator.resources.problems import problems
from process_engine.errors import EngineFactError, ProcessEngineError

_AUTHENTICATION = ("28000", "28P01")
# A connection that is refused has no code, only words.
_AUTHENTICATION_WORDS = re.compile(
    r"authentication failed|no pg_hba\.conf entry|no password supplied"
    r"|not permitted to log in|role \".*\" does not exist"
)


class EngineProblemError(Exception):
    """An engine cannot be used."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


HANDLED = (EngineProblemError, ProcessEngineError, SQLAlchemyError, ClusterError)
"""Errors that a status shows; any other is a fault of the operator."""


def problem_of(error: Exception) -> Problem | None:
    """What an error means for the Batch or engine it came up with; `None` where it is a fault of the operator."""
    if isinstance(error, EngineProblemError):
        return error.problem
    if isinstance(error, SQLAlchemyError):
        return _database_problem(error)
    if isinstance(error, ClusterError):
        return Problem(Reason.CLUSTER_UNREACHABLE, str(error), passing=True)
    if isinstance(error, EngineFactError):
        return Problem(Reason.INVALID_ENGINE, str(error))  # here a ProcessEngine says those facts
    return Problem.of(error) if isinstance(error, ProcessEngineError) else None


def _database_problem(error: SQLAlchemyError) -> Problem:
    cause = error.orig if isinstance(error, DBAPIError) else None
    message = _first_line(str(cause)) if cause is not None else type(error).__name__
    if _is_about_the_user(cause, message):
        return Problem(Reason.AUTHENTICATION_FAILED, message)
    if isinstance(cause, postgres.InsufficientPrivilege):
        return Problem(Reason.PERMISSION_DENIED, message)
    return Problem(Reason.DATABASE_UNREACHABLE, message, passing=True)


def _is_about_the_user(cause: BaseException | None, message: str) -> bool:
    return bool(_AUTHENTICATION_WORDS.search(message)) or getattr(cause, "sqlstate", None) in _AUTHENTICATION


def _first_line(message: str) -> str:
    return message.strip().partition("\n")[0]


def invalid(reason: Reason, error: ValidationError) -> Problem:
    """All rules that a spec breaks, each with its field and value."""
    return Problem(reason, "; ".join(problems(error, "spec")))


def fault(error: Exception) -> str:
    """Where the operator itself went wrong; without the message, which may hold what a driver was given."""
    if isinstance(error, ClusterError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "nowhere"
    own = next((f"{f.filename}:{f.lineno}" for f in reversed(frames) if "batch_operator" in f.filename), place)
    return f"{type(error).__name__} at {own} ({place})"
