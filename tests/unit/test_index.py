"""The index of the tests leads to tests."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
PATH = re.compile(r"`((?:unit|engine|peer|upstream|cluster|support|tests)/[^` ]*)`")


def test_everything_that_the_index_names_is_there() -> None:
    named = PATH.findall((TESTS / "README.md").read_text())

    assert len(named) > 50
    assert [path for path in named if not any(TESTS.glob(path.removeprefix("tests/")))] == []
