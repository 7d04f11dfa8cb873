"""A database of each kind that a whole module of queries reads; the module's `stock` writes its rows, once."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine

from process_engine.database import connect
from process_engine.schema.creation import create
from support.postgres import Server
from support.rows import Rows

DATABASE = "engine_queries"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stocked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The rows of the module on each kind of database."""
    if request.param == "sqlite":
        engine = connect(f"sqlite:///{tmp_path_factory.mktemp('queries') / 'engine.db'}")
        create(engine)
    else:
        server: Server = request.getfixturevalue("postgres")
        server.create(DATABASE, template=request.getfixturevalue("engine_template"))
        engine = connect(server.url(DATABASE))
    write: Callable[[Rows], None] = request.module.stock
    write(Rows(engine))
    yield engine
    engine.dispose()
