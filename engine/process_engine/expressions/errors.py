"""Why an expression has no value here."""

from process_engine.errors import ProcessEngineError


class ExpressionError(ProcessEngineError):
    """An expression cannot be evaluated; the Java engine would fail as well."""

    reason = "ExpressionError"


class ExpressionSyntaxError(ExpressionError):
    """A text is no expression."""


class UnknownNameError(ExpressionError):
    """A name is no variable: it is a bean, or nothing at all.

    Attributes:
        name: The name.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"Cannot resolve identifier '{name}'")
        self.name = name


class NeedsJvmError(ExpressionError):
    """Only a JVM can tell the value: a method, a function, the property of an object, a date as text."""

    reason = "NeedsJvm"
