"""An empty engine on each database, with rows that a test writes."""

import pathlib
import shutil
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from process_engine.batch.ledger import Ledger
from process_engine.database import connect
from process_engine.engine import ProcessEngine
from process_engine.schema.creation import create
from support.postgres import Server
from support.rows import Rows

TEMPLATE, DATABASE = "engine_template", "engine_test"


@pytest.fixture(scope="session")
def engine_template(postgres: Server) -> str:
    """A database with the schema and nothing else."""
    postgres.create(TEMPLATE)
    database = connect(postgres.url(TEMPLATE))
    create(database)
    database.dispose()
    return TEMPLATE


@pytest.fixture(scope="session")
def engine_file(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """An embedded engine with the schema and nothing else."""
    file = tmp_path_factory.mktemp("template") / "engine.db"
    database = connect(f"sqlite:///{file}")
    create(database)
    database.dispose()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[Engine]:
    """The schema on each kind of database, empty."""
    if request.param == "sqlite":
        file = shutil.copy(request.getfixturevalue("engine_file"), tmp_path / "engine.db")
        engine = connect(f"sqlite:///{file}")
    else:
        server: Server = request.getfixturevalue("postgres")
        server.create(DATABASE, template=request.getfixturevalue("engine_template"))
        engine = connect(server.url(DATABASE))
    yield engine
    engine.dispose()


@pytest.fixture
def rows(database: Engine) -> Rows:
    """Writes rows."""
    return Rows(database)


@pytest.fixture
def engine(database: Engine) -> ProcessEngine:
    """The engine attached to the database."""
    return ProcessEngine.attach(database)


@pytest.fixture
def ledger(database: Engine) -> Ledger:
    """The ledger in the database."""
    ledger = Ledger(database)
    ledger.ensure()
    return ledger
