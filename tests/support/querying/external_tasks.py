"""Each filter of the query for external tasks, on rows that differ in what it asks for. The clock stands at `NOON`."""

from datetime import timedelta
from typing import Any

from process_engine.queries.models import ExternalTaskQuery
from process_engine.schema.runtime import act_ru_execution, act_ru_variable
from support.querying import NOON, Case, Stock
from support.rows import Rows

HOUR = timedelta(hours=1)
EVERYTHING = {"plain", "failed", "locked", "expired", "sleeping"}


def stock(rows: Rows) -> None:
    for key, name in (("order", "Order"), ("bill", "The bill")):
        rows.definition(key, id_=f"{key}:1", name_=name)
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


CASES: list[Case] = [
    Case({"all": True}, EVERYTHING),
    Case({"externalTaskId": "plain"}, {"plain"}),
    Case({"externalTaskIdIn": ["plain", "locked", "nobody"]}, {"plain", "locked"}),
    Case({"processInstanceId": "one"}, {"plain", "failed"}),
    Case({"processInstanceIdIn": ["one", "nobody"]}, {"plain", "failed"}),
    Case({"executionId": "two-child"}, {"expired"}),
    Case({"processDefinitionId": "order:1"}, {"plain", "failed"}),
    Case({"processDefinitionKey": "order"}, {"plain", "failed"}),
    Case({"processDefinitionKeyIn": ["order", "nothing"]}, {"plain", "failed"}),
    Case({"processDefinitionName": "Order"}, {"plain", "failed"}),
    Case({"processDefinitionNameLike": "The%"}, {"locked", "expired", "sleeping"}),
    Case({"topicName": "mail"}, {"failed"}),
    Case({"workerId": "me"}, {"locked", "expired"}),
    Case({"activityId": "ship"}, {"locked"}),
    Case({"activityIdIn": ["ship", "none"]}, {"locked"}),
    Case({"locked": True}, {"locked"}),
    Case({"notLocked": True}, EVERYTHING - {"locked"}),
    Case({"lockExpirationBefore": "2030-06-01T10:00:00Z"}, {"expired"}),
    Case({"lockExpirationAfter": "2030-06-01T10:00:00Z"}, {"locked"}),
    Case({"withRetriesLeft": True}, EVERYTHING - {"failed"}),  # as a number that was never given counts
    Case({"noRetriesLeft": True}, {"failed"}),
    Case({"priorityHigherThanOrEquals": 10}, {"plain"}),
    Case({"priorityLowerThanOrEquals": -5}, {"sleeping"}),
    Case({"active": True}, EVERYTHING - {"sleeping"}),
    Case({"suspended": True}, {"sleeping"}),
    Case({"tenantIdIn": ["acme", "nobody"]}, {"failed"}),
    Case({"processVariables": [compare("amount", "eq", 5)]}, {"plain", "failed"}),
    Case({"processVariables": [compare("Colour", "like", "R%")]}, {"locked", "expired", "sleeping"}),  # of any scope
    Case({"processVariables": [compare("AMOUNT", "eq", 5)], "variableNamesIgnoreCase": True}, {"plain", "failed"}),
    Case(
        {"processVariables": [compare("Colour", "eq", "red")], "variableValuesIgnoreCase": True},
        {"locked", "expired", "sleeping"},
    ),
    Case({"processDefinitionKey": "bill", "notLocked": True, "active": True}, {"expired"}),
]

STOCK = Stock("externalTasks", ExternalTaskQuery, stock, CASES)
