"""When timers fire: dates, durations and cycles in the words of ISO 8601, as the family reads them.

Times are the engine's local ones. Years, months and days are counted on the calendar, hours and what is shorter in real
time.

Source: DueDateBusinessCalendar, DurationBusinessCalendar, CycleBusinessCalendar, DurationHelper, TimerEntity.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import cast

import isodate  # pyright: ignore[reportMissingTypeStubs]

from process_engine.clock import Clock
from process_engine.cron import UnreadableCronError, read_cron
from process_engine.errors import ProcessEngineError

REPEAT, PERIOD = "R", "P"
PARTS = 3
"""A cycle has at most so many: how often, from when, how long."""


class TimerError(ProcessEngineError):
    """A timer cannot be read, by the Java engine neither."""

    reason = "Timer"


class CronError(TimerError):
    """A cycle is a cron expression that only the Java engine reads."""


@dataclass(frozen=True, slots=True)
class Period:
    """How long: what is counted on the calendar, and real time."""

    months: int
    days: int
    time: timedelta

    def after(self, start: datetime, clock: Clock, times: int = 1) -> datetime:
        """The moment so long after another; before it for negative `times`."""
        months = start.year * 12 + start.month - 1 + times * self.months
        year, month = divmod(months, 12)
        day = min(start.day, _days_of(year, month + 1))
        date = start.replace(year=year, month=month + 1, day=day) + timedelta(days=times * self.days)
        return clock.later(date, times * self.time)


def _days_of(year: int, month: int) -> int:
    first = datetime(year, month, 1)  # noqa: DTZ001 - local times
    return ((first + timedelta(days=31)).replace(day=1) - first).days


def read_period(text: str) -> Period:
    """A duration such as ``P1DT12H``; its days and its hours are read apart, since 24 hours are no day."""
    date, mark, time = text.partition("T")
    if not date.startswith(PERIOD) or date + time == PERIOD:
        raise TimerError(f"ENGINE-09027 Exception while resolving duedate '{text}': it is no duration")
    months, days = (0, timedelta()) if date == PERIOD else _parsed(date)
    _, real = _parsed(f"PT{time}") if mark else (0, timedelta())
    return Period(months, days.days, real)


def _parsed(text: str) -> tuple[int, timedelta]:
    """Months and the rest."""
    try:
        parsed: object = isodate.parse_duration(text)  # pyright: ignore[reportUnknownMemberType]
    except (isodate.ISO8601Error, ValueError) as error:
        raise TimerError(f"ENGINE-09027 Exception while resolving duedate '{text}': {error}") from None
    months = int(getattr(parsed, "years", 0)) * 12 + int(getattr(parsed, "months", 0))
    return months, cast("timedelta", getattr(parsed, "tdelta", parsed))


def read_date(text: str, clock: Clock) -> datetime:
    """A date, with or without time and zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise TimerError(f"ENGINE-09027 Exception while resolving duedate '{text}': {error}") from None
    if moment.tzinfo is not None:
        return clock.local(moment)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def due_date(kind: str, text: str, now: datetime, clock: Clock) -> datetime | None:
    """When a timer fires that is made now; null if its last time has passed.

    Args:
        kind: ``DATE``, ``DURATION`` or ``CYCLE``.
        text: What the model says, evaluated.
        now: The present.
        clock: The engine's.

    Raises:
        CronError: A cycle is a cron expression that is left to the Java engine.
        TimerError: Nobody can read the text.
    """
    if kind == "DATE":
        return read_period(text).after(now, clock) if text.startswith(PERIOD) else read_date(text, clock)
    if kind == "CYCLE" and not text.startswith(REPEAT):
        return _of_cron(text, now, clock)
    return _of_interval(text.split("/"), now, clock)


def _of_cron(text: str, now: datetime, clock: Clock) -> datetime:
    """The next moment; now, if there is none."""
    try:
        found = read_cron(text).after(now) or now
    except UnreadableCronError as error:
        raise CronError(f"the cron expression {error}") from None
    midnight, day = datetime.combine(found.date(), time()), timedelta(days=1)
    if clock.later(midnight, day) != midnight + day:
        raise CronError(f"the clocks change on {found.date()}, when '{text}' is due")
    return found


def _of_interval(parts: list[str], now: datetime, clock: Clock) -> datetime | None:
    times = _times(parts[0])
    if times is not None:
        parts = parts[1:]
    if not parts or len(parts) >= PARTS:
        raise TimerError("ENGINE-09027 Exception while resolving duedate: cannot parse duration")
    start, period, end = _interval(parts, clock)
    if times is None:
        return end or period.after(start or now, clock)
    if end is not None and start is None:
        return _before(end, period, times, now, clock)
    return _next(start or now, period, times, now, clock)


def _times(part: str) -> int | None:
    if not part.startswith(REPEAT):
        return None
    return int(part[1:]) if len(part) > 1 else 2**31 - 1


def _interval(parts: list[str], clock: Clock) -> tuple[datetime | None, Period, datetime | None]:
    """Start, length and end of what is written as length, length/end, start/length or start/end."""
    first, second = parts[0], parts[1] if len(parts) > 1 else None
    if first.startswith(PERIOD):
        return None, read_period(first), None if second is None else read_date(second, clock)
    start = read_date(first, clock)
    if second is None:
        raise TimerError(f"ENGINE-09027 Exception while resolving duedate '{first}': cannot parse duration")
    if second.startswith(PERIOD):
        return start, read_period(second), None
    end = read_date(second, clock)
    return start, Period(0, 0, end - start), end


def _next(start: datetime, period: Period, times: int, now: datetime, clock: Clock) -> datetime | None:
    at, count = start, 0
    while count < times and at <= now:
        at, count = period.after(at, clock), count + 1
    return None if at < now else at


def _before(end: datetime, period: Period, times: int, now: datetime, clock: Clock) -> datetime | None:
    following, at, count = end, period.after(end, clock, -1), 0
    while count < times and at > now:
        following, at, count = at, period.after(at, clock, -1), count + 1
    return None if following < now else following


def repeat_of(text: str, now: datetime) -> str:
    """REPEAT_ of a job whose timer is made now: a cycle starts now if it does not say when."""
    if text.startswith(REPEAT) and len(text.split("/")) == PARTS - 1:
        return text.replace("/", f"/{now.isoformat(timespec='seconds')}/", 1)
    return text
