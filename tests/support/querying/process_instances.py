"""Each filter of the query for running process instances, on rows that differ in what it asks for."""

from typing import Any

from process_engine.queries.models import ProcessInstanceQuery
from process_engine.schema.cases import act_ru_case_execution
from process_engine.schema.runtime import act_ru_execution, act_ru_incident, act_ru_variable
from support.querying import Case, Stock
from support.rows import STARTED, Rows

EVERYTHING = {"plain", "suspended", "caller", "called", "waiting", "case"}


def stock(rows: Rows) -> None:
    rows.definition("order", id_="order:1", deployment_id_="deployment-1")
    rows.definition("order", 2, id_="order:2", deployment_id_="deployment-2")
    rows.definition("bill", id_="bill:1", tenant="acme")
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


CASES: list[Case] = [
    Case({"all": True}, EVERYTHING),
    Case({"processInstanceIds": ["plain", "called", "caller-call", "nobody"]}, {"plain", "called"}),
    Case({"deploymentId": "deployment-1"}, {"plain", "called", "waiting", "case"}),
    Case({"processDefinitionId": "order:2"}, {"suspended"}),
    Case({"processDefinitionKey": "order"}, EVERYTHING - {"caller"}),
    Case({"processDefinitionKeyIn": ["bill", "nothing"]}, {"caller"}),
    Case({"processDefinitionKeyNotIn": ["bill", "nothing"]}, EVERYTHING - {"caller"}),
    Case({"businessKey": "B-1"}, {"plain"}),
    Case({"businessKeyLike": "B-%"}, {"plain", "called"}),
    Case({"businessKeyLike": "b%"}, {"suspended"}),
    Case({"businessKeyLike": "_-_"}, {"plain"}),
    Case({"businessKeyLike": "%\\_%"}, {"suspended"}),
    Case({"businessKeyLike": "%\\%"}, {"caller"}),
    Case({"caseInstanceId": "case-1"}, {"case"}),
    Case({"rootProcessInstanceId": "caller"}, {"caller", "called"}),
    Case({"superProcessInstance": "caller"}, {"called"}),
    Case({"subProcessInstance": "called"}, {"caller"}),
    Case({"superCaseInstance": "case-1"}, {"case"}),
    Case({"subCaseInstance": "case-task"}, {"plain"}),
    Case({"rootProcessInstances": True}, EVERYTHING - {"called"}),
    Case({"leafProcessInstances": True}, EVERYTHING - {"caller"}),
    Case({"active": True}, EVERYTHING - {"suspended"}),
    Case({"suspended": True}, {"suspended"}),
    Case({"withIncident": True}, {"plain", "called", "caller"}),
    Case({"incidentId": "plain-other"}, {"plain"}),
    Case({"incidentType": "failedJob"}, {"plain", "called", "caller"}),
    Case({"incidentMessage": "no such host"}, {"plain", "called"}),
    Case({"incidentMessageLike": "timeout%"}, {"plain"}),
    Case({"incidentMessageLike": "%50\\%"}, {"plain"}),
    Case({"incidentType": "failedJob", "incidentMessage": "no such host"}, {"called"}),  # of one incident
    Case({"activityIdIn": ["approve", "ship"]}, {"plain", "waiting"}),
    Case({"activityIdIn": ["booked"]}, set()),
    Case({"variables": [{"name": "amount", "operator": "gteq", "value": 5}]}, {"plain", "suspended"}),
    Case({"variables": [{"name": "amount", "operator": "gt", "value": 5}]}, {"suspended"}),
    Case(
        {
            "variables": [
                {"name": "amount", "operator": "eq", "value": 5},
                {"name": "colour", "operator": "eq", "value": "Red"},
            ]
        },
        {"plain"},
    ),
    Case(
        {"variables": [{"name": "Colour", "operator": "eq", "value": "Red"}], "variableNamesIgnoreCase": True},
        {"plain"},
    ),
    Case(
        {"variables": [{"name": "colour", "operator": "eq", "value": "RED"}], "variableValuesIgnoreCase": True},
        {"plain"},
    ),
    Case({"variables": [{"name": "Colour", "operator": "eq", "value": "Red"}]}, set()),
    Case({"tenantIdIn": ["acme", "nobody"]}, {"suspended"}),
    Case({"withoutTenantId": True}, EVERYTHING - {"suspended", "caller"}),
    Case({"processDefinitionWithoutTenantId": True}, EVERYTHING - {"caller"}),
    Case({"processDefinitionKey": "order", "active": True, "businessKeyLike": "B%"}, {"plain", "called"}),
    Case({"orQueries": [{"businessKey": "B-1", "suspended": True}]}, {"plain", "suspended"}),
    Case({"active": True, "orQueries": [{"businessKey": "B-1", "suspended": True}]}, {"plain"}),
    Case({"orQueries": [{"businessKey": "B-1", "suspended": True}, {"tenantIdIn": ["acme"]}]}, {"suspended"}),
    # Java forgets withIncident where there are orQueries, and joins leafProcessInstances by AND in them.
    Case(
        {"orQueries": [{"withIncident": True, "activityIdIn": ["ship"]}]},
        {"plain", "called", "caller", "waiting"},
        java={"waiting"},
    ),
    Case(
        {"withIncident": True, "orQueries": [{"active": True}]},
        {"plain", "called", "caller"},
        java=EVERYTHING - {"suspended"},
    ),
    Case(
        {"orQueries": [{"businessKey": "B-1", "leafProcessInstances": True}]}, EVERYTHING - {"caller"}, java={"plain"}
    ),
    Case({"incidentType": "custom", "orQueries": [{"incidentMessageLike": "timeout%"}]}, set()),  # of one incident
    Case(
        {"incidentType": "custom", "orQueries": [{"incidentMessageLike": "timeout%", "businessKey": "B-1"}]}, {"plain"}
    ),
    Case(
        {"orQueries": [{"variables": [{"name": "amount", "operator": "eq", "value": value} for value in (5, 7)]}]},
        {"plain", "suspended"},
    ),
]

STOCK = Stock("processInstances", ProcessInstanceQuery, stock, CASES)
