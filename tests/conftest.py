"""Servers that several suites share, started when the first test asks for them."""

from collections.abc import Iterator

import pytest

from support.postgres import Server, running_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A real PostgreSQL."""
    with running_server() as server:
        yield server
