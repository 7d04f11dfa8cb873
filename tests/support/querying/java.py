"""Our queries as calls on the Java API's queries, as the family's REST interface makes them."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from process_engine.queries.variables import DATE_PATTERN

RENAMED = {
    "businessKey": "processInstanceBusinessKey",
    "businessKeyLike": "processInstanceBusinessKeyLike",
    "superProcessInstance": "superProcessInstanceId",
    "subProcessInstance": "subProcessInstanceId",
    "superCaseInstance": "superCaseInstanceId",
    "subCaseInstance": "subCaseInstanceId",
    "variableNamesIgnoreCase": "matchVariableNamesIgnoreCase",
    "variableValuesIgnoreCase": "matchVariableValuesIgnoreCase",
}
TIMES = {
    ("dueDates", "gt"): "duedateHigherThan",
    ("dueDates", "lt"): "duedateLowerThan",
    ("createTimes", "gt"): "createdAfter",
    ("createTimes", "lt"): "createdBefore",
}
OPERATORS = {
    "eq": "Equals",
    "neq": "NotEquals",
    "gt": "GreaterThan",
    "gteq": "GreaterThanOrEqual",
    "lt": "LessThan",
    "lteq": "LessThanOrEqual",
    "like": "Like",
    "notLike": "NotLike",
}
VARIABLES = {"variables": "variableValue", "processVariables": "processVariableValue"}
Call = list[Any]


def calls(filters: Mapping[str, Any]) -> Iterator[Call]:
    """The calls that say what the filters say."""
    for name, value in filters.items():
        if name == "orQueries":
            for each in value:
                yield from (["or"], *calls(each), ["endOr"])
        elif name != "all":
            yield from _of_filter(name, value)


def _of_filter(name: str, value: Any) -> Iterator[Call]:
    if name in VARIABLES:
        yield from (_comparison(VARIABLES[name], each) for each in value)
    elif name in ("dueDates", "createTimes"):
        yield from ([TIMES[name, each["operator"]], _instant(each["value"])] for each in value)
    else:
        yield [RENAMED.get(name, name), *([] if value is True else [_instant(value)])]


def _comparison(prefix: str, condition: Mapping[str, Any]) -> Call:
    method = prefix + OPERATORS[condition["operator"]]
    if prefix == "processVariableValue" and method.endswith("OrEqual"):
        method += "s"
    return [method, condition["name"], _variable(condition)]


def _variable(condition: Mapping[str, Any]) -> Any:
    value, kind = condition.get("value"), condition.get("type")
    is_date = kind is None and isinstance(value, str) and re.match(DATE_PATTERN, value)
    if kind is None and not is_date:
        return value
    return {"type": "Date" if is_date else kind, "value": _instant(value)}


def _instant(value: Any) -> Any:
    """Moments as Java reads them, other values as they are."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\dT", value):
        return value
    return datetime.fromisoformat(value).astimezone(UTC).isoformat().replace("+00:00", "Z")
