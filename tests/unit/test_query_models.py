"""What a query may say: nothing that is not understood, and nothing that widens what it selects."""

from datetime import datetime
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy.dialects import postgresql, sqlite

from process_engine.clock import Clock
from process_engine.queries.model import Query
from process_engine.queries.models import (
    ExternalTaskQuery,
    HistoricProcessInstanceQuery,
    JobQuery,
    ProcessInstanceQuery,
)
from process_engine.queries.selection import effective, select_ids

QUERIES = [ProcessInstanceQuery, HistoricProcessInstanceQuery, JobQuery, ExternalTaskQuery]


def refusal(kind: type[Query], filters: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        kind.model_validate(filters)
    (error,) = refused.value.errors()
    return ".".join([*(str(part) for part in error["loc"]), error["msg"].removeprefix("Value error, ")])


@pytest.mark.parametrize("kind", QUERIES)
def test_query_for_all_is_written_out(kind: type[Query]) -> None:
    assert effective(kind.model_validate({"all": True})) == {"all": True}
    assert "write {all: true} to select all" in refusal(kind, {})


@pytest.mark.parametrize(
    ("kind", "filters", "message"),
    [
        (ProcessInstanceQuery, {"activityIDIn": ["a"]}, "unknown filter activityIDIn; did you mean activityIdIn?"),
        (ProcessInstanceQuery, {"something": 1}, "unknown filter something"),
        (ProcessInstanceQuery, {"finished": True}, "unknown filter finished"),
        (ProcessInstanceQuery, {"orQueries": [{"busnessKey": "a"}]},
         "orQueries.0.unknown filter busnessKey; did you mean businessKey?"),
        (ProcessInstanceQuery, {"all": True, "active": True}, "all stands alone, but active is given too"),
        (ProcessInstanceQuery, {"all": True, "orQueries": [{"active": True}]},
         "all stands alone, but orQueries is given too"),
        (ProcessInstanceQuery, {"all": False},
         "all.only true is allowed; leave the filter out instead of setting it to false"),
        (HistoricProcessInstanceQuery, {"finished": False},
         "finished.only true is allowed; leave the filter out instead of setting it to false"),
        (ProcessInstanceQuery, {"active": "true"}, "active.Input should be a valid boolean"),
        (ProcessInstanceQuery, {"businessKey": None}, "businessKey is null; leave the filter out instead"),
        (ProcessInstanceQuery, {"businessKey": 7}, "businessKey.Input should be a valid string"),
        (ProcessInstanceQuery, {"businessKey": ""}, "businessKey.String should have at least 1 character"),
        (ProcessInstanceQuery, {"businessKeyLike": "a\\"},
         "businessKeyLike.the pattern ends with the escape character \\; write \\\\ for a backslash"),
        (ProcessInstanceQuery, {"processInstanceIds": []}, "processInstanceIds.expected 1 to 3000 values, but got 0"),
        (ProcessInstanceQuery, {"processInstanceIds": ["a"] * 3001},
         "processInstanceIds.expected 1 to 3000 values, but got 3001"),
        (ProcessInstanceQuery, {"processInstanceIds": ["a" * 65]},
         "processInstanceIds.0.String should have at most 64 characters"),
        (ProcessInstanceQuery, {"orQueries": [{}]}, "orQueries.0.an entry of orQueries needs a filter"),
        (ProcessInstanceQuery, {"orQueries": [{"orQueries": [{"active": True}]}]},
         "orQueries.0.unknown filter orQueries"),
        (ProcessInstanceQuery, {"orQueries": [{"all": True}]}, "orQueries.0.unknown filter all"),
        (ProcessInstanceQuery, {"active": True, "suspended": True}, "active and suspended exclude each other"),
        (ProcessInstanceQuery, {"orQueries": [{"active": True, "suspended": True}]},
         "orQueries.0.active and suspended exclude each other"),
        (ProcessInstanceQuery, {"variableNamesIgnoreCase": True},
         "variableNamesIgnoreCase has no effect without variables"),
        (HistoricProcessInstanceQuery, {"finished": True, "unfinished": True},
         "finished and unfinished exclude each other"),
        (HistoricProcessInstanceQuery, {"active": True, "completed": True}, "active and completed exclude each other"),
        (HistoricProcessInstanceQuery,
         {"startedAfter": "2030-01-02T00:00:00Z", "startedBefore": "2030-01-01T00:00:00Z"},
         "startedAfter must not be above startedBefore: nothing can be between them"),
        (HistoricProcessInstanceQuery, {"startedAfter": "2030-01-02"},
         "startedAfter.expected a date and time with an offset from UTC, like 2026-05-03T14:00:00+02:00"),
        (HistoricProcessInstanceQuery, {"startedAfter": datetime(2030, 1, 2)},  # noqa: DTZ001
         "startedAfter.2030-01-02T00:00:00 has no offset from UTC; write it like 2026-05-03T14:00:00+02:00"),
        (JobQuery, {"timers": True, "messages": True}, "timers and messages exclude each other"),
        (JobQuery, {"includeJobsWithoutTenantId": True}, "includeJobsWithoutTenantId has no effect without tenantIdIn"),
        (JobQuery, {"priorityHigherThanOrEquals": 2**63},
         "priorityHigherThanOrEquals.Input should be less than or equal to 9223372036854775807"),
        (ExternalTaskQuery, {"locked": True, "notLocked": True}, "locked and notLocked exclude each other"),
        (ExternalTaskQuery, {"withoutTenantId": True}, "unknown filter withoutTenantId; did you mean tenantIdIn?"),
    ],
)  # fmt: skip
def test_query_that_errs_is_refused_with_the_name_at_fault(kind: type[Query], filters: Any, message: str) -> None:
    assert refusal(kind, filters) == message


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"operator": "eq"}, "value is missing; null is written as type: Null"),
        ({"operator": "like", "value": 5}, "operator like needs a text as value"),
        ({"operator": "gt", "value": True}, "true, false and null can be compared by eq and neq only, not by gt"),
        ({"operator": "lt", "value": None}, "true, false and null can be compared by eq and neq only, not by lt"),
        ({"operator": "eq", "value": 2**31, "type": "Integer"}, "2147483648 is no value of type Integer"),
        ({"operator": "eq", "value": 5.5, "type": "Long"}, "5.5 is no value of type Long"),
        ({"operator": "eq", "value": "x", "type": "Date"}, "'x' is no value of type Date"),
        ({"operator": "eq", "value": float("inf")}, "value must be a finite number"),
        ({"operator": "eq", "value": "a" * 4001}, "value has more than 4000 characters"),
    ],
)
def test_comparison_that_cannot_be_is_refused(condition: dict[str, Any], message: str) -> None:
    filters = {"variables": [{"name": "x", **condition}]}

    assert refusal(ProcessInstanceQuery, filters) == f"variables.0.{message}"


