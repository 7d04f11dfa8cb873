"""Lists and maps as Java writes them down: the stream of an ``ObjectOutputStream`` for an ArrayList or a TreeMap.

A stream keeps which objects are one and the same: what was written before is only referred to. Equal values need not be
the same object, so each says which object it is; where that cannot be told and would matter, only a JVM can write.

Source: the Java Object Serialization Specification, chapter 6.
"""

import math
import struct
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from process_engine.expressions.errors import NeedsJvmError

HEADER = b"\xac\xed\x00\x05"
NULL, REFERENCE, CLASS, OBJECT, STRING, ARRAY = b"\x70", b"\x71", b"\x72", b"\x73", b"\x74", b"\x75"
BLOCK, END, LONG_STRING = b"\x77", b"\x78", b"\x7c"
FIRST_HANDLE = 0x7E0000
LONGEST_SHORT_STRING = 0xFFFF
ALWAYS_SHARED = range(-128, 128)
"""Whole numbers of which Java keeps one object each, as it does of both Booleans."""


@dataclass(frozen=True, slots=True)
class Single:
    """A value that is no collection.

    Attributes:
        type: ``null``, ``string``, ``integer``, ``long``, ``short``, ``double``, ``boolean``, ``date`` or ``bytes``.
        content: Of a date its milliseconds since 1970.
        origin: Equal values with equal origins are the same object, others are not; None: it cannot be told.
    """

    type: str
    content: Any
    origin: Hashable | None


@dataclass(frozen=True, slots=True)
class ArrayList:
    """A ``java.util.ArrayList``; always an object of its own."""

    items: "tuple[JavaValue, ...]"


@dataclass(frozen=True, slots=True)
class TreeMap:
    """A ``java.util.TreeMap`` with strings as keys, whose order is theirs; always an object of its own.

    Attributes:
        entries: In the order in which they are put. A key that comes again keeps its object and takes the new value.
    """

    entries: "tuple[tuple[Single, JavaValue], ...]"

    def sorted(self) -> "list[tuple[Single, JavaValue]]":
        """The entries as the map keeps them."""
        keys: dict[str, Single] = {}
        values: dict[str, JavaValue] = {}
        for key, value in self.entries:
            keys.setdefault(key.content, key)
            values[key.content] = value
        return [(keys[text], values[text]) for text in sorted(keys, key=_units)]


JavaValue = Single | ArrayList | TreeMap
CLASS_NAMES: dict[type[ArrayList] | type[TreeMap], str] = {
    ArrayList: "java.util.ArrayList",
    TreeMap: "java.util.TreeMap",
}


def serialize(value: ArrayList | TreeMap) -> bytes:
    """The stream of a list or map.

    Raises:
        NeedsJvmError: It cannot be told which of its values are the same object, or a key is no string.
    """
    return HEADER + b"".join(_Stream().object(value))


@dataclass(frozen=True, slots=True)
class _Class:
    """A class as a stream describes it.

    Attributes:
        flags: 2 of what Java writes itself, 3 of a class that adds data of its own.
        fields: Type, name, and of an object's field the name of its class.
    """

    name: str
    uid: int
    flags: int = 2
    fields: tuple[tuple[bytes, str, str | None], ...] = ()
    parent: "_Class | None" = None


_NUMBER = _Class("java.lang.Number", 0x86AC951D0B94E08B)
_LIST = _Class(CLASS_NAMES[ArrayList], 0x7881D21D99C7619D, 3, ((b"I", "size", None),))
_MAP = _Class(CLASS_NAMES[TreeMap], 0x0CC1F63E2D256AE6, 3, ((b"L", "comparator", "Ljava/util/Comparator;"),))
_DATE = _Class("java.util.Date", 0x686A81014B597419, 3)
_BYTES = _Class("[B", 0xACF317F8060854E0)
_BOXES: dict[str, tuple[str, _Class]] = {
    "integer": (">i", _Class("java.lang.Integer", 0x12E2A0A4F7818738, 2, ((b"I", "value", None),), _NUMBER)),
    "long": (">q", _Class("java.lang.Long", 0x3B8BE490CC8F23DF, 2, ((b"J", "value", None),), _NUMBER)),
    "short": (">h", _Class("java.lang.Short", 0x684D37133460DA52, 2, ((b"S", "value", None),), _NUMBER)),
    "double": (">d", _Class("java.lang.Double", 0x80B3C24A296BFB04, 2, ((b"D", "value", None),), _NUMBER)),
    "boolean": (">?", _Class("java.lang.Boolean", 0xCD207280D59CFAEE, 2, ((b"Z", "value", None),))),
}


