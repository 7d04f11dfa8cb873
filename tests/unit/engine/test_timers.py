"""When timers fire, by what their models say."""

from datetime import datetime

import pytest

from process_engine.clock import Clock
from process_engine.timers import CronError, TimerError, due_date, repeat_of

NOW = datetime.fromisoformat("2030-01-31T10:00:00")
UTC = Clock()


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("DATE", "2031-05-06T07:08:09", "2031-05-06T07:08:09"),
        ("DATE", "2031-05-06T07:08:09+02:00", "2031-05-06T05:08:09"),
        ("DATE", "P1D", "2030-02-01T10:00:00"),
        ("DURATION", "PT90M", "2030-01-31T11:30:00"),
        ("DURATION", "P1M", "2030-02-28T10:00:00"),
        ("DURATION", "P1Y2M3DT4H5M6S", "2031-04-03T14:05:06"),
        ("DURATION", "P2W", "2030-02-14T10:00:00"),
        ("DURATION", "2030-03-01T00:00:00/PT5H", "2030-03-01T05:00:00"),
        ("DURATION", "PT5H/2030-03-01T00:00:00", "2030-03-01T00:00:00"),
        ("CYCLE", "R3/PT10M", "2030-01-31T10:10:00"),
        ("CYCLE", "R/PT90S", "2030-01-31T10:01:30"),
        ("CYCLE", "R5/2030-01-01T00:00:00/P1M", "2030-02-01T00:00:00"),
        ("CYCLE", "R2/PT1H/2030-01-31T12:30:00", "2030-01-31T10:30:00"),
    ],
)
def test_a_timer_fires_when_its_text_says(kind: str, text: str, expected: str) -> None:
    assert due_date(kind, text, NOW, UTC) == datetime.fromisoformat(expected)


def test_a_cycle_whose_last_time_has_passed_fires_no_more() -> None:
    assert due_date("CYCLE", "R2/2029-01-01T00:00:00/P1D", NOW, UTC) is None


def test_hours_are_real_time_and_days_are_the_calendars_where_clocks_change() -> None:
    berlin, before = Clock("Europe/Berlin"), datetime.fromisoformat("2030-03-30T12:00:00")

    assert due_date("DURATION", "PT24H", before, berlin) == datetime.fromisoformat("2030-03-31T13:00:00")
    assert due_date("DURATION", "P1D", before, berlin) == datetime.fromisoformat("2030-03-31T12:00:00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0 0 12 * * ?", "2030-01-31T12:00:00"),
        ("0 0 9 * * ?", "2030-02-01T09:00:00"),
        ("0 15/20 8-16/4 ? JAN,feb MON-FRI", "2030-01-31T12:15:00"),
        ("*/25 59 23 * * *", "2030-01-31T23:59:00"),
        ("0 0 0 29 2 ?", "2032-02-29T00:00:00"),
        ("0 0 0 30 2 ?", "2030-01-31T10:00:00"),
    ],
)
def test_a_cron_expression_fires_at_its_next_moment_or_at_once_if_it_has_none(text: str, expected: str) -> None:
    assert due_date("CYCLE", text, NOW, UTC) == datetime.fromisoformat(expected)


def test_the_java_engine_keeps_fractions_between_moments_a_second_apart() -> None:
    now = datetime.fromisoformat("2030-01-31T10:00:00.250")

    assert due_date("CYCLE", "* * * * * ?", now, UTC) == datetime.fromisoformat("2030-01-31T10:00:01.250")
    assert due_date("CYCLE", "1 * * * * ?", now, UTC) == datetime.fromisoformat("2030-01-31T10:00:01")


@pytest.mark.parametrize(
    "text",
    [
        "0 0 12 ? * 2",
        "0 0 12 1 * MON",
        "0 0 12 ? * ?",
        "0 0 12 L * ?",
        "0 0 22-2 * * ?",
        "0 0 24 * * ?",
        "0 0 12 * *",
        "@daily",
    ],
)
def test_a_cron_expression_that_not_all_read_alike_is_left_to_the_java_engine(text: str) -> None:
    with pytest.raises(CronError):
        due_date("CYCLE", text, NOW, UTC)


def test_a_cron_expression_is_left_to_the_java_engine_if_it_is_due_when_clocks_change() -> None:
    berlin = Clock("Europe/Berlin")

    with pytest.raises(CronError, match="the clocks change on 2030-03-31"):
        due_date("CYCLE", "0 30 2 * * ?", datetime.fromisoformat("2030-03-30T12:00:00"), berlin)
    assert due_date("CYCLE", "0 30 2 1 * ?", datetime.fromisoformat("2030-03-30T12:00:00"), berlin) == (
        datetime.fromisoformat("2030-04-01T02:30:00")
    )


@pytest.mark.parametrize("text", ["", "tomorrow", "R3", "P1X"])
def test_a_text_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(TimerError):
        due_date("DURATION", text, NOW, UTC)


def test_a_cycle_without_a_start_starts_now() -> None:
    assert repeat_of("R3/PT10M", NOW) == "R3/2030-01-31T10:00:00/PT10M"
    assert repeat_of("R3/2029-01-01T00:00:00/PT10M", NOW) == "R3/2029-01-01T00:00:00/PT10M"
