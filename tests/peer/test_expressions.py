"""Our expressions have the values that the Java engine's have, of the same types, and fail where those fail."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

from process_engine.expressions import ExpressionError, Integer, Long, NeedsJvmError, Short, evaluate
from process_engine.expressions.java_types import text_of
from support.peer.oracle import Oracle
from support.peer.program import Shell

DAY = datetime(2030, 1, 1, 10, tzinfo=UTC).replace(tzinfo=None)
VARIABLES: dict[str, tuple[Any, Any]] = {
    "nothing": (None, None),
    "yes": (True, True),
    "no": (False, False),
    "five": (5, Integer(5)),
    "many": ({"type": "long", "value": 9_000_000_000}, Long(9_000_000_000)),
    "few": ({"type": "short", "value": -3}, Short(-3)),
    "most": ({"type": "long", "value": 2**63 - 1}, Long(2**63 - 1)),
    "lowest": (-(2**31), Integer(-(2**31))),
    "half": (0.5, 0.5),
    "huge": (1.5e300, 1.5e300),
    "tiny": (1.25e-7, 1.25e-7),
    "text": ("text", "text"),
    "word": ("Text", "Text"),
    "blank": ("", ""),
    "digits": ("12", "12"),
    "fraction": ("1.5", "1.5"),
    "true_text": ("TRUE", "TRUE"),
    "day": ({"type": "date", "value": "2030-01-01T10:00:00Z"}, DAY),
}
"""By name: as the peer's scenarios write it, and as we have it."""
OPERATORS = ("+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||")
WORDS = ("div", "mod", "eq", "ne", "lt", "gt", "le", "ge", "and", "or")
TYPES = {bool: "Boolean", Short: "Short", Integer: "Integer", Long: "Long", float: "Double", str: "String"}
BY_HAND = (
    "plain text",
    "",
    " ${five} ",
    "a ${five} b ${half}c",
    "#{five}#{many}",
    "${five}#{many}",
    r"\${five}",
    r"\\${five}",
    r"\a ${five} \# $ # {",
    r"a\${five}${five}\#{x}",
    "$${five}",
    "${five",
    "${}",
    "${ }",
    "five}",
    "${'a}b'}",
    '${"a\\"b"}',
    "${'a\\'b'}",
    r"${'a\\b'}",
    r"${'a\nb'}",
    "${'$'}{${five}}",
    "${1}",
    "${1.}",
    "${.5}",
    "${1e3}",
    "${1E-3}",
    "${1e}",
    "${9223372036854775807}",
    "${9223372036854775808}",
    "${-9223372036854775807 - 2}",
    "${0.001}",
    "${0.0001}",
    "${1e7}",
    "${12345678.9}",
    "${100.0 / 3}",
    "${1 / 0}",
    "${-1 / 0}",
    "${0 / 0}",
    "${1 % 0}",
    "${1.0 % 0}",
    "${-7 % 3}",
    "${7 % -3}",
    "${-7.5 % 2}",
    "${9223372036854775807 * 2}",
    "${0.0 == -0.0}",
    "${(0 / 0) == (0 / 0)}",
    "${(0 / 0) < 1}",
    "${(0 / 0) >= 1}",
    "${2 + 3 * 4}",
    "${(2 + 3) * 4}",
    "${2 - 3 - 4}",
    "${24 / 4 / 2}",
    "${-2 - -3}",
    "${- -five}",
    "${--five}",
    "${!yes}",
    "${not yes}",
    "${!!yes}",
    "${not empty text}",
    "${empty nothing}",
    "${empty blank and empty nothing}",
    "${empty five}",
    "${-empty five}",
    "${empty text == no}",
    "${1 < 2 == true}",
    "${1 == 1 == true}",
    "${1 < 2 < 3}",
    "${yes ? 'a' : 'b'}",
    "${no ? 'a' : yes ? 'b' : 'c'}",
    "${yes ? no ? 1 : 2 : 3}",
    "${yes?five:many}",
    "${nothing ? 1 : 2}",
    "${text ? 1 : 2}",
    "${five ? 1 : 2}",
    "${yes ? 1}",
    "${yes || five}",
    "${no && five}",
    "${yes && five}",
    "${yes || no && no}",
    "${no and no or yes}",
    "${null}",
    "${null == nothing}",
    "${nothing.a}",
    "${nothing.a.b[3]}",
    "${nothing['a']}",
    "${null.a}",
    "${true.a}",
    "${unknown}",
    "${unknown.a}",
    "${yes || unknown}",
    "${no ? unknown : 1}",
    "a ${nothing} b",
    "${'a'}${'b'}",
    "${'Ä' < 'a'}",
    "${'a' == \"a\"}",
    "${five instanceof five}",
    "${five.empty}",
    "${eq}",
    "${equal}",
    "${orx}",
    "${five$}",
    "${_five}",
    "${5five}",
    "${five five}",
    "${five +}",
    "${+five}",
    "${five = 5}",
    "${five === 5}",
    "${[1, 2]}",
    "${{'a': 1}}",
    "${five;}",
    "${five}}",
    "${1 +\n 2}",
    "${ a ? b : c }",
    "${'12' + 1}",
    "${'1.5' + 1}",
    "${'1e1' + 1}",
    "${' 1' + 1}",
    "${' 1.5 ' + 1}",
    "${'1.5f' + 1}",
    "${'+1' + 1}",
    "${'0x1.0p3' + 1}",
    "${'a' + 'b'}",
    "${'' + ''}",
    "${true + 1}",
    "${-'5'}",
    "${-'5.5'}",
    "${-text}",
    "${-yes}",
    "${-nothing}",
    "${-day}",
    "${day == day}",
    "${day <= day}",
    "${day < day}",
    "${empty day}",
    "${'true' == yes}",
    "${'yes' == yes}",
    "${1 == '1'}",
    "${1 == '1.0'}",
    "${1.0 == '1'}",
    "${1.0 == 1}",
    "${'a' < 1}",
    "${yes < no}",
    "${yes > no}",
    "${yes > 'no'}",
)


