"""Values of expressions, and which expressions have none without a JVM.

Nothing of an expression is ever run as Python: it is read into a tree, whose few kinds of nodes are computed here.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from process_engine.expressions.coercion import WHOLE, to_boolean, to_text
from process_engine.expressions.errors import ExpressionError, ExpressionSyntaxError, NeedsJvmError, UnknownNameError
from process_engine.expressions.java_types import is_whole
from process_engine.expressions.operations import (
    add,
    divide,
    equal,
    greater,
    greater_or_equal,
    is_empty,
    less,
    less_or_equal,
    minus,
    multiply,
    remainder,
    subtract,
)
from process_engine.expressions.syntax import Call, Literal, Name, Node, Operation, read

ENGINE_NAMES = frozenset({"execution", "task", "caseExecution", "externalTask", "authenticatedUserId"})
"""Names that the engine gives a meaning before it looks for a variable."""
BINARY = {
    "eq": equal,
    "lt": less,
    "gt": greater,
    "le": less_or_equal,
    "ge": greater_or_equal,
    "add": add,
    "subtract": subtract,
    "multiply": multiply,
    "divide": divide,
    "remainder": remainder,
}
UNARY = {"minus": minus, "is_empty": is_empty}


def evaluate(expression: str, variables: Mapping[str, Any]) -> Any:
    """The value of an expression, or of a text with expressions in it, which is a string.

    Args:
        expression: Such as ``${price * 2}`` or ``order ${number}``.
        variables: By name, of the types that `java_types` describes.

    Raises:
        UnknownNameError: A name is no variable; it may be a bean.
        NeedsJvmError: A method or function is called, or an object is looked into.
        ExpressionError: The Java engine would fail as well.
    """
    parts = read(expression)
    if len(parts) == 1:
        return parts[0] if isinstance(parts[0], str) else _value(parts[0], variables)
    return "".join(part if isinstance(part, str) else to_text(_value(part, variables)) for part in parts)


def needs_jvm(expression: str) -> str | None:
    """Why only a JVM can evaluate an expression, whatever its variables are; null if it need not.

    What cannot be read here is left to the JVM as well.
    """
    try:
        parts = read(expression)
    except ExpressionSyntaxError as error:
        return str(error)
    nodes = [node for part in parts if not isinstance(part, str) for node in _nodes(part)]
    for node in nodes:
        if isinstance(node, Call):
            return node.text
        if isinstance(node, Name) and node.name in ENGINE_NAMES:
            return f"uses '{node.name}'"
    return None


def names(expression: str) -> frozenset[str]:
    """The names in an expression: variables, or beans.

    Raises:
        ExpressionSyntaxError: The text is no expression.
    """
    parts = [part for part in read(expression) if not isinstance(part, str)]
    return frozenset(node.name for part in parts for node in _nodes(part) if isinstance(node, Name))


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Operation):
        for operand in node.operands:
            yield from _nodes(operand)


def _value(node: Node, variables: Mapping[str, Any]) -> Any:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Name):
        return _variable(node.name, variables)
    if isinstance(node, Call):
        raise NeedsJvmError(node.text)
    return _result(node, variables)


def _variable(name: str, variables: Mapping[str, Any]) -> Any:
    if name in ENGINE_NAMES:
        raise NeedsJvmError(f"uses '{name}'")
    if name not in variables:
        raise UnknownNameError(name)
    return variables[name]


def _result(node: Operation, variables: Mapping[str, Any]) -> Any:
    operator, operands = node.operator, node.operands
    if operator in LAZY:
        return LAZY[operator](operands, variables)
    values = [_value(operand, variables) for operand in operands]
    if operator in BINARY:
        return BINARY[operator](*values)
    return UNARY[operator](*values)


def _choose(operands: tuple[Node, ...], variables: Mapping[str, Any]) -> Any:
    condition, then, otherwise = operands
    return _value(then if to_boolean(_value(condition, variables)) else otherwise, variables)


def _either(operands: tuple[Node, ...], variables: Mapping[str, Any]) -> bool:
    return any(to_boolean(_value(operand, variables)) for operand in operands)


def _both(operands: tuple[Node, ...], variables: Mapping[str, Any]) -> bool:
    return all(to_boolean(_value(operand, variables)) for operand in operands)


def _negate(operands: tuple[Node, ...], variables: Mapping[str, Any]) -> bool:
    return not to_boolean(_value(operands[0], variables))


def _not_equal(operands: tuple[Node, ...], variables: Mapping[str, Any]) -> bool:
    return not equal(*(_value(operand, variables) for operand in operands))


def _index(operands: tuple[Node, ...], variables: Mapping[str, Any]) -> Any:
    """What a map or list has under a key; null has null under any, and nothing is under null.

    Source: AstProperty#eval, MapELResolver, ListELResolver.
    """
    base = _value(operands[0], variables)
    if base is None:
        return None
    key = _value(operands[1], variables)
    if key is None:
        return None
    if isinstance(base, Mapping):
        return cast("Mapping[Any, Any]", base).get(key)
    if isinstance(base, list | tuple):
        items = cast("list[Any]", base)
        place = _place(key)
        return items[place] if 0 <= place < len(items) else None
    raise NeedsJvmError(f"only a JVM reads the property '{key}' of a value of type {type(base).__name__}")


def _place(key: Any) -> int:
    if isinstance(key, str):
        if WHOLE.fullmatch(key):
            return int(key)
        raise ExpressionError(f"Cannot parse list index: {key}")
    if is_whole(key) or isinstance(key, bool | float):
        return int(key)
    raise ExpressionError(f"Cannot coerce property to list index: {key!r}")


LAZY = {
    "choose": _choose,
    "either": _either,
    "both": _both,
    "negate": _negate,
    "ne": _not_equal,
    "index": _index,
}
"""Operators that look at their operands one by one, and at some of them only if need be."""
