"""The engine's local time, and ids that grow."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from process_engine.clock import FIXED_BY, Clock
from process_engine.ids import TimeOrderedIds

INSTANT = datetime(2030, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)


def test_times_are_local_to_the_engines_zone_and_cut_to_the_millisecond() -> None:
    clock = Clock("Europe/Berlin", lambda: INSTANT)

    assert clock.now() == datetime(2030, 7, 1, 14, 0, 0, 123000)  # noqa: DTZ001 - as the tables hold it


def test_local_times_are_turned_back_into_epoch_milliseconds() -> None:
    clock = Clock("Europe/Berlin")

    assert clock.epoch_milliseconds(clock.local(INSTANT)) == int(INSTANT.timestamp() * 1000)


def test_the_environment_can_stop_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FIXED_BY, "2030-01-02T10:00:00Z")

    assert Clock().now() == datetime(2030, 1, 2, 10)  # noqa: DTZ001 - as the tables hold it


def test_ids_are_uuids_that_grow() -> None:
    new_id = TimeOrderedIds()

    ids = [new_id() for _ in range(10_000)]

    assert ids == sorted(set(ids))
    assert {UUID(id_).version for id_ in ids} == {7}
