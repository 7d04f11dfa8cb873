"""The Java engine as the oracle, started for the first test that asks for it."""

from collections.abc import Iterator

import pytest

from support.peer.databases import Databases
from support.peer.oracle import Oracle
from support.peer.program import Shell
from support.postgres import Server

COPY = "peer_copy"


@pytest.fixture(scope="session")
def databases(postgres: Server) -> Iterator[Databases]:
    databases = Databases(postgres.conninfo)
    yield databases
    databases.drop(COPY)


@pytest.fixture(scope="session")
def oracle(databases: Databases) -> Iterator[Oracle]:
    with Shell(databases) as shell:
        yield Oracle(databases, shell)
