"""Each filter of the query for jobs, on rows that differ in what it asks for. The clock stands at `NOON`."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from process_engine.queries import JobQuery
from process_engine.queries.jobs import JOBS
from process_engine.schema.general import act_ge_bytearray
from process_engine.schema.runtime_jobs import act_ru_jobdef
from support.querying import NOON, selected
from support.rows import Rows

HOUR = timedelta(hours=1)
EVERYTHING = {"plain", "failed", "timer", "locked", "sleeping", "lonely"}


def stock(rows: Rows) -> None:
    rows.insert(act_ru_jobdef, id_="definition", rev_=1, job_type_="async", act_id_="ship", suspension_state_=1)
    rows.insert(act_ge_bytearray, id_="stack", rev_=1)
    rows.instance(None, id_="one")
    rows.instance(None, id_="two", suspension_state_=2)
    rows.job("one", id_="plain", job_def_id_="definition", process_def_id_="order:1", process_def_key_="order",
             create_time_=NOON - 3 * HOUR, priority_=10)  # fmt: skip
    rows.job("one", id_="failed", retries=0, exception_msg_="timeout", failed_act_id_="ship", tenant_id_="acme",
             create_time_=NOON - 2 * HOUR)  # fmt: skip
    rows.job("two", id_="timer", type_="timer", duedate_=NOON + HOUR, create_time_=NOON - HOUR, tenant_id_="other")
    rows.job("one", id_="locked", lock_owner_="me", lock_exp_time_=NOON + HOUR, exception_stack_id_="stack",
             duedate_=NOON - HOUR, priority_=-5)  # fmt: skip
    rows.job("two", id_="sleeping", suspension_state_=2, lock_owner_="me", lock_exp_time_=NOON - HOUR)
    rows.job(None, id_="lonely", type_="timer", duedate_=NOON)


def time(operator: str, value: str) -> dict[str, str]:
    return {"operator": operator, "value": value}


CASES: list[tuple[dict[str, Any], set[str]]] = [
    ({"all": True}, EVERYTHING),
    ({"jobId": "plain"}, {"plain"}),
    ({"jobIds": ["plain", "timer", "nobody"]}, {"plain", "timer"}),
    ({"jobDefinitionId": "definition"}, {"plain"}),
    ({"processInstanceId": "two"}, {"timer", "sleeping"}),
    ({"processInstanceIds": ["one", "nobody"]}, {"plain", "failed", "locked"}),
    ({"executionId": "two"}, {"timer", "sleeping"}),
    ({"processDefinitionId": "order:1"}, {"plain"}),
    ({"processDefinitionKey": "order"}, {"plain"}),
    ({"activityId": "ship"}, {"plain"}),
    ({"failedActivityId": "ship"}, {"failed"}),
    ({"withRetriesLeft": True}, EVERYTHING - {"failed"}),
    ({"noRetriesLeft": True}, {"failed"}),
    ({"executable": True}, {"plain", "locked", "lonely"}),
    ({"acquired": True}, {"locked"}),
    ({"timers": True}, {"timer", "lonely"}),
    ({"messages": True}, EVERYTHING - {"timer", "lonely"}),
    ({"withException": True}, {"failed", "locked"}),
    ({"exceptionMessage": "timeout"}, {"failed"}),
    ({"dueDates": [time("gt", "2030-06-01T09:00:00Z")]}, {"timer", "lonely"}),
    ({"dueDates": [time("lt", "2030-06-01T10:00:00Z")]}, {"locked"}),
    ({"dueDates": [time("gt", "2030-06-01T09:00:00Z"), time("lt", "2030-06-01T11:00:00Z")]}, {"lonely"}),
    ({"createTimes": [time("lt", "2030-06-01T08:00:00Z")]}, {"plain", "failed"}),  # at the time counts as before it
    ({"createTimes": [time("gt", "2030-06-01T08:00:00Z")]}, {"timer"}),
    ({"priorityHigherThanOrEquals": 10}, {"plain"}),
    ({"priorityLowerThanOrEquals": -5}, {"locked"}),
    ({"active": True}, EVERYTHING - {"sleeping"}),
    ({"suspended": True}, {"sleeping"}),
    ({"tenantIdIn": ["acme", "nobody"]}, {"failed"}),
    ({"tenantIdIn": ["acme"], "includeJobsWithoutTenantId": True}, EVERYTHING - {"timer"}),
    ({"withoutTenantId": True}, EVERYTHING - {"failed", "timer"}),
    ({"processInstanceId": "one", "withRetriesLeft": True, "messages": True}, {"plain", "locked"}),
]


@pytest.mark.parametrize(("filters", "expected"), CASES, ids=[str(filters) for filters, _ in CASES])
def test_query_selects_each_matching_job_once(stocked: Engine, filters: dict[str, Any], expected: set[str]) -> None:
    assert selected(stocked, JobQuery, filters) == sorted(expected)


def test_every_filter_has_a_case() -> None:
    used = {name for filters, _ in CASES for name in filters}

    assert JOBS.by_name.keys() - used == set()
