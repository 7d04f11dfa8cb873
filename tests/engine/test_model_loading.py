"""Definitions come from where they were deployed, in one statement for many, and once."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from process_engine.engine import ProcessEngine
from process_engine.errors import NotFoundError
from process_engine.model import BpmnParseError, load_definitions
from process_engine.schema.general import act_ge_bytearray
from process_engine.schema.repository import act_re_deployment, act_re_procdef
from support.rows import Rows

MODEL = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">
  <process id="first"><startEvent id="one"/></process>
  <process id="second"><startEvent id="two"/></process>
</definitions>"""


def deploy(rows: Rows, *keys: str, deployment: str = "d1", file: bytes | None = MODEL) -> None:
    rows.insert(act_re_deployment, id_=deployment)
    if file is not None:
        values = {"deployment_id_": deployment, "name_": "model.bpmn", "bytes_": file}
        rows.insert(act_ge_bytearray, id_=f"{deployment}-file", **values)
    for key in keys:
        place = {"deployment_id_": deployment, "resource_name_": "model.bpmn"}
        rows.insert(act_re_procdef, id_=f"{key}:1:{deployment}", key_=key, version_=1, startable_=True, **place)


@contextmanager
def counting_statements(database: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(database, "before_cursor_execute", note)
    yield statements
    event.remove(database, "before_cursor_execute", note)


def test_definitions_of_one_file_are_told_apart_by_their_keys(engine: ProcessEngine, rows: Rows) -> None:
    deploy(rows, "first", "second")

    with engine.begin() as transaction:
        found = load_definitions(transaction, ["second:1:d1", "first:1:d1"])

    assert {id_: list(definition.activities) for id_, definition in found.items()} == {
        "first:1:d1": ["one"],
        "second:1:d1": ["two"],
    }


def test_definitions_are_read_with_one_statement_and_only_once(
    database: Engine, engine: ProcessEngine, rows: Rows
) -> None:
    deploy(rows, "first", "second")
    deploy(rows, "first", deployment="d2")

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
    deploy(rows, "first", file=None)

    with engine.begin() as transaction, pytest.raises(NotFoundError, match="has no BPMN file"):
        load_definitions(transaction, ["first:1:d1"])


def test_a_file_that_cannot_be_read_is_an_error_each_time(engine: ProcessEngine, rows: Rows) -> None:
    deploy(rows, "first", file=b"<definitions>")

    with engine.begin() as transaction:
        for _ in range(2):
            with pytest.raises(BpmnParseError, match="line 1: Expected well-formed XML"):
                load_definitions(transaction, ["first:1:d1"])
