"""The family's expressions, as far as they can be evaluated without a JVM: JUEL's syntax, coercion and operators."""

from process_engine.expressions.errors import (
    ExpressionError,
    ExpressionSyntaxError,
    NeedsJvmError,
    UnknownNameError,
)
from process_engine.expressions.evaluation import ENGINE_NAMES, evaluate, names, needs_jvm
from process_engine.expressions.java_types import InputStream, Integer, Long, Short, serializer
from process_engine.expressions.origins import origin_of

__all__ = [
    "ENGINE_NAMES",
    "ExpressionError",
    "ExpressionSyntaxError",
    "InputStream",
    "Integer",
    "Long",
    "NeedsJvmError",
    "Short",
    "UnknownNameError",
    "evaluate",
    "names",
    "needs_jvm",
    "origin_of",
    "serializer",
]
