"""Reading JSON documents of the API server, where any field may be missing or null."""

from collections.abc import Mapping
from typing import Any, cast

Document = Mapping[str, Any]


def part(document: Document, *path: str) -> dict[str, Any]:
    """The object at a path, empty where there is none."""
    found: Any = document
    for name in path:
        found = cast("dict[str, Any]", found).get(name) or {}
    return cast("dict[str, Any]", found)


def parts(document: Document, *path: str) -> list[dict[str, Any]]:
    """The list of objects at a path, empty where there is none."""
    found: Any = part(document, *path[:-1]).get(path[-1])
    return cast("list[dict[str, Any]]", found or [])