def test_contradiction_within_an_or_query_is_a_choice() -> None:
    filters = {"orQueries": [{"startedAfter": "2030-01-02T00:00:00Z", "startedBefore": "2030-01-01T00:00:00Z"}]}

    assert HistoricProcessInstanceQuery.model_validate(filters).or_queries


@pytest.mark.parametrize(
    ("kind", "filters"),
    [
        (ProcessInstanceQuery, {"active": True, "orQueries": [{"businessKey": "a", "withIncident": True}]}),
        (ProcessInstanceQuery, {"variables": [{"name": "x", "operator": "neq", "value": None}]}),
        (JobQuery, {"dueDates": [{"operator": "gt", "value": "2030-01-01T01:00:00.000+0100"}]}),
    ],
)
def test_what_was_understood_reads_as_the_same_query(kind: type[Query], filters: dict[str, Any]) -> None:
    query = kind.model_validate(filters)

    assert kind.model_validate(effective(query)) == query


def test_moments_are_shown_in_utc() -> None:
    query = HistoricProcessInstanceQuery.model_validate({"startedAfter": "2030-01-01T01:00:00.000+0100"})

    assert effective(query) == {"startedAfter": "2030-01-01T00:00:00.000Z"}


@pytest.mark.parametrize("dialect", [postgresql.dialect(), sqlite.dialect()], ids=["postgresql", "sqlite"])
def test_values_are_bound_and_a_list_is_one_parameter(dialect: Any) -> None:
    ids = [f"id-{number}" for number in range(3000)]
    query = ProcessInstanceQuery.model_validate({"processInstanceIds": ids, "businessKeyLike": "'; drop table x"})

    compiled = select_ids(query, Clock()).compile(dialect=dialect)

    assert len(compiled.params) == 2
    assert "drop" not in str(compiled)


@pytest.mark.parametrize("kind", QUERIES)
def test_schema_bounds_and_describes_everything(kind: type[Query]) -> None:
    loose: list[str] = []

    def check(part: Any, path: str) -> None:
        bounds = {"string": "maxLength", "array": "maxItems", "integer": "maximum"}
        needed = bounds.get(part.get("type", ""))
        if needed and needed not in part and "enum" not in part and not path.endswith("value"):
            loose.append(path)
        for name, each in part.get("properties", {}).items():
            if not each.get("description"):
                loose.append(f"{path}.{name} has no description")
            check(each, f"{path}.{name}")
        for each in [*part.get("anyOf", ()), *([part["items"]] if "items" in part else ())]:
            check(each, path)

    schema = kind.model_json_schema()
    for name, each in [("query", schema), *schema.get("$defs", {}).items()]:
        check(each, name)

    assert loose == []
    assert schema["minProperties"] == 1
