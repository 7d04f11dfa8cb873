"""The rows of one stock at a time on each kind of database, written once and only read."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from process_engine.database import connect
from process_engine.schema.creation import create
from support.postgres import Server
from support.querying.stocks import STOCKS
from support.rows import Rows

DATABASE = "engine_queries"


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def kind_of_database(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def stocked(
    request: pytest.FixtureRequest, kind_of_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Engine]]:
    """By the name of a stock, the database that holds it."""
    engines: dict[str, Engine] = {}
    for number, (name, stock) in enumerate(STOCKS.items()):
        if kind_of_database == "sqlite":
            engines[name] = connect(f"sqlite:///{tmp_path_factory.mktemp('queries') / 'engine.db'}")
            create(engines[name])
        else:
            server: Server = request.getfixturevalue("postgres")
            server.create(f"{DATABASE}_{number}", template=request.getfixturevalue("engine_template"))
            engines[name] = connect(server.url(f"{DATABASE}_{number}"))
        stock.write(Rows(engines[name]))
    yield engines
    for engine in engines.values():
        engine.dispose()
    if kind_of_database == "postgresql":
        for number in range(len(engines)):
            request.getfixturevalue("postgres").drop(f"{DATABASE}_{number}")
