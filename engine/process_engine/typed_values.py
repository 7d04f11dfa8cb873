"""Values of variables as clients give them, with their types."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from process_engine.configuration import JAVA_FORMAT


@dataclass(frozen=True, kw_only=True)
class TypedValue:
    """A value of a variable and its type, in the words of the family's REST interface.

    Attributes:
        value: The value; serialized, if it is an object.
        type: ``String``, ``Integer``, ``Object`` …
        value_info: What else belongs to it, such as ``serializationDataFormat`` and ``objectTypeName`` of an object, or
            ``transient``.
    """

    value: object
    type: str
    value_info: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def is_transient(self) -> bool:
        """Whether it is seen for the time of a call, and never stored."""
        return str(self.value_info.get("transient")).lower() == "true"

    @property
    def is_java_serialized(self) -> bool:
        """Whether it is an object in Java's own serialization, which most engines refuse from outside."""
        return self.type.lower() == "object" and self.value_info.get("serializationDataFormat") == JAVA_FORMAT
