"""Each filter of the query for jobs, on rows that differ in what it asks for. The clock stands at `NOON`."""

from datetime import timedelta

from process_engine.queries.models import JobQuery
from process_engine.schema.general import act_ge_bytearray
from process_engine.schema.runtime_jobs import act_ru_jobdef
from support.querying import NOON, Case, Stock
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


CASES: list[Case] = [
    Case({"all": True}, EVERYTHING),
    Case({"jobId": "plain"}, {"plain"}),
    Case({"jobIds": ["plain", "timer", "nobody"]}, {"plain", "timer"}),
    Case({"jobDefinitionId": "definition"}, {"plain"}),
    Case({"processInstanceId": "two"}, {"timer", "sleeping"}),
    Case({"processInstanceIds": ["one", "nobody"]}, {"plain", "failed", "locked"}),
    Case({"executionId": "two"}, {"timer", "sleeping"}),
    Case({"processDefinitionId": "order:1"}, {"plain"}),
    Case({"processDefinitionKey": "order"}, {"plain"}),
    Case({"activityId": "ship"}, {"plain"}),
    Case({"failedActivityId": "ship"}, {"failed"}),
    Case({"withRetriesLeft": True}, EVERYTHING - {"failed"}),
    Case({"noRetriesLeft": True}, {"failed"}),
    Case({"executable": True}, {"plain", "locked", "lonely"}),
    Case({"acquired": True}, {"locked"}),
    Case({"timers": True}, {"timer", "lonely"}),
    Case({"messages": True}, EVERYTHING - {"timer", "lonely"}),
    Case({"withException": True}, {"failed", "locked"}),
    Case({"exceptionMessage": "timeout"}, {"failed"}),
    Case({"dueDates": [time("gt", "2030-06-01T09:00:00Z")]}, {"timer", "lonely"}),
    Case({"dueDates": [time("lt", "2030-06-01T10:00:00Z")]}, {"locked"}),
    Case({"dueDates": [time("gt", "2030-06-01T09:00:00Z"), time("lt", "2030-06-01T11:00:00Z")]}, {"lonely"}),
    Case({"createTimes": [time("lt", "2030-06-01T08:00:00Z")]}, {"plain", "failed"}),  # at the time counts as before it
    Case({"createTimes": [time("gt", "2030-06-01T08:00:00Z")]}, {"timer"}),
    Case({"priorityHigherThanOrEquals": 10}, {"plain"}),
    Case({"priorityLowerThanOrEquals": -5}, {"locked"}),
    Case({"active": True}, EVERYTHING - {"sleeping"}),
    Case({"suspended": True}, {"sleeping"}),
    Case({"tenantIdIn": ["acme", "nobody"]}, {"failed"}),
    Case({"tenantIdIn": ["acme"], "includeJobsWithoutTenantId": True}, EVERYTHING - {"timer"}),
    Case({"withoutTenantId": True}, EVERYTHING - {"failed", "timer"}),
    Case({"processInstanceId": "one", "withRetriesLeft": True, "messages": True}, {"plain", "locked"}),
]

STOCK = Stock("jobs", JobQuery, stock, CASES)
