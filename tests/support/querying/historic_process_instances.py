"""Each filter of the query for process instances in the history, on rows that differ in what it asks for."""

from datetime import timedelta
from typing import Any

from process_engine.queries.models import HistoricProcessInstanceQuery
from process_engine.schema.cases import act_hi_caseinst
from process_engine.schema.history import act_hi_actinst, act_hi_incident, act_hi_varinst
from process_engine.schema.history_logs import act_hi_job_log
from support.querying import NOON, Case, Stock
from support.rows import Rows

HOUR = timedelta(hours=1)
EVERYTHING = {"done", "cancelled", "stopped", "running", "suspended", "orphan"}


def stock(rows: Rows) -> None:
    rows.definition("order", id_="order:1", name_="Order")
    rows.definition("bill_1", id_="bill:1", name_="The bill")
    instance(rows, "done", start_time_=NOON - 9 * HOUR, end_time_=NOON - 8 * HOUR, business_key_="B-1",
             start_user_id_="mary", super_process_instance_id_="running", root_proc_inst_id_="running")  # fmt: skip
    instance(rows, "cancelled", start_time_=NOON - 7 * HOUR, end_time_=NOON - 6 * HOUR, state_="EXTERNALLY_TERMINATED",
             business_key_="b-2", tenant_id_="acme", proc_def_id_="bill:1", proc_def_key_="bill_1")  # fmt: skip
    instance(rows, "stopped", start_time_=NOON - 5 * HOUR, end_time_=NOON - 4 * HOUR, state_="INTERNALLY_TERMINATED",
             case_inst_id_="case-1", super_case_instance_id_="case-1")  # fmt: skip
    instance(rows, "running", start_time_=NOON - 3 * HOUR, end_time_=None, state_="ACTIVE", business_key_="B-3")
    instance(rows, "suspended", start_time_=NOON - 2 * HOUR, end_time_=None, state_="SUSPENDED", tenant_id_="other")
    instance(rows, "orphan", start_time_=NOON - 5 * HOUR, end_time_=NOON - 4 * HOUR, proc_def_id_="gone:1")
    rows.insert(act_hi_caseinst, id_="case-2", case_inst_id_="case-2", case_def_id_="x", create_time_=NOON,
                super_process_instance_id_="stopped")  # fmt: skip
    incident(rows, "own", "running", "failedJob", "timeout at 50%", root_cause_incident_id_="own")
    incident(rows, "inherited", "suspended", "failedJob", None, root_cause_incident_id_="own")
    incident(rows, "resolved", "done", "custom", "no such host", end_time_=NOON, root_cause_incident_id_="resolved")
    rows.instance("order:1", id_="running", act_id_="approve")
    rows.instance("order:1", id_="suspended", act_id_="ship", suspension_state_=2)
    activity(rows, "done", "approve", start_time_=NOON - 9 * HOUR, end_time_=NOON - 8 * HOUR)
    activity(rows, "running", "check", start_time_=NOON - 3 * HOUR, end_time_=NOON - HOUR)
    activity(rows, "running", "approve", start_time_=NOON - HOUR)
    rows.job("running", retries=1, exception_msg_="timeout")
    rows.job("suspended", retries=3)
    log(rows, "done", NOON - 8 * HOUR)
    log(rows, "running", NOON - 2 * HOUR)
    variable(rows, "done", "amount", "integer", long_=5, text_="5")
    variable(rows, "cancelled", "amount", "integer", long_=7, text_="7")
    variable(rows, "stopped", "amount", "integer", long_=5, text_="5")
    variable(rows, "stopped", "amount", "integer", long_=9, text_="9")  # of another scope
    variable(rows, "running", "colour", "string", text_="Red")


def instance(rows: Rows, id_: str, **values: Any) -> None:
    rows.ended_instance(id_=id_, **({"proc_def_id_": "order:1", "proc_def_key_": "order"} | values))


def incident(rows: Rows, id_: str, instance: str, kind: str, message: str | None, **values: Any) -> None:
    row = {
        "id_": id_,
        "incident_type_": kind,
        "incident_msg_": message,
        "proc_inst_id_": instance,
        "create_time_": NOON,
    }
    rows.insert(act_hi_incident, **row, **values)


