"""Values as the columns of variables hold them, and as expressions see them.

Source: the serializers of the family's primitive types, JavaObjectSerializer.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from process_engine.clock import Clock
from process_engine.expressions import InputStream, Integer, Long, NeedsJvmError, Short, serializer
from process_engine.expressions.java_serialization import CLASS_NAMES, ArrayList, Single, TreeMap, serialize

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StoredValue:
    """A value as its columns hold it.

    Attributes:
        type: The serializer's name.
        data: What a byte array holds, where the type keeps one.
        origin: Equal values with equal origins are one object in a JVM; None if it cannot be told.
    """

    type: str
    text: str | None = None
    text2: str | None = None
    long: int | None = None
    double: float | None = None
    data: bytes | None = None
    origin: Hashable | None = field(default_factory=object, compare=False, repr=False)


def integer(number: int) -> StoredValue:
    """An Integer, which the family keeps as number and text."""
    return StoredValue("integer", text=str(number), long=number)


EMPTY_STRING = "!emptyString!"
"""TEXT2_ of an empty string, which some databases cannot tell from null."""


def value_of(result: Any, clock: Clock) -> StoredValue | None:
    """The columns of an expression's result; null for what only a JVM can store."""
    kind = serializer(result)
    return None if kind is None else WRITERS[kind](result, clock)


SHORT_TEXT = "Value '{}' of type 'PrimitiveValueType[short]', isTransient=false"
WRITERS: dict[str, Callable[[Any, Clock], StoredValue]] = {
    "null": lambda _, __: StoredValue("null"),
    "string": lambda text, _: StoredValue("string", text=text, text2=EMPTY_STRING if text == "" else None),
    "integer": lambda number, _: StoredValue("integer", text=str(int(number)), long=int(number)),
    "long": lambda number, _: StoredValue("long", text=str(int(number)), long=int(number)),
    # What the family writes there is not the number but its description.
    "short": lambda number, _: StoredValue("short", text=SHORT_TEXT.format(int(number)), long=int(number)),
    "boolean": lambda flag, _: StoredValue("boolean", long=int(flag)),
    "double": lambda number, _: StoredValue("double", double=number),
    "date": lambda local, clock: StoredValue("date", long=clock.epoch_milliseconds(local)),
    "bytes": lambda data, _: StoredValue("bytes", data=bytes(data)),
}


READERS: dict[str, Callable[[StoredValue], Any]] = {
    "string": lambda value: "" if value.text2 == EMPTY_STRING else value.text,
    "integer": lambda value: None if value.long is None else Integer(value.long),
    "long": lambda value: None if value.long is None else Long(value.long),
    "short": lambda value: None if value.long is None else Short(value.long),
    "boolean": lambda value: None if value.long is None else value.long == 1,
    "double": lambda value: value.double,
    "null": lambda _: None,
    "bytes": lambda value: value.data,
    "file": lambda value: None if value.data is None else InputStream(value.data),
}


def result_of(name: str, value: StoredValue, clock: Clock) -> Any:
    """What an expression sees of a variable.

    Raises:
        NeedsJvmError: It is a Java object, or of a type that plugins bring.
    """
    if value.type == "date":
        moment = None if value.long is None else EPOCH + timedelta(milliseconds=value.long)
        return None if moment is None else clock.local(moment)
    if value.type not in READERS:
        raise NeedsJvmError(f"the value of '{name}' is of type {value.type}")
    return READERS[value.type](value)


def single_of(value: StoredValue) -> Single:
    """A value as an entry of a list or map."""
    content = value.long if value.type == "date" else READERS[value.type](value)
    return Single(value.type, content, value.origin)


def object_value(collection: ArrayList | TreeMap) -> StoredValue:
    """The columns of a list or map in Java's own serialization.

    Raises:
        NeedsJvmError: Only a JVM can write it.
    """
    return StoredValue("serializable", text2=CLASS_NAMES[type(collection)], data=serialize(collection))
