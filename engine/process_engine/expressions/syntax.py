"""Expressions as trees, and how they are read: text outside of ``${…}`` and ``#{…}``, and a grammar inside.

Reading is bounded: a text that is too long, or nested too deep, is no expression here.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import LarkError

from process_engine.expressions.errors import ExpressionSyntaxError
from process_engine.expressions.java_types import Long

LONGEST = 20_000
DEEPEST = 150
BODY = re.compile(r"""(?:[^'"}]|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")*\}""", re.DOTALL)
"""From behind ``${`` to the brace that ends it; braces in strings do not."""
LONGS = range(2**63)


@dataclass(frozen=True)
class Literal:
    """A constant."""

    value: Any
    depth: int = 1


@dataclass(frozen=True)
class Name:
    """A variable, or a bean."""

    name: str
    depth: int = 1


@dataclass(frozen=True)
class Call:
    """A method or function; never called here.

    Attributes:
        text: What it is, for messages.
    """

    text: str
    depth: int = 1


@dataclass(frozen=True)
class Operation:
    """An operator and what it is applied to.

    Attributes:
        operator: The rule of the grammar.
    """

    operator: str
    operands: tuple["Node", ...]
    depth: int = field(init=False)

    def __post_init__(self) -> None:
        """Count the levels, and stop where there are too many."""
        depth = 1 + max(operand.depth for operand in self.operands)
        if depth > DEEPEST:
            raise ExpressionSyntaxError(f"Expected at most {DEEPEST} levels of an expression")
        object.__setattr__(self, "depth", depth)


Node = Literal | Name | Call | Operation
Part = str | Node
"""Text, or what stands between ``${`` and ``}``."""


@lru_cache(maxsize=2000)
def read(text: str) -> tuple[Part, ...]:
    """The parts of an expression; at least one.

    Raises:
        ExpressionSyntaxError: The text is no expression, or exceeds the bounds.
    """
    if len(text) > LONGEST:
        raise ExpressionSyntaxError(f"Expected an expression of at most {LONGEST} characters, but it has {len(text)}")
    parts = tuple(part for part in _parts(text) if part != "")
    return parts or ("",)


def _parts(text: str) -> Iterator[Part]:
    position, kind = 0, ""
    while True:
        literal, start = _text_until_expression(text, position)
        yield literal
        if start == len(text):
            return
        if kind not in ("", text[start]):
            raise ExpressionSyntaxError(f"Expected only ${{…}} or only #{{…}}, but both are in: {text}")
        kind = text[start]
        body = BODY.match(text, start + 2)
        if body is None:
            raise ExpressionSyntaxError(f"Expected a closing brace in: {text}")
        yield _parse(body[0][:-1])
        position = body.end()


def _text_until_expression(text: str, position: int) -> tuple[str, int]:
    """The text from a position on, and where the next expression starts or the text ends.

    A backslash keeps the brace behind it from being one; elsewhere it stands for itself.

    Source: Scanner#nextText.
    """
    written: list[str] = []
    escaped = False
    for place in range(position, len(text)):
        char = text[place]
        if char == "\\":
            if escaped:
                written.append(char)
            escaped = True
            continue
        opens = char in "#$" and text[place + 1 : place + 2] == "{"
        if opens and not escaped:
            return "".join(written), place
        written.append(char if opens or not escaped else f"\\{char}")
        escaped = False
    return "".join([*written, "\\"] if escaped else written), len(text)


def _operation(name: str) -> Callable[[Any, list[Node]], Node]:
    def build(_: Any, operands: list[Node]) -> Node:
        return Operation(name, tuple(operands))

    return build


class _Builder(Transformer[Token, Node]):
    """Builds the tree while the text is read, so that its depth is bounded from the start."""

    choose = _operation("choose")
    either = _operation("either")
    both = _operation("both")
    eq = _operation("eq")
    ne = _operation("ne")
    lt = _operation("lt")
    gt = _operation("gt")
    le = _operation("le")
    ge = _operation("ge")
    add = _operation("add")
    subtract = _operation("subtract")
    multiply = _operation("multiply")
    divide = _operation("divide")
    remainder = _operation("remainder")
    negate = _operation("negate")
    minus = _operation("minus")
    is_empty = _operation("is_empty")
    index = _operation("index")

    def member(self, children: list[Any]) -> Node:
        """What is under a name."""
        base, name = children
        return Operation("index", (base, Literal(str(name))))

    def name(self, children: list[Token]) -> Node:
        """A variable or bean."""
        return Name(str(children[0]))

    def function(self, children: list[Any]) -> Node:
        """A call of a function."""
        return Call(f"calls the function '{''.join(str(children[0]).split())}'")

    def method(self, children: list[Any]) -> Node:
        """A call of a method."""
        return Call(f"calls the method '{children[1]}'")

    def computed_method(self, _: list[Any]) -> Node:
        """A call of a method whose name is computed."""
        return Call("calls a method")

    def integer(self, children: list[Token]) -> Node:
        """A whole number, which is a Long."""
        digits = children[0].lstrip("0") or "0"
        if len(digits) > len(str(LONGS[-1])) or int(digits) not in LONGS:
            raise ExpressionSyntaxError(f"Expected a number of 64 bits, but found one of {len(digits)} digits")
        return Literal(Long(int(digits)))

    def double(self, children: list[Token]) -> Node:
        """A fraction, which is a Double."""
        return Literal(float(children[0]))

    def string(self, children: list[Token]) -> Node:
        """A string, without its quotes and the backslashes that protect."""
        return Literal(re.sub(r"\\(.)", r"\1", children[0][1:-1]))

    def true(self, _: list[Any]) -> Node:
        """A constant."""
        return Literal(value=True)

    def false(self, _: list[Any]) -> Node:
        """A constant."""
        return Literal(value=False)

    def null(self, _: list[Any]) -> Node:
        """A constant."""
        return Literal(None)


@lru_cache(maxsize=1)
def _grammar() -> Any:
    text = files("process_engine.expressions").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="basic", transformer=_Builder(), maybe_placeholders=False)


def _parse(body: str) -> Any:
    try:
        return _grammar().parse(body)
    except LarkError as error:
        message = str(error).splitlines()[0]
        raise ExpressionSyntaxError(f"Expected an expression, but '{body}' is none: {message}") from error
