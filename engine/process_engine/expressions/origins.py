"""Which Java object an expression's value is, as far as it can be told."""

from collections.abc import Callable, Hashable

from process_engine.expressions.syntax import Literal, Name, Operation, read

MAKES_NEW = frozenset({"add", "subtract", "multiply", "divide", "remainder", "minus"})
"""Operators whose numbers are objects of their own, but for those of which Java has one each."""


def origin_of(expression: str, variable: Callable[[str], Hashable | None]) -> Hashable | None:
    """Equal values with equal origins are the same object; None if it cannot be told.

    A variable's value is one object, however often it is read. A text without expressions is one for all places where
    it stands, as the family parses each text once; a text with expressions in it is put together anew.

    Args:
        expression: One that has a value.
        variable: Tells the origin of a variable's value.

    Source: AstText, AstComposite, AstIdentifier, TreeStore.
    """
    parts = read(expression)
    node = parts[0]
    if len(parts) > 1:
        return object()
    if isinstance(node, str | Literal):
        return expression
    if isinstance(node, Name):
        return variable(node.name)
    if isinstance(node, Operation) and node.operator in MAKES_NEW:
        return object()
    return None
