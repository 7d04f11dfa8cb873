"""The operator in a real cluster, and for each test a namespace with an engine that the Java engine filled."""

from collections.abc import Iterator

import pytest

from support.cluster import Cluster, image, install_operator, running_cluster
from support.flows import SMALL_STOCK, STOCK, Flows, made
from support.peer.databases import Databases
from support.peer.oracle import Oracle, Snapshot
from support.peer.program import Shell
from support.postgres import Server


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
def oracle(postgres: Server) -> Iterator[Oracle]:
    """The Java engine."""
    databases = Databases(postgres.conninfo)
    with Shell(databases) as shell:
        yield Oracle(databases, shell)


@pytest.fixture(scope="session")
def small_stock(oracle: Oracle) -> Snapshot:
    """A few instances of each kind, set up by the Java engine."""
    return oracle.snapshot(SMALL_STOCK)


@pytest.fixture
def flows(operator: Cluster, postgres: Server, oracle: Oracle) -> Iterator[Flows]:
    """A namespace under the restricted standard, with a ProcessEngine on a database that the Java engine filled."""
    yield from made(operator, postgres, oracle.snapshot(STOCK))


@pytest.fixture
def small_flows(operator: Cluster, postgres: Server, small_stock: Snapshot) -> Iterator[Flows]:
    """The same with a few instances."""
    yield from made(operator, postgres, small_stock)
