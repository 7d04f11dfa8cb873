"""Names for ids that depend on what the rows say, not on the random ids themselves.

Two databases that started from one snapshot are compared up to the renaming of the ids that were made since. An id of
the snapshot has one label in all of them. The others are told apart by colour refinement: the colour of an id is a
digest of the rows in which it occurs, in which the other ids are replaced by their colours, again and again until
nothing more is told apart. What is still equal then is interchangeable, and one of it is picked.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from support.peer.dumps import Row, Tables, rows_of

UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

KINDS = {
    "ACT_RE_DEPLOYMENT": "deployment",
    "ACT_RE_PROCDEF": "def",
    "ACT_HI_PROCINST": "pi",
    "ACT_RU_EXECUTION": "exec",
    "ACT_RU_TASK": "task",
    "ACT_HI_TASKINST": "task",
    "ACT_RU_JOB": "job",
    "ACT_RU_JOBDEF": "jobdef",
    "ACT_RU_EXT_TASK": "ext",
    "ACT_RU_INCIDENT": "incident",
    "ACT_HI_INCIDENT": "incident",
    "ACT_RU_VARIABLE": "var",
    "ACT_HI_VARINST": "var",
    "ACT_RU_EVENT_SUBSCR": "subscription",
    "ACT_RU_BATCH": "batch",
    "ACT_HI_BATCH": "batch",
    "ACT_HI_ACTINST": "act",
    "ACT_HI_DETAIL": "detail",
    "ACT_HI_JOB_LOG": "joblog",
    "ACT_HI_EXT_TASK_LOG": "extlog",
    "ACT_HI_OP_LOG": "oplog",
    "ACT_RU_IDENTITYLINK": "link",
    "ACT_HI_IDENTITYLINK": "hilink",
    "ACT_HI_COMMENT": "comment",
    "ACT_HI_ATTACHMENT": "attachment",
    "ACT_GE_BYTEARRAY": "bytes",
}
"""What an id is called, by the first of these tables whose `ID_` it is."""
KINDS_BY_COLUMN = {
    "EXECUTION_ID_": "exec",
    "ACT_INST_ID_": "act",
    "PARENT_ACT_INST_ID_": "act",
    "TASK_ID_": "task",
    "JOB_ID_": "job",
    "OPERATION_ID_": "operation",
    "BATCH_ID_": "batch",
    "EXT_TASK_ID_": "ext",
    "VALUE_": "installation",
}
"""What an id is called that no table has as `ID_`."""
NAMES = (
    "PROPERTY_",
    "ACT_ID_",
    "TASK_DEF_KEY_",
    "ACTIVITY_ID_",
    "NAME_",
    "KEY_",
    "EVENT_NAME_",
    "TOPIC_NAME_",
    "PROC_DEF_KEY_",
    "TYPE_",
)
"""The first of these columns that a row has makes its label readable."""


class Cell(NamedTuple):
    """A value, taken apart: text and ids in turn, the odd ones are ids."""

    column: str
    parts: tuple[Any, ...]


class Place(NamedTuple):
    """Where an id occurs."""

    table: str
    column: str
    cells: tuple[Cell, ...]


class Labels:
    """The labels of a database's ids.

    Attributes:
        known: Labels by id.
    """

    def __init__(self, tables: Tables, base: "Labels | None" = None) -> None:
        """Args:
        tables: A dump.
        base: The labels of the snapshot that the database started from; newer ids get labels with a "+".
        """
        self.known: dict[str, str] = dict(base.known) if base else {}
        self._prefix = "+" if base else ""
        self._others = _ids_that_are_no_uuids(tables)
        self._places: dict[str, list[Place]] = defaultdict(list)
        for table, row in rows_of(tables):
            self._note_places(table, tuple(Cell(column, self._split(value)) for column, value in row.items()))
        self._colors = dict.fromkeys(self._places, "")
        self._refine()
        self._separate()
        self._name(tables)

    def apply(self, tables: Tables) -> Tables:
        """The dump with labels for ids, its rows in a stable order."""
        return {
            table: sorted(
                ({column: self._labelled(value) for column, value in row.items()} for row in rows),
                key=lambda row: json.dumps(row, sort_keys=True, default=str),
            )
            for table, rows in tables.items()
        }

    def _split(self, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, str):
            return (value,)
        if value in self._others:
            return ("", value, "")
        return tuple(re.split(f"({UUID.pattern})", value))

    def _labelled(self, value: Any) -> Any:
        parts = self._split(value)
        if len(parts) == 1:
            return value
        return "".join(self.known[part] if place % 2 else part for place, part in enumerate(parts))

    def _note_places(self, table: str, cells: tuple[Cell, ...]) -> None:
        for cell in cells:
            for part in cell.parts[1::2]:
                if part not in self.known:
                    self._places[part].append(Place(table, cell.column, cells))

    def _render(self, cells: Iterable[Cell], seen_from: str) -> tuple[Any, ...]:
        def color(part: str) -> str:
            return "*" if part == seen_from else self.known.get(part) or self._colors[part]

        return tuple(
            (cell.column, *(color(part) if place % 2 else part for place, part in enumerate(cell.parts)))
            for cell in cells
        )

    def _refine(self) -> None:
        """Recolour until no more ids are told apart."""
        told_apart = len(set(self._colors.values()))
        while True:
            self._colors = {
                id_: _digest(
                    (self._colors[id_], sorted(repr((p.table, p.column, self._render(p.cells, id_))) for p in places))
                )
                for id_, places in self._places.items()
            }
            now = len(set(self._colors.values()))
            if now == told_apart:
                return
            told_apart = now

    def _separate(self) -> None:
        """Give each id a colour of its own: of those that are interchangeable the least is picked, again and again."""
        while True:
            classes: dict[str, list[str]] = defaultdict(list)
            for id_, color in self._colors.items():
                classes[color].append(id_)
            tied = min((color for color, ids in classes.items() if len(ids) > 1), default=None)
            if tied is None:
                return
            self._colors[min(classes[tied])] = _digest(("picked", tied))
            self._refine()

    def _name(self, tables: Tables) -> None:
        named = self._names_by_row(tables)
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        for id_, places in self._places.items():
            groups[named.get(id_) or (_kind_of_reference(places), "")].append(id_)
        for (kind, name), ids in groups.items():
            text = f"{self._prefix}{kind}" + (f"[{name}]" if name else "")
            for number, id_ in enumerate(sorted(ids, key=self._colors.__getitem__), 1):
                self.known[id_] = f"{text}#{number}" if len(ids) > 1 else text

    def _names_by_row(self, tables: Tables) -> dict[str, tuple[str, str]]:
        """Kind and name of the ids that are a row's own."""
        named: dict[str, tuple[str, str]] = {}
        for table, kind in KINDS.items():
            for row in tables.get(table, ()):
                parts = self._split(row["ID_"])
                if len(parts) > 1:
                    named.setdefault(parts[1], _kind_and_name(kind, row))
        return named


def _digest(value: Any) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:24]


def _ids_that_are_no_uuids(tables: Tables) -> set[str]:
    rows = (row for table, row in rows_of(tables) if table != "ACT_GE_SCHEMA_LOG")
    return {row["ID_"] for row in rows if "ID_" in row and not UUID.search(row["ID_"])}


def _kind_and_name(kind: str, row: Row) -> tuple[str, str]:
    if kind == "pi" or (kind == "exec" and row["ID_"] == row.get("PROC_INST_ID_")):
        return "pi", row.get("PROC_DEF_KEY_", "")
    name = next((row[column] for column in NAMES if isinstance(row.get(column), str)), "")
    return kind, UUID.sub("", name).strip(":")


def _kind_of_reference(places: list[Place]) -> str:
    columns = [place.column for place in sorted(places, key=lambda place: place[:2])]
    known = next((KINDS_BY_COLUMN[column] for column in columns if column in KINDS_BY_COLUMN), None)
    return known or min(columns).lower().strip("_")
