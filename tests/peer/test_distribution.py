"""Two workers side by side: what belongs together goes to one of them."""

import pytest

from support.peer import scenarios
from support.peer.distribution import LONG, group_of


def test_all_tests_of_a_scenario_are_one_group(request: pytest.FixtureRequest) -> None:
    of_scenarios = {
        item.nodeid: value.name
        for item in request.session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        for value in item.callspec.params.values()
        if isinstance(value, scenarios.Scenario)
    }

    assert {node_id: group_of(node_id) for node_id in of_scenarios} == of_scenarios


@pytest.mark.parametrize("module", LONG)
def test_what_takes_minutes_is_one_group(module: str) -> None:
    assert group_of(f"tests/peer/{module}::test_nothing_is_lost[1]") == "long"


def test_every_other_test_is_a_group_of_its_own() -> None:
    alone = "tests/peer/test_plans.py::test_plans_between_versions_are_the_java_engines[a loop]"

    assert group_of(alone) == alone