LEFT_TO_A_JVM = {"${true.a}", "${'0x1.0p3' + 1}"}
"""Besides dates as text, which depend on the JVM's time zone."""


def questions() -> Iterator[str]:
    yield from BY_HAND
    yield from (f"${{{name}}}" for name in VARIABLES)
    yield from (f"text {sign}{{{name}}}" for name in VARIABLES for sign in "$#")
    for operator, name in product(("-", "!", "not ", "empty "), VARIABLES):
        yield f"${{{operator}{name}}}"
    for left, operator, right in product(VARIABLES, OPERATORS, VARIABLES):
        yield f"${{{left} {operator} {right}}}"
    for operator, (left, right) in product(WORDS, (("five", "half"), ("nothing", "yes"), ("text", "word"))):
        yield f"${{{left} {operator} {right}}}"


def ours(expression: str, variables: dict[str, Any]) -> tuple[str, Any]:
    """Type and value, or that it fails, or that it is left to a JVM."""
    try:
        value = evaluate(expression, variables)
    except NeedsJvmError:
        return "left to a JVM", None
    except ExpressionError:
        return "error", None
    kind = "null" if value is None else TYPES.get(type(value), "Date")
    return kind, None if kind == "Date" else comparable(kind, text_of(value))


def theirs(answer: dict[str, str]) -> tuple[str, Any]:
    if "error" in answer:
        return "error", None
    kind = answer["type"]
    return kind, None if kind == "Date" else comparable(kind, answer["value"])


def comparable(kind: str, text: str) -> str:
    """A Double as its bits: before Java 19 its text may have a digit more than it needs."""
    return float(text).hex() if kind == "Double" else text


def test_values_are_those_of_the_java_engine(oracle: Oracle, shell: Shell, tmp_path: Path) -> None:
    asked = list(questions())
    given = {name: written for name, (written, _) in VARIABLES.items()}
    known = {name: value for name, (_, value) in VARIABLES.items()}
    file = tmp_path / "questions.json"
    file.write_text(json.dumps([{"expression": expression, "variables": given} for expression in asked]))

    answers = shell("evaluate", file, database=oracle.empty({}))["answers"]

    compared = [(text, theirs(answer), ours(text, known)) for text, answer in zip(asked, answers, strict=True)]
    left = {text for text, _, (kind, _) in compared if kind == "left to a JVM"}
    assert [each for each in compared if each[1] != each[2] and each[0] not in left] == []
    assert {text for text in left if "day" not in text} == LEFT_TO_A_JVM
