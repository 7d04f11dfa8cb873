"""How variables are compared: by the type that the value says, in the runtime as in the history."""

from datetime import UTC, datetime
from typing import Any

from process_engine.queries.models import HistoricProcessInstanceQuery, ProcessInstanceQuery
from process_engine.schema.history import act_hi_varinst
from process_engine.schema.runtime import act_ru_variable
from support.querying import Case, Stock
from support.rows import Rows

MOMENT = int(datetime(2030, 5, 1, 10, tzinfo=UTC).timestamp() * 1000)
LARGE = 2**40

VARIABLES: dict[str, dict[str, Any]] = {
    "short": {"type_": "short", "long_": 5, "text_": "5"},
    "integer": {"type_": "integer", "long_": 5, "text_": "5"},
    "long": {"type_": "long", "long_": 5, "text_": "5"},
    "large": {"type_": "long", "long_": LARGE, "text_": str(LARGE)},
    "double": {"type_": "double", "double_": 5.0},
    "fraction": {"type_": "double", "double_": 5.5},
    "true": {"type_": "boolean", "long_": 1},
    "false": {"type_": "boolean", "long_": 0},
    "date": {"type_": "date", "long_": MOMENT},
    "five": {"type_": "string", "text_": "5"},
    "text": {"type_": "string", "text_": "a*b_[c]"},
    "upper": {"type_": "string", "text_": "A*B_[C]"},
    "null": {"type_": "null"},
    "missing": {"type_": "string"},
}
NUMBERS = {"short", "integer", "long", "double"}
EVERYTHING = set(VARIABLES)


def stock(rows: Rows) -> None:
    definition = rows.definition()
    for label, stored in VARIABLES.items():
        rows.instance(definition, id_=label)
        rows.ended_instance(id_=label)
        rows.insert(act_ru_variable, id_=label, rev_=1, name_="x", execution_id_=label, proc_inst_id_=label,
                    var_scope_=label, **stored)  # fmt: skip
        historic = {name.replace("type_", "var_type_"): value for name, value in stored.items()}
        rows.insert(act_hi_varinst, id_=label, rev_=0, name_="x", proc_inst_id_=label, **historic)
    rows.instance(definition, id_="without")
    rows.ended_instance(id_="without")


COMPARISONS: list[tuple[str, dict[str, Any], set[str]]] = [
    ("eq", {"value": 5}, NUMBERS),
    ("eq", {"value": 5.0}, NUMBERS),
    ("neq", {"value": 5}, EVERYTHING - NUMBERS),
    ("gt", {"value": 4}, NUMBERS | {"large", "fraction"}),
    ("gteq", {"value": 5}, NUMBERS | {"large", "fraction"}),
    ("lt", {"value": 6}, NUMBERS | {"fraction"}),
    ("lteq", {"value": 5}, NUMBERS),
    ("gt", {"value": 5.2}, {"fraction"}),  # with a fraction only doubles are compared, as the family does
    ("eq", {"value": LARGE}, {"large"}),
    ("eq", {"value": 5, "type": "Integer"}, {"integer"}),
    ("eq", {"value": 5, "type": "Short"}, {"short"}),
    ("eq", {"value": 5, "type": "Long"}, {"long"}),
    ("gteq", {"value": 5, "type": "Double"}, {"double", "fraction"}),
    ("eq", {"value": True}, {"true"}),
    ("neq", {"value": True}, EVERYTHING - {"true"}),
    ("eq", {"value": False, "type": "Boolean"}, {"false"}),
    ("eq", {"value": None}, {"null", "missing"}),
    ("eq", {"type": "Null"}, {"null", "missing"}),
    ("eq", {"value": None, "type": "String"}, {"missing"}),
    ("neq", {"value": None}, EVERYTHING - {"null", "missing"}),
    ("eq", {"value": "5"}, {"five"}),
    ("neq", {"value": "5"}, EVERYTHING - {"five"}),
    ("gt", {"value": "5"}, {"text", "upper"}),
    ("eq", {"value": "a*b_[c]"}, {"text"}),
    ("like", {"value": "a%"}, {"text"}),
    ("like", {"value": "%*b\\_[c]"}, {"text"}),
    ("like", {"value": "_*_____"}, {"text", "upper"}),
    ("notLike", {"value": "a%"}, EVERYTHING - {"text"}),
    ("like", {"value": "?%"}, set()),
    ("eq", {"value": "2030-05-01T12:00:00.000+0200"}, {"date"}),
    ("lt", {"value": "2030-05-01T12:00:00.001+0200"}, {"date"}),
    ("eq", {"value": "2030-05-01T10:00:00Z", "type": "Date"}, {"date"}),
    ("eq", {"value": "2030-05-01T10:00:00Z"}, set()),  # a text
]

IGNORING_CASE: list[tuple[str, Any, set[str]]] = [
    ("eq", "A*b_[C]", {"text", "upper"}),
    ("like", "A*b\\_%", {"text", "upper"}),
    ("eq", 5, NUMBERS),
]

CASES = [
    *(
        Case({"variables": [{"name": "x", "operator": operator, **condition}]}, expected)
        for operator, condition, expected in COMPARISONS
    ),
    *(
        Case(
            {"variables": [{"name": "x", "operator": operator, "value": value}], "variableValuesIgnoreCase": True},
            expected,
        )
        for operator, value, expected in IGNORING_CASE
    ),
]

STOCKS = [
    Stock("processInstances", ProcessInstanceQuery, stock, CASES),
    Stock("historicProcessInstances", HistoricProcessInstanceQuery, stock, CASES),
]
