"""The Java engine as the oracle, started for the first test that asks for it."""

import os
from collections.abc import Iterator

import pytest

from process_engine.host import NAMED_BY
from support.peer.databases import Databases
from support.peer.oracle import COPY, Oracle
from support.peer.program import Shell
from support.peer.scenarios import Scenario
from support.postgres import Server


def pytest_itemcollected(item: pytest.Item) -> None:
    """Send all tests of a scenario to one worker: it makes the snapshot, and knows what the Java engine leaves."""
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    for value in parameters.values():
        if isinstance(value, Scenario):
            item.add_marker(pytest.mark.xdist_group(value.name))


@pytest.fixture(scope="session")
def databases(postgres: Server) -> Iterator[Databases]:
    databases = Databases(postgres.conninfo)
    yield databases
    databases.drop(COPY)


@pytest.fixture(scope="session")
def shell(databases: Databases) -> Iterator[Shell]:
    with Shell(databases) as shell:
        yield shell


@pytest.fixture(scope="session")
def oracle(databases: Databases, shell: Shell) -> Oracle:
    return Oracle(databases, shell)


@pytest.fixture(scope="session", autouse=True)
def host_name() -> Iterator[None]:
    """Both engines are on one host: the Java program names it so."""
    os.environ[NAMED_BY] = "peer"
    yield
    del os.environ[NAMED_BY]
