"""How one dump differs from another, in lines that a person can read."""

import json
from collections import Counter

from support.peer.dumps import Row, Tables

ENOUGH_IN_COMMON = 0.5
"""Rows that agree in this part of their columns are shown as one row that changed."""


def differences(expected: Tables, actual: Tables) -> list[str]:
    """One line a row that differs, after one with its table's name; none when the dumps are equal."""
    lines: list[str] = []
    for table in sorted(expected.keys() | actual.keys()):
        missing = _without(expected.get(table, []), actual.get(table, []))
        surplus = _without(actual.get(table, []), expected.get(table, []))
        if missing or surplus:
            lines += [table, *_of_table(missing, surplus)]
    return lines


def count_rows(lines: list[str]) -> int:
    """How many rows differ."""
    return sum(line.startswith(" ") for line in lines)


def _of_table(missing: list[Row], surplus: list[Row]) -> list[str]:
    lines: list[str] = []
    for row in list(missing):
        match = _most_alike(row, surplus)
        if match is not None:
            missing.remove(row)
            surplus.remove(match)
            lines.append(f"  ~ {_title(row)}  {_changes(row, match)}")
    lines += [f"  - {json.dumps(row)}" for row in missing]
    return lines + [f"  + {json.dumps(row)}" for row in surplus]


def _changes(row: Row, other: Row) -> str:
    columns = sorted(column for column in row.keys() | other.keys() if row.get(column) != other.get(column))
    return ", ".join(f"{column}: {row.get(column)!r} -> {other.get(column)!r}" for column in columns)


def _title(row: Row) -> str:
    return next((str(row[column]) for column in ("ID_", "NAME_") if column in row), "?")


def _without(rows: list[Row], others: list[Row]) -> list[Row]:
    left = Counter(json.dumps(row, sort_keys=True) for row in others)
    result: list[Row] = []
    for row in rows:
        key = json.dumps(row, sort_keys=True)
        if left[key]:
            left[key] -= 1
        else:
            result.append(row)
    return result


def _most_alike(row: Row, candidates: list[Row]) -> Row | None:
    """The row with the same id, else the one that agrees most, if that is enough."""
    same = next((other for other in candidates if "ID_" in row and other.get("ID_") == row["ID_"]), None)
    if same is not None or not candidates:
        return same
    best = max(candidates, key=lambda other: _agreement(row, other))
    return best if _agreement(row, best) >= ENOUGH_IN_COMMON else None


def _agreement(row: Row, other: Row) -> float:
    columns = row.keys() | other.keys()
    return sum(row.get(column) == other.get(column) for column in columns) / len(columns)