def activity(rows: Rows, instance: str, activity: str, **values: Any) -> None:
    rows.insert(act_hi_actinst, id_=rows.id("activity"), act_id_=activity, act_type_="userTask", proc_inst_id_=instance,
                execution_id_=instance, proc_def_id_="order:1", **values)  # fmt: skip


def log(rows: Rows, instance: str, moment: Any) -> None:
    rows.insert(act_hi_job_log, id_=rows.id("log"), timestamp_=moment, process_instance_id_=instance, job_id_="a")


def variable(rows: Rows, instance: str, name: str, kind: str, **values: Any) -> None:
    rows.insert(act_hi_varinst, id_=rows.id("variable"), name_=name, var_type_=kind, proc_inst_id_=instance, rev_=1,
                state_="CREATED", **values)  # fmt: skip


def compare(name: str, operator: str, value: Any) -> dict[str, Any]:
    return {"name": name, "operator": operator, "value": value}


# The engine's zone is two hours ahead of UTC: its 03:00 is 01:00Z.
CASES: list[Case] = [
    Case({"all": True}, EVERYTHING),
    Case({"processInstanceId": "done"}, {"done"}),
    Case({"processInstanceIds": ["done", "running", "nobody"]}, {"done", "running"}),
    Case({"processInstanceIdNotIn": ["done", "orphan"]}, EVERYTHING - {"done", "orphan"}),
    Case({"rootProcessInstanceId": "running"}, {"done", "running"}),
    Case({"processDefinitionId": "gone:1"}, {"orphan"}),
    Case({"processDefinitionName": "Order"}, EVERYTHING - {"cancelled", "orphan"}),
    Case({"processDefinitionNameLike": "%bill"}, {"cancelled"}),
    Case({"processDefinitionKey": "order"}, EVERYTHING - {"cancelled", "orphan"}),
    Case({"processDefinitionKeyIn": ["bill_1", "nothing"]}, {"cancelled"}),
    Case({"processDefinitionKeyNotIn": ["bill%", "nothing"]}, EVERYTHING - {"cancelled", "orphan"}),
    Case({"processInstanceBusinessKey": "B-1"}, {"done"}),
    Case({"processInstanceBusinessKeyIn": ["B-1", "b-2"]}, {"done", "cancelled"}),
    Case({"processInstanceBusinessKeyLike": "B-%"}, {"done", "running"}),
    Case({"rootProcessInstances": True}, EVERYTHING - {"done"}),
    Case({"superProcessInstanceId": "running"}, {"done"}),
    Case({"subProcessInstanceId": "done"}, {"running"}),
    Case({"superCaseInstanceId": "case-1"}, {"stopped"}),
    Case({"subCaseInstanceId": "case-2"}, {"stopped"}),
    Case({"caseInstanceId": "case-1"}, {"stopped"}),
    Case({"finished": True}, EVERYTHING - {"running", "suspended"}),
    Case({"unfinished": True}, {"running", "suspended"}),
    Case({"startedBefore": "2030-06-01T03:00:00Z"}, {"done", "cancelled"}),
    Case({"startedBefore": "2030-06-01T05:00:00.000+0200"}, {"done", "cancelled"}),
    Case({"startedAfter": "2030-06-01T07:00:00Z"}, {"running", "suspended"}),
    Case({"startedAfter": "2030-06-01T07:00:00Z", "startedBefore": "2030-06-01T07:00:00Z"}, {"running"}),
    Case({"finishedBefore": "2030-06-01T04:00:00Z"}, {"done", "cancelled"}),
    Case({"finishedAfter": "2030-06-01T04:00:00Z"}, {"cancelled", "stopped", "orphan"}),
    Case({"startedBy": "mary"}, {"done"}),
    Case({"active": True}, {"running"}),
    Case({"suspended": True}, {"suspended"}),
    Case({"completed": True}, {"done", "orphan"}),
    Case({"externallyTerminated": True}, {"cancelled"}),
    Case({"internallyTerminated": True}, {"stopped"}),
    Case({"withJobsRetrying": True}, {"running"}),
    Case({"withIncidents": True}, {"running", "suspended", "done"}),
    Case({"withRootIncidents": True}, {"running", "done"}),
    Case({"incidentIdIn": ["inherited", "none"]}, {"suspended"}),
    Case({"incidentStatus": "open"}, {"running", "suspended"}),
    Case({"incidentStatus": "resolved"}, {"done"}),
    Case({"incidentType": "failedJob"}, {"running", "suspended"}),
    Case({"incidentMessage": "no such host"}, {"done"}),
    Case({"incidentMessageLike": "timeout%"}, {"running"}),
    Case({"executedActivityAfter": "2030-06-01T08:00:00Z"}, {"running"}),
    Case({"executedActivityBefore": "2030-06-01T01:00:00Z"}, {"done"}),
    # Of one activity that lies over both bounds, and of none where each is met by another one:
    Case(
        {"executedActivityAfter": "2030-06-01T08:30:00Z", "executedActivityBefore": "2030-06-01T07:30:00Z"}, {"running"}
    ),
    Case({"executedActivityAfter": "2030-06-01T09:30:00Z", "executedActivityBefore": "2030-06-01T07:30:00Z"}, set()),
    Case({"executedActivityIdIn": ["approve"]}, {"done"}),
    Case({"activeActivityIdIn": ["approve"]}, {"running"}),
    # Java asks one activity instance to be ended and not ended.
    Case({"executedActivityIdIn": ["check"], "activeActivityIdIn": ["approve"]}, {"running"}, java=set()),
    Case({"activityIdIn": ["approve", "none"]}, {"running"}),
    Case({"executedJobAfter": "2030-06-01T08:00:00Z"}, {"running"}),
    Case({"executedJobBefore": "2030-06-01T08:00:00Z"}, {"running", "done"}),
    Case({"variables": [compare("amount", "eq", 5)]}, {"done", "stopped"}),
    Case({"variables": [compare("amount", "gt", 6)]}, {"cancelled", "stopped"}),
    Case({"variables": [compare("amount", "gt", 4), compare("amount", "lt", 6)]}, {"done", "stopped"}),
    Case({"variables": [compare("amount", "gt", 5), compare("amount", "lt", 9)]}, {"cancelled"}),  # of one variable
    Case({"variables": [compare("COLOUR", "eq", "Red")], "variableNamesIgnoreCase": True}, {"running"}),
    Case({"variables": [compare("colour", "eq", "rED")], "variableValuesIgnoreCase": True}, {"running"}),
    Case({"tenantIdIn": ["acme", "nobody"]}, {"cancelled"}),
    Case({"withoutTenantId": True}, EVERYTHING - {"cancelled", "suspended"}),
    Case({"orQueries": [{"active": True, "completed": True}]}, {"running", "done", "orphan"}),
    # In orQueries Java forgets withIncidents, takes instances without an incident for ones with an open one, adds all
    # finished ones to those finished before a time, and joins processDefinitionKeyIn by AND.
    Case(
        {"finished": True, "orQueries": [{"withIncidents": True, "tenantIdIn": ["acme"]}]},
        {"done", "cancelled"},
        java={"cancelled"},
    ),
    Case(
        {"orQueries": [{"incidentStatus": "open", "startedBy": "mary"}]},
        {"running", "suspended", "done"},
        java=EVERYTHING,
    ),
    Case(
        {"orQueries": [{"finishedBefore": "2030-06-01T02:00:00Z", "active": True}]},
        {"done", "running"},
        java=EVERYTHING - {"suspended"},
    ),
    Case(
        {"orQueries": [{"processInstanceIds": ["done"], "processDefinitionKeyIn": ["bill_1"]}]},
        {"done", "cancelled"},
        java=set(),
    ),
    Case({"orQueries": [{"variables": [compare("amount", "eq", 7), compare("colour", "like", "R%")]}]},
     {"cancelled", "running"}),
]  # fmt: skip

STOCK = Stock("historicProcessInstances", HistoricProcessInstanceQuery, stock, CASES)
