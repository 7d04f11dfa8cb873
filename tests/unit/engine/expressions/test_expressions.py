"""What expressions are worth without a JVM; that it is what JUEL makes of them is stated by the peer tests."""

import contextlib
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from process_engine.expressions import (
    ExpressionError,
    ExpressionSyntaxError,
    Integer,
    Long,
    NeedsJvmError,
    Short,
    UnknownNameError,
    evaluate,
    names,
    needs_jvm,
    serializer,
)

ORDER: dict[str, Any] = {"lines": [{"price": 2.5, "count": Integer(4)}], "id": "o-1", "none": None}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("${order.lines[0].price * order.lines[0].count}", 10.0),
        ("${order['id']}", "o-1"),
        ("${order.gone}", None),
        ("${order.lines[1]}", None),
        ("${order.lines['0'].count}", 4),
        ("${order.none.deeper}", None),
        ("${order[null]}", None),
        ("${empty order.lines}", False),
        ("${order.lines[0] != null}", True),
        ("#{order.id}", "o-1"),
        ("order ${order.id}!", "order o-1!"),
    ],
)
def test_maps_and_lists_are_looked_into(expression: str, value: Any) -> None:
    assert evaluate(expression, {"order": ORDER}) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "boolean"),
        (Short(1), "short"),
        (Integer(1), "integer"),
        (Long(1), "long"),
        (1.0, "double"),
        ("", "string"),
        (datetime(2030, 1, 1), "date"),  # noqa: DTZ001 - local time of the engine
        (b"", "bytes"),
        ([], None),
        ({}, None),
    ],
)
def test_values_are_stored_with_the_types_that_they_have(value: Any, expected: str | None) -> None:
    assert serializer(value) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("${i}", "integer"),
        ("${i + 1}", "long"),
        ("${-i}", "integer"),
        ("${i / 1}", "double"),
        ("${i}${i}", "string"),
        ("${1}", "long"),
        ("1", "string"),
        ("${i > 0}", "boolean"),
    ],
)
def test_results_have_the_types_that_the_family_gives_them(expression: str, expected: str) -> None:
    assert serializer(evaluate(expression, {"i": Integer(2)})) == expected


def test_numbers_wrap_around_at_their_size() -> None:
    assert evaluate("${i + 1}", {"i": Long(2**63 - 1)}) == -(2**63)
    assert evaluate("${-i}", {"i": Integer(-(2**31))}) == -(2**31)


def test_a_name_that_is_no_variable_is_told() -> None:
    with pytest.raises(UnknownNameError) as caught:
        evaluate("${no ? a : bean.value}", {"no": False, "a": 1})

    assert caught.value.name == "bean"


def test_what_is_not_looked_at_need_not_be_known() -> None:
    assert evaluate("${no && bean || yes ? 1 : bean}", {"no": False, "yes": True}) == 1


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("${bean.run(a, 'b')}", "calls the method 'run'"),
        ("${a ? b : prefix:function(1)}", "calls the function 'prefix:function'"),
        ("${now()}", "calls the function 'now'"),
        ("${list[0](1)}", "calls a method"),
        ("text ${execution.processInstanceId}", "uses 'execution'"),
        ("${task}", "uses 'task'"),
    ],
)
def test_what_needs_a_jvm_whatever_the_variables_are_is_told(expression: str, reason: str) -> None:
    assert needs_jvm(expression) == reason
    with pytest.raises(NeedsJvmError):
        evaluate(expression, {"a": False, "list": [1], "execution": 1, "task": 1, "bean": 1})


@pytest.mark.parametrize("expression", ["plain", "${a}", "${a.b['c']}", "${a ? b : c}", "${'execution'}", "${a.task}"])
def test_expressions_of_variables_need_no_jvm(expression: str) -> None:
    assert needs_jvm(expression) is None


def test_names_are_the_roots_only() -> None:
    assert names("${a.b[c] + 'd'} ${e.f(g)}") == {"a", "c"}


@pytest.mark.parametrize("value", [object(), datetime(2030, 1, 1)])  # noqa: DTZ001 - local time of the engine
def test_objects_are_left_to_the_jvm(value: Any) -> None:
    with pytest.raises(NeedsJvmError):
        evaluate("${value.time}", {"value": value})
    with pytest.raises(NeedsJvmError):
        evaluate("at ${value}", {"value": value})


@pytest.mark.parametrize("expression", ["${", "${}", "${a b}", "${a}#{b}", "${a.empty}", "${9223372036854775808}"])
def test_what_is_no_expression_is_an_error_and_left_to_the_jvm(expression: str) -> None:
    with pytest.raises(ExpressionSyntaxError):
        evaluate(expression, {"a": 1, "b": 1})
    assert needs_jvm(expression) is not None


@pytest.mark.parametrize(
    "expression",
    ["${" + "-" * 5000 + "1}", "${" + "1+" * 5000 + "1}", "${a" + ".b" * 5000 + "}", "${1 ? " * 5000, "x" * 100_000],
)
def test_expressions_are_bounded(expression: str) -> None:
    with pytest.raises(ExpressionSyntaxError):
        evaluate(expression, {"a": {}})


def test_parentheses_alone_cost_nothing() -> None:
    assert evaluate("${" + "(" * 5000 + "1" + ")" * 5000 + "}", {}) == 1


@pytest.mark.parametrize(
    "expression", ["${__import__('os')}", "${''.__class__}", "${().__class__.__bases__}", "${lambda: 1}"]
)
def test_nothing_of_python_shows_through(expression: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(expression, {})


@given(st.text())
def test_any_text_has_a_value_or_an_error(text: str) -> None:
    try:
        assert isinstance(evaluate(text, {}), str | int | float | None)
    except ExpressionError:
        assert "{" in text


@given(st.text(alphabet="${}'\"\\#.+-*/()[]?:<>=!&|% aeEor1"))
def test_any_mixture_of_signs_has_a_value_or_an_error(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        evaluate(f"${{{text}}}", {"a": Integer(1), "e": "e"})


@given(st.text(alphabet="0123456789+-.eExXfdNaIinty _"), st.sampled_from(["+", "==", "<", "/"]))
def test_any_text_is_a_number_or_an_error(text: str, operator: str) -> None:
    with contextlib.suppress(ExpressionError):
        evaluate(f"${{text {operator} 1}}", {"text": text})
        evaluate("${list[text]}", {"text": text, "list": [1]})


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_doubles_are_ordered(left: float, right: float) -> None:
    values = {"l": left, "r": right}

    assert evaluate("${l < r}", values) is (left < right)
    assert evaluate("${l >= r}", values) is (left >= right)


@pytest.mark.parametrize("digits", ["9" * 5000, "0" * 5000 + "1", "9" * 20])
def test_numbers_without_end_are_errors(digits: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate("${digits + 1}", {"digits": digits})
    with pytest.raises(ExpressionError):
        evaluate(f"${{{digits} + 1}}" if digits[0] == "9" else "${", {})
