"""Values that clients give for variables, as the columns of variables hold them.

Source: the serializers of the family's primitive types, FileValueSerializer, SerializedObjectValueBuilder.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from process_engine.clock import Clock
from process_engine.configuration import JAVA_FORMAT
from process_engine.errors import BadUserRequestError
from process_engine.execution_tree.values.stored import WRITERS, StoredValue
from process_engine.typed_values import TypedValue

JSON_FORMAT, XML_FORMAT = "application/json", "application/xml"
FORMATS = {JAVA_FORMAT: "serializable", JSON_FORMAT: f"spin://{JSON_FORMAT}", XML_FORMAT: f"spin://{XML_FORMAT}"}
"""Serializers of objects by their format."""
SEPARATOR = "#"


def value_given(name: str, given: TypedValue, clock: Clock) -> StoredValue:
    """The columns of a variable's value.

    Args:
        name: Of the variable, for the message.
        given: As a client wrote it.
        clock: Of the engine.

    Raises:
        BadUserRequestError: The value is not of the type, or the type is not known here.
    """
    kind = given.type.lower()
    if given.value is None and kind not in ("null", "object", "file"):
        return StoredValue(kind)
    read = READERS.get(kind)
    if read is None:
        raise BadUserRequestError(
            f"Variable '{name}' has type '{given.type}', which is none of {', '.join(sorted(READERS))}"
        )
    try:
        return read(given, clock)
    except (TypeError, ValueError, KeyError, OverflowError, binascii.Error):
        shown = json.dumps(given.value, default=str)[:100]
        raise BadUserRequestError(f"Variable '{name}' has value {shown}, which is no {given.type}") from None


def _number(kind: str, bits: int) -> Callable[[TypedValue, Clock], StoredValue]:
    def read(given: TypedValue, clock: Clock) -> StoredValue:
        if isinstance(given.value, bool) or not isinstance(given.value, int) or given.value.bit_length() >= bits:
            raise ValueError
        return WRITERS[kind](given.value, clock)

    return read


def _double(given: TypedValue, clock: Clock) -> StoredValue:
    if isinstance(given.value, bool) or not isinstance(given.value, (int, float)):
        raise TypeError
    return WRITERS["double"](float(given.value), clock)


def _plain(kind: str, expected: type) -> Callable[[TypedValue, Clock], StoredValue]:
    def read(given: TypedValue, clock: Clock) -> StoredValue:
        if not isinstance(given.value, expected):
            raise TypeError
        return WRITERS[kind](given.value, clock)

    return read


def _date(given: TypedValue, clock: Clock) -> StoredValue:
    moment = given.value if isinstance(given.value, datetime) else datetime.fromisoformat(_text(given.value))
    local = clock.local(moment) if moment.tzinfo is not None else moment
    return WRITERS["date"](local, clock)


def _bytes(given: TypedValue, _: Clock) -> StoredValue:
    return StoredValue("bytes", data=_decoded(given.value))


def _file(given: TypedValue, _: Clock) -> StoredValue:
    info = given.value_info
    mime, encoding = info.get("mimetype", info.get("mimeType")), info.get("encoding")
    kind = None if mime is None and encoding is None else f"{mime or ''}{SEPARATOR}{encoding or ''}"
    data = None if given.value is None else _decoded(given.value)
    return StoredValue("file", text=info["filename"], text2=kind, data=data)


def _object(given: TypedValue, _: Clock) -> StoredValue:
    data_format = given.value_info.get("serializationDataFormat", JAVA_FORMAT)
    if given.value is None:
        data = None
    else:
        data = _decoded(given.value) if data_format == JAVA_FORMAT else _text(given.value).encode()
    return StoredValue(FORMATS[data_format], text2=given.value_info["objectTypeName"], data=data)


def _decoded(value: Any) -> bytes:
    return value if isinstance(value, bytes) else base64.b64decode(_text(value), validate=True)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


READERS: Mapping[str, Callable[[TypedValue, Clock], StoredValue]] = {
    "null": lambda _, __: StoredValue("null"),
    "string": _plain("string", str),
    "boolean": _plain("boolean", bool),
    "integer": _number("integer", 32),
    "long": _number("long", 64),
    "short": _number("short", 16),
    "double": _double,
    "date": _date,
    "bytes": _bytes,
    "file": _file,
    "object": _object,
}
