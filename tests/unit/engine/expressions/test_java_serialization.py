"""Lists and maps are written as a JVM writes them; the streams here are those of a JDK 17."""

import math
from collections.abc import Hashable
from typing import Any

import pytest

from process_engine.expressions import NeedsJvmError, origin_of
from process_engine.expressions.java_serialization import ArrayList, JavaValue, Single, TreeMap, serialize

LIST_OF = "aced0005737200136a6176612e7574696c2e41727261794c6973747881d21d99c7619d03000149000473697a6578700000"
MAP_OF = (
    "aced0005737200116a6176612e7574696c2e547265654d61700cc1f63e2d256ae60300014c000a636f6d70617261746f727400164c"
    "6a6176612f7574696c2f436f6d70617261746f723b78707077040000"
)
DAY = 1234567890123


def single(kind: str, content: Any, origin: Hashable = "own") -> Single:
    return Single(kind, content, object() if origin == "own" else origin)


def list_of(*items: JavaValue) -> str:
    return serialize(ArrayList(items)).hex()


def map_of(*entries: tuple[str, JavaValue]) -> str:
    return serialize(TreeMap(tuple((single("string", key), value) for key, value in entries))).hex()


ALL_TYPES = (
    LIST_OF
    + "000977040000000974000474657874737200116a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c"
    "7565787200106a6176612e6c616e672e4e756d62657286ac951d0b94e08b0200007870000000077372000e6a6176612e6c616e672e4c6f6e67"
    "3b8be490cc8f23df0200014a000576616c75657871007e000400000000000000077372000f6a6176612e6c616e672e53686f7274684d371334"
    "60da5202000153000576616c75657871007e00040007737200106a6176612e6c616e672e446f75626c6580b3c24a296bfb0402000144000576"
    "616c75657871007e00043ff8000000000000737200116a6176612e6c616e672e426f6f6c65616ecd207280d59cfaee0200015a000576616c75"
    "657870017372000e6a6176612e7574696c2e44617465686a81014b597419030000787077080000011f71fb04cb7870757200025b42acf317f8"
    "060854e002000078700000000301020378"
)
SHARED = (
    LIST_OF + "00137704"
    "00000013740004746578747100"
    "7e000274000474657874737200116a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c756578720010"
    "6a6176612e6c616e672e4e756d62657286ac951d0b94e08b0200007870000186a071007e00067371007e0004000186a07371007e000400000005"
    "71007e00087372000e6a6176612e7574696c2e44617465686a81014b597419030000787077080000011f71fb04cb7871007e000a737200116a61"
    "76612e6c616e672e426f6f6c65616ecd207280d59cfaee0200015a000576616c75657870017371007e000b0071007e000c757200025b42acf317"
    "f8060854e002000078700000000301020371007e000f737200106a6176612e6c616e672e446f75626c6580b3c24a296bfb040200014400057661"
    "6c75657871007e00053fe00000000000007371007e00103fe00000000000007371007e000000000000770400000000787371007e000000000000"
    "7704000000007878"
)
NESTED_MAP = (
    MAP_OF
    + "000474000161737200136a6176612e7574696c2e41727261794c6973747881d21d99c7619d03000149000473697a6578700000000277"
    "040000000274000178737200116a6176612e6c616e672e496e746567657212e2a0a4f781873802000149000576616c7565787200106a6176612e"
    "6c616e672e4e756d62657286ac951d0b94e08b02000078700000000278740001627371007e000700000001740006eda0bdedb88074000e65c080"
    "c3a9e282aceda0bdedb880740003efbfbd7371007e0000707704000000007878"
)
DOUBLES = (
    LIST_OF
    + "0003770400000003737200106a6176612e6c616e672e446f75626c6580b3c24a296bfb0402000144000576616c7565787200106a61"
    "76612e6c616e672e4e756d62657286ac951d0b94e08b02000078707ff80000000000007371007e000280000000000000007371007e0002fff000"
    "000000000078"
)


def test_each_type_has_the_stream_of_its_class() -> None:
    kinds = [
        ("string", "text"),
        ("integer", 7),
        ("long", 7),
        ("short", 7),
        ("double", 1.5),
        ("boolean", True),
        ("date", DAY),
        ("null", None),
        ("bytes", b"\1\2\3"),
    ]

    assert list_of(*(single(kind, content) for kind, content in kinds)) == ALL_TYPES


