"""Each filter of the query for external tasks, on rows that differ in what it asks for. The clock stands at `NOON`."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from process_engine.queries import ExternalTaskQuery
from process_engine.queries.external_tasks import EXTERNAL_TASKS
from process_engine.schema.repository import act_re_procdef
from process_engine.schema.runtime import act_ru_execution, act_ru_variable
from support.querying import NOON, selected
from support.rows import Rows

HOUR = timedelta(hours=1)
EVERYTHING = {"plain", "failed", "locked", "expired", "sleeping"}


def stock(rows: Rows) -> None:
    for key, name in (("order", "Order"), ("bill", "The bill")):
        rows.insert(act_re_procdef, id_=f"{key}:1", key_=key, name_=name, version_=1, rev_=1, suspension_state_=1,
                    startable_=True)  # fmt: skip
    rows.instance("order:1", id_="one")
    rows.instance("bill:1", id_="two")
    rows.insert(act_ru_execution, id_="two-child", rev_=1, proc_inst_id_="two", parent_id_="two", suspension_state_=1)
    order, bill = {"proc_def_id_": "order:1"}, {"proc_def_id_": "bill:1"}
    rows.external_task("one", id_="plain", priority_=10, **order)
    rows.external_task("one", id_="failed", retries=0, topic_name_="mail", tenant_id_="acme", **order)
    rows.external_task("two", id_="locked", retries=2, worker_id_="me", lock_exp_time_=NOON + HOUR, act_id_="ship",
                       **bill)  # fmt: skip
    rows.external_task("two", id_="expired", worker_id_="me", lock_exp_time_=NOON - HOUR, tenant_id_="other",
                       execution_id_="two-child", **bill)  # fmt: skip
    rows.external_task("two", id_="sleeping", suspension_state_=2, priority_=-5, **bill)
    variable(rows, "one", "amount", long_=5, text_="5", type_="long")
    variable(rows, "two", "Colour", text_="Red", type_="string", execution_id_="two-child")


def variable(rows: Rows, instance: str, name: str, **values: Any) -> None:
    row = {"id_": rows.id("variable"), "rev_": 1, "name_": name, "proc_inst_id_": instance, "execution_id_": instance}
    rows.insert(act_ru_variable, **(row | values))


def compare(name: str, operator: str, value: Any) -> dict[str, Any]:
    return {"name": name, "operator": operator, "value": value}


CASES: list[tuple[dict[str, Any], set[str]]] = [
    ({"all": True}, EVERYTHING),
    ({"externalTaskId": "plain"}, {"plain"}),
    ({"externalTaskIdIn": ["plain", "locked", "nobody"]}, {"plain", "locked"}),
    ({"processInstanceId": "one"}, {"plain", "failed"}),
    ({"processInstanceIdIn": ["one", "nobody"]}, {"plain", "failed"}),
    ({"executionId": "two-child"}, {"expired"}),
    ({"processDefinitionId": "order:1"}, {"plain", "failed"}),
    ({"processDefinitionKey": "order"}, {"plain", "failed"}),
    ({"processDefinitionKeyIn": ["order", "nothing"]}, {"plain", "failed"}),
    ({"processDefinitionName": "Order"}, {"plain", "failed"}),
    ({"processDefinitionNameLike": "The%"}, {"locked", "expired", "sleeping"}),
    ({"topicName": "mail"}, {"failed"}),
    ({"workerId": "me"}, {"locked", "expired"}),
    ({"activityId": "ship"}, {"locked"}),
    ({"activityIdIn": ["ship", "none"]}, {"locked"}),
    ({"locked": True}, {"locked"}),
    ({"notLocked": True}, EVERYTHING - {"locked"}),
    ({"lockExpirationBefore": "2030-06-01T10:00:00Z"}, {"expired"}),
    ({"lockExpirationAfter": "2030-06-01T10:00:00Z"}, {"locked"}),
    ({"withRetriesLeft": True}, EVERYTHING - {"failed"}),  # as a number that was never given counts
    ({"noRetriesLeft": True}, {"failed"}),
    ({"priorityHigherThanOrEquals": 10}, {"plain"}),
    ({"priorityLowerThanOrEquals": -5}, {"sleeping"}),
    ({"active": True}, EVERYTHING - {"sleeping"}),
    ({"suspended": True}, {"sleeping"}),
    ({"tenantIdIn": ["acme", "nobody"]}, {"failed"}),
    ({"processVariables": [compare("amount", "eq", 5)]}, {"plain", "failed"}),
    ({"processVariables": [compare("Colour", "like", "R%")]}, {"locked", "expired", "sleeping"}),  # of any scope
    ({"processVariables": [compare("AMOUNT", "eq", 5)], "variableNamesIgnoreCase": True}, {"plain", "failed"}),
    (
        {"processVariables": [compare("Colour", "eq", "red")], "variableValuesIgnoreCase": True},
        {"locked", "expired", "sleeping"},
    ),
    ({"processDefinitionKey": "bill", "notLocked": True, "active": True}, {"expired"}),
]


@pytest.mark.parametrize(("filters", "expected"), CASES, ids=[str(filters) for filters, _ in CASES])
def test_query_selects_each_matching_task_once(stocked: Engine, filters: dict[str, Any], expected: set[str]) -> None:
    assert selected(stocked, ExternalTaskQuery, filters) == sorted(expected)


def test_every_filter_has_a_case() -> None:
    used = {name for filters, _ in CASES for name in filters}

    assert EXTERNAL_TASKS.by_name.keys() - used == set()
