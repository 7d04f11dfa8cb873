"""Our queries find what the Java engine's find: the same questions, on the same rows, in a schema that we made."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from process_engine.database import connect
from process_engine.schema.creation import create
from support.peer.databases import Databases
from support.peer.oracle import PREFIX
from support.peer.program import Shell
from support.querying import Stock
from support.querying.java import calls
from support.querying.stocks import STOCKS
from support.rows import Rows

DATABASE = f"{PREFIX}_queries"
CLOCK = "2030-06-01T10:00:00Z"
ZONE = {"timeZone": "Europe/Berlin"}


@pytest.fixture(params=STOCKS)
def stock(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Stock]:
    """One whose rows are in the database."""
    databases.create(DATABASE)
    engine = connect(databases.url(DATABASE))
    create(engine)
    STOCKS[request.param].write(Rows(engine))
    engine.dispose()
    yield STOCKS[request.param]
    databases.drop(DATABASE)


def test_java_finds_the_same(stock: Stock, shell: Shell, tmp_path: Path) -> None:
    questions = tmp_path / "questions.json"
    questions.write_text(json.dumps([list(calls(case.filters)) for case in stock.cases]))

    answers = shell("query", stock.name, questions, "--clock", CLOCK, database=DATABASE, engine=ZONE)["answers"]

    different = [
        f"{case}: {answer}"
        for case, answer in zip(stock.cases, answers, strict=True)
        if answer != sorted(case.expected if case.java is None else case.java)
    ]
    assert not different, "\n".join(different)
