"""Definitions come from where they were deployed, in one statement for many, and once."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from process_engine.engine import ProcessEngine
from process_engine.errors import NotFoundError
from process_engine.model import BpmnParseError, load_definitions
from support.models import deploy_file
from support.rows import Rows

MODEL = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">
  <process id="first"><startEvent id="one"/></process>
  <process id="second"><startEvent id="two"/></process>
</definitions>"""


@contextmanager
def counting_statements(database: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(database, "before_cursor_execute", note)
    yield statements
    event.remove(database, "before_cursor_execute", note)


def test_definitions_of_one_file_are_told_apart_by_their_keys(engine: ProcessEngine, rows: Rows) -> None:
    deploy_file(rows, MODEL, "first", "second", deployment="d1")

    with engine.begin() as transaction:
        found = load_definitions(transaction, ["second:1:d1", "first:1:d1"])

    assert {id_: list(definition.activities) for id_, definition in found.items()} == {
        "first:1:d1": ["one"],
        "second:1:d1": ["two"],
    }


def test_definitions_are_read_with_one_statement_and_only_once(
    database: Engine, engine: ProcessEngine, rows: Rows
) -> None:
    deploy_file(rows, MODEL, "first", "second", deployment="d1")
    deploy_file(rows, MODEL, "first", deployment="d2")

    with engine.begin() as transaction, counting_statements(database) as statements:
        first = load_definitions(transaction, ["first:1:d1", "first:1:d2"])
        again = load_definitions(transaction, ["first:1:d1", "first:1:d2", "second:1:d1"])
        load_definitions(transaction, ["first:1:d1", "second:1:d1"])
        load_definitions(transaction, [])

    assert first["first:1:d1"] is again["first:1:d1"]
    assert len(statements) == 2


def test_a_definition_that_is_not_there_is_an_error(engine: ProcessEngine) -> None:
    with engine.begin() as transaction, pytest.raises(NotFoundError, match="no deployed process definition found"):
        load_definitions(transaction, ["gone:1:d1"])


def test_a_definition_without_its_file_is_an_error(engine: ProcessEngine, rows: Rows) -> None:
    deploy_file(rows, None, "first", deployment="d1")

    with engine.begin() as transaction, pytest.raises(NotFoundError, match="has no BPMN file"):
        load_definitions(transaction, ["first:1:d1"])


def test_a_file_that_cannot_be_read_is_an_error_each_time(engine: ProcessEngine, rows: Rows) -> None:
    deploy_file(rows, b"<definitions>", "first", deployment="d1")

    with engine.begin() as transaction:
        for _ in range(2):
            with pytest.raises(BpmnParseError, match="line 1: Expected well-formed XML"):
                load_definitions(transaction, ["first:1:d1"])
