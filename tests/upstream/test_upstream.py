"""The Java engine's own tests of our operations, with our engine doing them."""

from collections.abc import Sequence

import pytest

from support.postgres import Server
from support.upstream import java, suite


@pytest.fixture(scope="module")
def results(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Sequence[java.Result]:
    selection = suite.ours(last=suite.named_in_readme())
    return suite.Run()(selection, postgres, tmp_path_factory.mktemp("upstream") / "run.log")


def test_every_test_passes_but_those_named_in_the_readme(results: Sequence[java.Result]) -> None:
    named = suite.named_in_readme()

    surprises = [
        f"{each['status']} {suite.name(each)}: {each['exception']}"
        for each in results
        if each["status"] != "passed" and suite.name(each) not in named
    ]

    assert surprises == []


def test_no_test_named_in_the_readme_passes(results: Sequence[java.Result]) -> None:
    not_passed = {suite.name(each) for each in results if each["status"] != "passed"}

    assert suite.named_in_readme() - not_passed == set()


def test_every_test_that_needs_a_jvm_is_named_in_the_readme_with_its_reason() -> None:
    assert suite.not_run_in_readme() == suite.need_a_jvm()


def test_the_catalogue_ran_as_a_whole(results: Sequence[java.Result]) -> None:
    chosen = {(name, method) for name, methods in suite.ours(last=()) for method in methods}

    assert {(each["class"], java.base_name(each["method"])) for each in results} == chosen


@pytest.mark.parametrize(
    ("operation", "passed"),
    [
        ("cancellation", 294),
        ("job-retries", 193),
        ("external-task-retries", 57),
        ("historic-deletion", 70),
        ("migration", 489),
    ],
)
def test_enough_tests_of_each_operation_pass(results: Sequence[java.Result], operation: str, passed: int) -> None:
    tests = [each for each in results if operation in each["operations"] and each["status"] == "passed"]

    assert len(tests) >= passed
