"""The Java engine as the oracle, started for the first test that asks for it."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from process_engine.host import NAMED_BY
from support.peer.databases import Databases
from support.peer.distribution import ByScenario
from support.peer.oracle import COPY, Oracle
from support.peer.program import Shell
from support.postgres import Server


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByScenario:
    """With `-n`; marks of groups would say the same, but pytest-xdist 3.8 does not see them with pytest 9.2."""
    return ByScenario(config, log)


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
