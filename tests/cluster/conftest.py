"""The operator in a real cluster, and for each test a namespace with an engine that the Java engine filled."""

import itertools
from collections.abc import Iterator

import pytest

from support.cluster import Cluster, image, install_operator, running_cluster
from support.flows import Flows, fill
from support.postgres import Server

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A real cluster."""
    with running_cluster() as found:
        yield found


@pytest.fixture(scope="session")
def operator(cluster: Cluster) -> Cluster:
    """The operator as a pod, installed from deploy/."""
    install_operator(cluster, image(cluster))
    return cluster


@pytest.fixture(scope="session")
def stock(postgres: Server) -> str:
    """A database that the Java engine filled; tests work on copies."""
    return fill(postgres)


@pytest.fixture
def flows(operator: Cluster, postgres: Server, stock: str) -> Iterator[Flows]:
    """A namespace under the restricted standard, with a ProcessEngine whose database is a copy of the stock."""
    name = f"flows-{next(_numbers)}"
    database = name.replace("-", "_")
    postgres.create(database, template=stock)
    made = Flows(operator, postgres, name, database)
    made.set_up()
    yield made
    made.tear_down()
