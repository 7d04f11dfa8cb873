"""What errors mean for a Batch, and what is said of them."""

import psycopg
import pytest
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError, ProgrammingError

from batch_operator.controller.cluster import ClusterError
from batch_operator.controller.problems import EngineProblemError, fault, invalid, problem_of
from batch_operator.lifecycle.conditions import Reason
from batch_operator.lifecycle.observed import Problem
from batch_operator.resources.engine import ProcessEngineSpec
from process_engine.batch.ledger import LedgerMissingError
from process_engine.batch.resolution import MaxItemsExceededError
from process_engine.errors import BadUserRequestError, EngineFactError, InvalidDatabaseUrlError, UnsupportedSchemaError


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (InvalidDatabaseUrlError("m"), Reason.INVALID_DATABASE_URL),
        (UnsupportedSchemaError("m"), Reason.UNSUPPORTED_SCHEMA),
        (EngineFactError("m"), Reason.INVALID_ENGINE),
        (LedgerMissingError("m"), Reason.LEDGER_MISSING),
        (MaxItemsExceededError("m"), Reason.MAX_ITEMS_EXCEEDED),
        (BadUserRequestError("m"), Reason.REFUSED),
        (EngineProblemError(Problem(Reason.SECRET_NOT_FOUND, "m")), Reason.SECRET_NOT_FOUND),
    ],
)
def test_what_a_human_must_mend_stalls(error: Exception, reason: Reason) -> None:
    problem = problem_of(error)

    assert problem == Problem(reason, "m")


@pytest.mark.parametrize(
    "said",
    [
        'FATAL:  password authentication failed for user "flows"',
        'FATAL:  role "flows" does not exist',
        'FATAL:  no pg_hba.conf entry for host "10.88.0.5"',
        "fe_sendauth: no password supplied",
    ],
)
def test_a_refused_user_is_told_from_a_database_that_is_away(said: str) -> None:
    refused = problem_of(OperationalError("SELECT 1", {}, psycopg.OperationalError(said)))
    away = problem_of(OperationalError("SELECT 1", {}, psycopg.OperationalError("connection refused")))

    assert refused == Problem(Reason.AUTHENTICATION_FAILED, said)
    assert away == Problem(Reason.DATABASE_UNREACHABLE, "connection refused", passing=True)


def test_a_missing_right_in_the_database_stalls() -> None:
    error = ProgrammingError("CREATE SCHEMA x", {}, psycopg.errors.InsufficientPrivilege("permission denied"))

    assert problem_of(error) == Problem(Reason.PERMISSION_DENIED, "permission denied")


def test_an_api_server_that_does_not_answer_passes_by_itself() -> None:
    problem = problem_of(ClusterError(0, "create Job: timed out"))

    assert problem == Problem(Reason.CLUSTER_UNREACHABLE, "create Job: timed out", passing=True)


def test_statements_and_their_parameters_are_never_told() -> None:
    cause = psycopg.OperationalError("server closed the connection\nDETAIL: more")

    problem = problem_of(OperationalError("INSERT INTO t VALUES (%s)", {"password": "s3cret"}, cause))

    assert problem is not None
    assert problem.message == "server closed the connection"


def test_a_fault_of_the_program_is_told_by_its_place_alone() -> None:
    def break_down() -> None:
        raise KeyError("postgresql://user:s3cret@host")

    with pytest.raises(KeyError) as caught:
        break_down()

    assert problem_of(caught.value) is None
    assert "s3cret" not in fault(caught.value)
    assert "KeyError at " in fault(caught.value)


def test_a_spec_that_breaks_rules_names_field_and_value() -> None:
    with pytest.raises(ValidationError) as caught:
        ProcessEngineSpec.model_validate({"database": {"host": "db", "port": 70000}, "ledger": {"create": "yes"}})

    problem = invalid(Reason.INVALID_ENGINE, caught.value)

    assert "spec.database.port: 70000 must be at most 65535" in problem.message
    assert "spec.ledger.create" in problem.message
