"""Each filter of each query, on rows that differ in what it asks for."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from process_engine.queries.models import HistoricProcessInstanceQuery, ProcessInstanceQuery
from process_engine.queries.process_instances import PROCESS_INSTANCES
from support.querying import historic_process_instances, ids, process_instances, selected
from support.querying.stocks import CASES, STOCKS, label


@pytest.mark.parametrize("case", CASES, ids=label)
def test_query_selects_each_matching_row_once(stocked: dict[str, Engine], case: tuple[str, int]) -> None:
    name, number = case
    asked = STOCKS[name].cases[number]

    assert selected(stocked[name], STOCKS[name].kind, asked.filters) == sorted(asked.expected)


@pytest.mark.parametrize("name", [name for name in STOCKS if " " not in name])
def test_every_filter_has_a_case(name: str) -> None:
    used = {each for case in STOCKS[name].cases for each in case.filters}

    assert STOCKS[name].kind.vocabulary.by_name.keys() - used == set()


def test_a_guard_added_to_a_query_for_all_restricts_it(stocked: dict[str, Engine]) -> None:
    everything = HistoricProcessInstanceQuery.model_validate({"all": True})

    guarded = everything.model_copy(update={"finished": True})

    expected = historic_process_instances.EVERYTHING - {"running", "suspended"}
    assert ids(stocked["historicProcessInstances"], guarded) == sorted(expected)


# Of incidents only single filters are left out: two of them are about one incident.
SINGLE = [
    case.filters
    for case in process_instances.CASES
    if len(case.filters) == 1
    and not case.filters.keys() & {"all", "orQueries"}
    and "ncident" not in next(iter(case.filters))
]
FILTERS = st.lists(st.sampled_from(SINGLE), max_size=3)
GROUPS = st.lists(st.lists(st.sampled_from(SINGLE), min_size=1, max_size=3), max_size=2)
IDS = st.sets(st.sampled_from(sorted(process_instances.EVERYTHING)), min_size=1)


def united(filters: list[dict[str, Any]]) -> dict[str, Any]:
    """Filters in one query; of two of a name, or that exclude each other, the first stays."""
    result: dict[str, Any] = {}
    for each in filters:
        (name,) = each
        excluded = {other for pair in PROCESS_INSTANCES.exclusive if name in pair for other in pair}
        if not excluded & result.keys():
            result |= {name: result.get(name, each[name])}
    return result


@settings(deadline=None, max_examples=60)
@given(filters=FILTERS, groups=GROUPS, some=IDS)
def test_filters_intersect_and_those_of_an_or_query_unite(
    stocked: dict[str, Engine], filters: list[dict[str, Any]], groups: list[list[dict[str, Any]]], some: set[str]
) -> None:
    query = united(filters) | {"processInstanceIds": sorted(some)}
    or_queries = [united(group) for group in groups]

    def of(filters: dict[str, Any]) -> set[str]:
        return set(selected(stocked["processInstances"], ProcessInstanceQuery, filters))

    expected = set.intersection(
        *(of({name: value}) for name, value in query.items()),
        *(set.union(*(of({name: value}) for name, value in group.items())) for group in or_queries),
    )

    assert of(query | ({"orQueries": or_queries} if or_queries else {})) == expected
