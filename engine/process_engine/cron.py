"""Cron expressions of timers, as far as all readers of them agree.

Six fields: seconds, minutes, hours, days of the month, months, days of the week. What readers differ in is left to the
Java engine: numbers of days of the week, days of the month and of the week at once, the letters L, W and #, nicknames.

Source: CronTimer.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

ANY = ("*", "?")
NAMES_OF_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
MONTHS = {name: number for number, name in enumerate(NAMES_OF_MONTHS, 1)}
WEEKDAYS = {name: number for number, name in enumerate(("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"))}
"""As Python counts them."""
PART = re.compile(r"(?P<first>\*|\w+)(-(?P<last>\w+))?(/(?P<step>[1-9]\d*))?")
DAYS = 366 * 9
"""So many days at most until a February 29."""


class UnreadableCronError(ValueError):
    """A text is no cron expression, or one that not all readers read alike."""


@dataclass(frozen=True, slots=True)
class Cron:
    """Moments that recur: the numbers that each field allows."""

    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    def after(self, moment: datetime) -> datetime | None:
        """The first moment after another; null if there is none. Between moments a second apart, fractions stay."""
        following = moment + timedelta(seconds=1)
        if self._allows(moment) and self._allows(following):
            return following
        earliest = following.replace(microsecond=0)
        for count in range(DAYS):
            day = earliest.date() + timedelta(days=count)
            if self._allows_day(day):
                since = earliest.time() if count == 0 else time()
                if (found := next((each for each in self._times() if each >= since), None)) is not None:
                    return datetime.combine(day, found)
        return None

    def _allows(self, moment: datetime) -> bool:
        at = moment.second in self.seconds and moment.minute in self.minutes and moment.hour in self.hours
        return at and self._allows_day(moment)

    def _allows_day(self, day: date) -> bool:
        return day.day in self.days and day.month in self.months and day.weekday() in self.weekdays

    def _times(self) -> Iterator[time]:
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                for second in sorted(self.seconds):
                    yield time(hour, minute, second)


def read_cron(text: str) -> Cron:
    """What a cron expression says.

    Raises:
        UnreadableCronError: It is left to others.
    """
    fields = text.split()
    if len(fields) != len(Cron.__dataclass_fields__):
        raise UnreadableCronError(f"'{text}' has not six fields")
    seconds, minutes, hours, days, months, weekdays = fields
    if (days in ANY) + (weekdays in ANY) == 0 or days == weekdays == "?":
        raise UnreadableCronError(f"'{text}' has both days of the month and of the week, or neither")
    if "?" in (seconds, minutes, hours, months) or re.search(r"\d", weekdays):
        raise UnreadableCronError(f"'{text}' is not read alike by all")
    return Cron(
        _numbers(seconds, 0, 59),
        _numbers(minutes, 0, 59),
        _numbers(hours, 0, 23),
        _numbers(days, 1, 31),
        _numbers(months, 1, 12, MONTHS),
        _numbers(weekdays, 0, 6, WEEKDAYS),
    )


def _numbers(field: str, lowest: int, highest: int, names: Mapping[str, int] | None = None) -> frozenset[int]:
    if field in ANY:
        return frozenset(range(lowest, highest + 1))
    found: set[int] = set()
    for part in field.split(","):
        found.update(_part(part, lowest, highest, names or {}))
    return frozenset(found)


def _part(part: str, lowest: int, highest: int, names: Mapping[str, int]) -> range:
    read = PART.fullmatch(part)
    if read is None:
        raise UnreadableCronError(f"'{part}' is not read alike by all")
    first, last, step = read["first"], read["last"], read["step"]
    if first == "*":
        if last is not None or step is None:
            raise UnreadableCronError(f"'{part}' is not read alike by all")
        return range(lowest, highest + 1, int(step))
    start = _number(first, lowest, highest, names)
    end = _number(last, lowest, highest, names) if last else highest if step else start
    if end < start:
        raise UnreadableCronError(f"'{part}' goes backwards")
    return range(start, end + 1, int(step or 1))


def _number(text: str, lowest: int, highest: int, names: Mapping[str, int]) -> int:
    number = names[text.upper()] if text.upper() in names else int(text) if text.isdecimal() else -1
    if not lowest <= number <= highest:
        raise UnreadableCronError(f"'{text}' is no number from {lowest} to {highest}")
    return number