def test_what_is_one_object_is_written_once() -> None:
    kinds = [
        ("string", "text", "first"),
        ("string", "text", "first"),
        ("string", "text", "second"),
        ("integer", 100000, "first"),
        ("integer", 100000, "first"),
        ("integer", 100000, "second"),
        ("integer", 5, "first"),
        ("integer", 5, "second"),
        ("date", DAY, "first"),
        ("date", DAY, "first"),
        ("boolean", True, "first"),
        ("boolean", False, "first"),
        ("boolean", True, "second"),
        ("bytes", b"\1\2\3", "first"),
        ("bytes", b"\1\2\3", "first"),
        ("double", 0.5, "first"),
        ("double", 0.5, "second"),
    ]

    assert list_of(*(single(*each) for each in kinds), ArrayList(()), ArrayList(())) == SHARED


def test_maps_are_in_the_order_of_their_keys_and_strings_in_javas_utf_8() -> None:
    written = map_of(
        ("b", single("integer", 1)),
        ("a", ArrayList((single("string", "x"), single("integer", 2)))),
        ("\N{GRINNING FACE}", single("string", "e\0é€\N{GRINNING FACE}")),
        ("\N{REPLACEMENT CHARACTER}", TreeMap(())),
    )

    assert written == NESTED_MAP


def test_doubles_have_one_not_a_number() -> None:
    doubles = (-math.nan, -0.0, -math.inf)

    assert list_of(*(single("double", number) for number in doubles)) == DOUBLES


def test_empty_collections_have_no_entries() -> None:
    assert list_of() == f"{LIST_OF}0000770400000000" + "78"
    assert map_of() == f"{MAP_OF}000078"


@pytest.mark.parametrize(("length", "head"), [(65535, b"\x74\xff\xff"), (65536, b"\x7c\0\0\0\0\0\1\0\0")])
def test_long_strings_have_a_length_of_their_own(length: int, head: bytes) -> None:
    text = "x" * length

    assert serialize(ArrayList((single("string", text),))).endswith(b"\x77\4\0\0\0\1" + head + text.encode() + b"\x78")


def test_a_key_that_comes_again_takes_the_new_value() -> None:
    old, new = single("string", "old"), single("string", "new")

    assert map_of(("a", old), ("b", old), ("a", new)) == map_of(("b", old), ("a", new))


@pytest.mark.parametrize("key", [single("integer", 1), single("null", None)])
def test_keys_that_are_no_strings_are_left_to_a_jvm(key: Single) -> None:
    with pytest.raises(NeedsJvmError, match="no string"):
        serialize(TreeMap(((key, key),)))


@pytest.mark.parametrize(
    "items",
    [
        (single("string", "text"), single("string", "text", None)),
        (single("string", "text", None), single("string", "text")),
        (single("double", 0.5, None), single("double", 0.5, None)),
        (single("string", ""), single("string", "")),
    ],
)
def test_equal_values_of_which_it_is_not_known_whether_they_are_one_are_left_to_a_jvm(items: tuple[Single]) -> None:
    with pytest.raises(NeedsJvmError, match="one object"):
        serialize(ArrayList(items))


def test_what_is_not_known_matters_among_equal_values_only() -> None:
    items = (single("string", "a", None), single("string", "b", None), single("long", 5, None), single("long", 5, None))

    assert list_of(*items).count("71007e") == 1


@pytest.mark.parametrize("expression", ["text", "${text}", "${'text'}", "${5000}"])
def test_texts_variables_and_literals_are_one_object_wherever_they_stand(expression: str) -> None:
    origins = {origin_of(expression, {"text": "of text"}.get) for _ in range(2)}

    assert len(origins) == 1
    assert None not in origins


@pytest.mark.parametrize("expression", ["a ${text}", "${number + 1}", "${-number}"])
def test_what_is_computed_is_an_object_of_its_own(expression: str) -> None:
    origins = {origin_of(expression, {"text": "of text"}.get) for _ in range(2)}

    assert len(origins) == 2
    assert None not in origins


def test_what_is_chosen_may_be_any() -> None:
    assert origin_of("${flag ? text : 'text'}", {}.get) is None
