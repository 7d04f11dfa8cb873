"""What is wrong with a manifest, in words for its author: the field as it is written there, its value, and the rule."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

LONGEST_VALUE = 60


def problems(error: ValidationError, root: str = "") -> list[str]:
    """One line for each broken rule.

    Args:
        error: From validating a manifest or a part of one.
        root: Dotted path of that part, for example ``spec``.
    """
    return list(dict.fromkeys(_problem(details, root) for details in error.errors(include_url=False)))


def _problem(details: ErrorDetails, root: str) -> str:
    context = details.get("ctx", {})
    field = _join(root, _path(details, error_field=str(context.get("field", ""))))
    rule = _RULES.get(details["type"], _as_pydantic_says)(context, details)
    return f"{field}: {rule}" if field else rule


def _join(root: str, path: str) -> str:
    return f"{root}.{path}" if root and path and not path.startswith("[") else root + path


def _path(details: ErrorDetails, error_field: str) -> str:
    path = ""
    for step in details["loc"]:
        if isinstance(step, int):
            path += f"[{step}]"
        elif _is_name(step):
            path = _join(path, step)
    return _join(path, error_field)


def _is_name(step: str) -> bool:
    """Whether a step of a location is a field; pydantic adds the names of types where a value may be of several."""
    return step.replace("_", "a").replace("-", "a").isalnum() and step not in _TYPE_NAMES


_TYPE_NAMES = {"bool", "int", "float", "str", "none"}


def _value(details: ErrorDetails) -> str:
    value = details["input"]
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return f"a list of {len(cast('Sequence[Any]', value))}"
    text = {True: "true", False: "false", None: "null"}.get(value, repr(value)) if _is_plain(value) else repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, bool)


Rule = Callable[[Mapping[str, Any], ErrorDetails], str]


def _as_pydantic_says(_: Mapping[str, Any], details: ErrorDetails) -> str:
    message = details["msg"]
    return f"{_value(details)} is wrong: {message[0].lower()}{message[1:]}"


def _must(rule: str) -> Rule:
    return lambda context, details: f"{_value(details)} must be {rule.format(**context)}"


def _choice(context: Mapping[str, Any], details: ErrorDetails) -> str:
    return f"{_value(details)} is not one of {str(context['expected']).replace(' or ', ', ')}"


_RULES: dict[str, Rule] = {
    "rule": lambda context, _: str(context["rule"]),
    "value_error": lambda context, _: str(context["error"]),
    "missing": lambda _, __: "is missing",
    "enum": _choice,
    "literal_error": _choice,
    "int_type": _must("a whole number"),
    "int_from_float": _must("a whole number"),
    "int_parsing": _must("a whole number"),
    "bool_type": _must("true or false"),
    "string_type": _must("a text; put it in quotes"),
    "string_too_short": _must("at least {min_length} characters long"),
    "string_too_long": _must("at most {max_length} characters long"),
    "string_pattern_mismatch": _must("like {pattern}"),
    "too_long": _must("at most {max_length} entries long"),
    "too_short": _must("at least {min_length} entries long"),
    "greater_than_equal": _must("at least {ge}"),
    "less_than_equal": _must("at most {le}"),
    "tuple_type": _must("a list"),
    "model_type": _must("an object with fields"),
    "model_attributes_type": _must("an object with fields"),
    "mapping_type": _must("an object with fields"),
    "dict_type": _must("an object with fields"),
}