@dataclass(slots=True)
class _Stream:
    """What was written so far.

    Attributes:
        handles: How many objects and classes there are.
        classes: Their handles.
        singles: Handles of values by type and content, then by their origin.
    """

    handles: int = 0
    classes: dict[str, int] = field(default_factory=dict[str, int])
    singles: dict[tuple[str, bytes], dict[Hashable, int]] = field(
        default_factory=dict[tuple[str, bytes], dict[Hashable, int]]
    )

    def object(self, value: JavaValue) -> Iterator[bytes]:
        """A value, or a reference to it."""
        if isinstance(value, ArrayList):
            yield from self._list(value)
        elif isinstance(value, TreeMap):
            yield from self._map(value)
        elif value.content is None:
            yield NULL
        else:
            yield from self._single(value)

    def _list(self, value: ArrayList) -> Iterator[bytes]:
        yield OBJECT
        yield from self._class(_LIST)
        self._handle()
        size = struct.pack(">i", len(value.items))
        yield size + _block(size)
        for item in value.items:
            yield from self.object(item)
        yield END

    def _map(self, value: TreeMap) -> Iterator[bytes]:
        if any(key.type != "string" or key.content is None for key, _ in value.entries):
            raise NeedsJvmError("a key of a map is no string")
        yield OBJECT
        yield from self._class(_MAP)
        self._handle()
        entries = value.sorted()
        yield NULL + _block(struct.pack(">i", len(entries)))
        for key, item in entries:
            yield from self.object(key)
            yield from self.object(item)
        yield END

    def _single(self, value: Single) -> Iterator[bytes]:
        data = _data(value)
        known = self.singles.setdefault((value.type, data), {})
        origin = None if _is_always_shared(value) else value.origin
        if known and _is_undecided(value, known):
            raise NeedsJvmError(f"only a JVM knows whether equal values of type {value.type} are one object")
        if origin in known:
            yield _reference(known[origin])
            return
        before, after = self._around(value, data)
        yield from before
        known[origin] = self._handle()
        yield from after

    def _around(self, value: Single, data: bytes) -> tuple[Iterator[bytes], tuple[bytes, ...]]:
        """What stands before and behind the place where an object gets its handle."""
        if value.type == "string":
            return iter(()), (_string(data),)
        if value.type == "date":
            return self._opened(OBJECT, _DATE), (_block(data), END)
        if value.type == "bytes":
            return self._opened(ARRAY, _BYTES), (struct.pack(">i", len(data)), data)
        return self._opened(OBJECT, _BOXES[value.type][1]), (data,)

    def _opened(self, tag: bytes, described: _Class) -> Iterator[bytes]:
        yield tag
        yield from self._class(described)

    def _class(self, described: _Class | None) -> Iterator[bytes]:
        if described is None:
            yield NULL
            return
        if described.name in self.classes:
            yield _reference(self.classes[described.name])
            return
        self.classes[described.name] = self._handle()
        head = struct.pack(">QBH", described.uid, described.flags, len(described.fields))
        yield CLASS + _short_text(described.name) + head
        for kind, name, class_name in described.fields:
            yield kind + _short_text(name)
            if class_name is not None:
                self._handle()
                yield STRING + _short_text(class_name)
        yield END
        yield from self._class(described.parent)

    def _handle(self) -> int:
        self.handles += 1
        return FIRST_HANDLE + self.handles - 1


def _is_always_shared(value: Single) -> bool:
    if value.type == "boolean":
        return True
    return value.type in {"integer", "long", "short"} and value.content in ALWAYS_SHARED


def _is_undecided(value: Single, known: dict[Hashable, int]) -> bool:
    """Whether it cannot be told if a value is one of the equal ones before it.

    Of empty strings Java may have one object or several, which depends on its version.
    """
    if _is_always_shared(value):
        return False
    if value.origin is None or None in known:
        return True
    return value.content == "" and value.origin not in known


def _data(value: Single) -> bytes:
    if value.type == "string":
        return _modified_utf8(value.content)
    if value.type == "date":
        return struct.pack(">q", value.content)
    if value.type == "bytes":
        return value.content
    content = math.nan if value.content != value.content else value.content  # Java writes one NaN
    return struct.pack(_BOXES[value.type][0], content)


def _string(data: bytes) -> bytes:
    if len(data) <= LONGEST_SHORT_STRING:
        return STRING + struct.pack(">H", len(data)) + data
    return LONG_STRING + struct.pack(">q", len(data)) + data


def _short_text(text: str) -> bytes:
    return struct.pack(">H", len(text)) + text.encode("ascii")


def _block(data: bytes) -> bytes:
    return BLOCK + bytes([len(data)]) + data


def _reference(handle: int) -> bytes:
    return REFERENCE + struct.pack(">I", handle)


def _units(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _modified_utf8(text: str) -> bytes:
    """Each UTF-16 unit for itself, and a NUL as two bytes."""
    units = struct.unpack(f">{len(_units(text)) // 2}H", _units(text))
    return "".join(map(chr, units)).encode("utf-8", "surrogatepass").replace(b"\0", b"\xc0\x80")
