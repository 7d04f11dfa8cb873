"""Each filter of the query for running process instances, on rows that differ in what it asks for."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from process_engine.queries import ProcessInstanceQuery
from process_engine.queries.process_instances import PROCESS_INSTANCES
from process_engine.schema.cases import act_ru_case_execution
from process_engine.schema.repository import act_re_procdef
from process_engine.schema.runtime import act_ru_execution, act_ru_incident, act_ru_variable
from support.querying import selected
from support.rows import STARTED, Rows

EVERYTHING = {"plain", "suspended", "caller", "called", "waiting", "case"}


def stock(rows: Rows) -> None:
    definition(rows, "order:1", "order", deployment_id_="deployment-1")
    definition(rows, "order:2", "order", version_=2, deployment_id_="deployment-2")
    definition(rows, "bill:1", "bill", tenant_id_="acme")
    rows.instance("order:1", id_="plain", business_key_="B-1", act_id_="approve")
    rows.instance("order:2", id_="suspended", business_key_="b_2", suspension_state_=2, tenant_id_="acme")
    rows.instance("bill:1", id_="caller", business_key_="100%", tenant_id_="other", act_id_=None)
    execution(rows, "caller-call", "caller", act_id_="call")
    rows.instance("order:1", id_="called", called_by="caller-call", root="caller", business_key_="B-10")
    rows.instance("order:1", id_="waiting", act_id_=None)
    execution(rows, "waiting-ship", "waiting", act_id_="ship", act_inst_id_=None)
    execution(rows, "waiting-booked", "waiting", act_id_="booked", is_active_=False, is_event_scope_=True)
    case(rows, "case-execution", "case-1")
    case(rows, "case-task", "case-2", super_exec_="plain")
    rows.instance("order:1", id_="case", super_case_exec_="case-execution", case_inst_id_="case-1")
    incident(rows, "plain-incident", "plain", "failedJob", "timeout at 50%")
    incident(rows, "plain-other", "plain", "custom", "no such host")
    incident(rows, "called-incident", "called", "failedJob", "no such host")
    incident(rows, "caller-incident", "caller", "failedJob", None, cause_incident_id_="called-incident")
    variable(rows, "plain", "amount", "long", long_=5, text_="5")
    variable(rows, "plain", "colour", "string", text_="Red")
    variable(rows, "suspended", "amount", "long", long_=7, text_="7")
    variable(rows, "waiting", "amount", "long", execution_id_="waiting-ship", long_=5, text_="5")


def definition(rows: Rows, id_: str, key: str, **values: Any) -> None:
    row = {"id_": id_, "key_": key, "version_": 1, "rev_": 1, "suspension_state_": 1, "startable_": True}
    rows.insert(act_re_procdef, **(row | values))


def execution(rows: Rows, id_: str, instance: str, **values: Any) -> None:
    row = {"id_": id_, "rev_": 1, "proc_inst_id_": instance, "parent_id_": instance, "is_active_": True,
           "is_concurrent_": False, "is_scope_": True, "is_event_scope_": False, "suspension_state_": 1}  # fmt: skip
    rows.insert(act_ru_execution, **(row | values))


def case(rows: Rows, id_: str, instance: str, **values: Any) -> None:
    rows.insert(act_ru_case_execution, id_=instance, rev_=1)
    rows.insert(act_ru_case_execution, id_=id_, rev_=1, case_inst_id_=instance, **values)


def incident(rows: Rows, id_: str, instance: str, kind: str, message: str | None, **values: Any) -> None:
    row = {"id_": id_, "rev_": 1, "incident_timestamp_": STARTED, "incident_type_": kind, "incident_msg_": message,
           "execution_id_": instance, "proc_inst_id_": instance, "cause_incident_id_": id_}  # fmt: skip
    rows.insert(act_ru_incident, **(row | values))


def variable(rows: Rows, instance: str, name: str, kind: str, **values: Any) -> None:
    row = {"id_": rows.id("variable"), "rev_": 1, "name_": name, "type_": kind, "execution_id_": instance,
           "proc_inst_id_": instance}  # fmt: skip
    row |= values
    rows.insert(act_ru_variable, var_scope_=row["execution_id_"], **row)


CASES: list[tuple[dict[str, Any], set[str]]] = [
    ({"all": True}, EVERYTHING),
    ({"processInstanceIds": ["plain", "called", "caller-call", "nobody"]}, {"plain", "called"}),
    ({"deploymentId": "deployment-1"}, {"plain", "called", "waiting", "case"}),
    ({"processDefinitionId": "order:2"}, {"suspended"}),
    ({"processDefinitionKey": "order"}, EVERYTHING - {"caller"}),
    ({"processDefinitionKeyIn": ["bill", "nothing"]}, {"caller"}),
    ({"processDefinitionKeyNotIn": ["bill", "nothing"]}, EVERYTHING - {"caller"}),
    ({"businessKey": "B-1"}, {"plain"}),
    ({"businessKeyLike": "B-%"}, {"plain", "called"}),
    ({"businessKeyLike": "b%"}, {"suspended"}),
    ({"businessKeyLike": "_-_"}, {"plain"}),
    ({"businessKeyLike": "%\\_%"}, {"suspended"}),
    ({"businessKeyLike": "%\\%"}, {"caller"}),
    ({"caseInstanceId": "case-1"}, {"case"}),
    ({"rootProcessInstanceId": "caller"}, {"caller", "called"}),
    ({"superProcessInstance": "caller"}, {"called"}),
    ({"subProcessInstance": "called"}, {"caller"}),
    ({"superCaseInstance": "case-1"}, {"case"}),
    ({"subCaseInstance": "case-task"}, {"plain"}),
    ({"rootProcessInstances": True}, EVERYTHING - {"called"}),
    ({"leafProcessInstances": True}, EVERYTHING - {"caller"}),
    ({"active": True}, EVERYTHING - {"suspended"}),
    ({"suspended": True}, {"suspended"}),
    ({"withIncident": True}, {"plain", "called", "caller"}),
    ({"incidentId": "plain-other"}, {"plain"}),
    ({"incidentType": "failedJob"}, {"plain", "called", "caller"}),
    ({"incidentMessage": "no such host"}, {"plain", "called"}),
    ({"incidentMessageLike": "timeout%"}, {"plain"}),
    ({"incidentMessageLike": "%50\\%"}, {"plain"}),
    ({"incidentType": "failedJob", "incidentMessage": "no such host"}, {"called"}),  # of one incident
    ({"activityIdIn": ["approve", "ship"]}, {"plain", "waiting"}),
    ({"activityIdIn": ["booked"]}, set()),
    ({"variables": [{"name": "amount", "operator": "gteq", "value": 5}]}, {"plain", "suspended"}),
    ({"variables": [{"name": "amount", "operator": "gt", "value": 5}]}, {"suspended"}),
    (
        {
            "variables": [
                {"name": "amount", "operator": "eq", "value": 5},
                {"name": "colour", "operator": "eq", "value": "Red"},
            ]
        },
        {"plain"},
    ),
    ({"variables": [{"name": "Colour", "operator": "eq", "value": "Red"}], "variableNamesIgnoreCase": True}, {"plain"}),
    (
        {"variables": [{"name": "colour", "operator": "eq", "value": "RED"}], "variableValuesIgnoreCase": True},
        {"plain"},
    ),
    ({"variables": [{"name": "Colour", "operator": "eq", "value": "Red"}]}, set()),
    ({"tenantIdIn": ["acme", "nobody"]}, {"suspended"}),
    ({"withoutTenantId": True}, EVERYTHING - {"suspended", "caller"}),
    ({"processDefinitionWithoutTenantId": True}, EVERYTHING - {"caller"}),
    ({"processDefinitionKey": "order", "active": True, "businessKeyLike": "B%"}, {"plain", "called"}),
    ({"orQueries": [{"businessKey": "B-1", "suspended": True}]}, {"plain", "suspended"}),
    ({"active": True, "orQueries": [{"businessKey": "B-1", "suspended": True}]}, {"plain"}),
    ({"orQueries": [{"businessKey": "B-1", "suspended": True}, {"tenantIdIn": ["acme"]}]}, {"suspended"}),
    ({"orQueries": [{"withIncident": True, "activityIdIn": ["ship"]}]}, {"plain", "called", "caller", "waiting"}),
    ({"withIncident": True, "orQueries": [{"active": True}]}, {"plain", "called", "caller"}),
    ({"incidentType": "custom", "orQueries": [{"incidentMessageLike": "timeout%"}]}, set()),  # of one incident
    ({"incidentType": "custom", "orQueries": [{"incidentMessageLike": "timeout%", "businessKey": "B-1"}]}, {"plain"}),
    (
        {"orQueries": [{"variables": [{"name": "amount", "operator": "eq", "value": value} for value in (5, 7)]}]},
        {"plain", "suspended"},
    ),
]


@pytest.mark.parametrize(("filters", "expected"), CASES, ids=[str(filters) for filters, _ in CASES])
def test_query_selects_each_matching_instance_once(
    stocked: Engine, filters: dict[str, Any], expected: set[str]
) -> None:
    assert selected(stocked, ProcessInstanceQuery, filters) == sorted(expected)


def test_every_filter_has_a_case() -> None:
    used = {name for filters, _ in CASES for name in filters}

    assert PROCESS_INSTANCES.by_name.keys() - used == set()


SINGLE = [
    filters
    for filters, _ in CASES
    if len(filters) == 1 and not filters.keys() & {"all", "orQueries"} and "ncident" not in next(iter(filters))
]
FILTERS = st.lists(st.sampled_from(SINGLE), max_size=3)
GROUPS = st.lists(st.lists(st.sampled_from(SINGLE), min_size=1, max_size=3), max_size=2)


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
@given(filters=FILTERS, groups=GROUPS, ids=st.sets(st.sampled_from(sorted(EVERYTHING)), min_size=1))
def test_filters_intersect_and_those_of_an_or_query_unite(
    stocked: Engine, filters: list[dict[str, Any]], groups: list[list[dict[str, Any]]], ids: set[str]
) -> None:
    """Of incidents only single filters are taken here: two of them are about one incident."""
    query = united(filters) | {"processInstanceIds": sorted(ids)}
    or_queries = [united(group) for group in groups]

    def of(name: str, value: Any) -> set[str]:
        return set(selected(stocked, ProcessInstanceQuery, {name: value}))

    expected = set.intersection(
        *(of(*each) for each in query.items()),
        *(set.union(*(of(*each) for each in group.items())) for group in or_queries),
    )
    whole = query | ({"orQueries": or_queries} if or_queries else {})

    assert selected(stocked, ProcessInstanceQuery, whole) == sorted(expected)
