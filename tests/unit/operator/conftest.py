"""Embedded engines, each test with one of its own."""

from pathlib import Path

import pytest

from support import embedded
from support.embedded import Embedded


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("embedded") / "engine.db"
    embedded.make(path)
    return path


@pytest.fixture
def engine(filled: Path, tmp_path: Path) -> Embedded:
    return Embedded.copy_of(filled, tmp_path)
