"""The engine's time: local to the JVM's zone, naive, to the millisecond, as the tables hold it."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

FIXED_BY = "PROCESS_BATCH_CLOCK"
"""Environment variable with an RFC 3339 instant that stops the clock, for runs that are compared with each other."""


def system_time() -> datetime:
    """The present instant, or the one that the environment fixes."""
    fixed = os.environ.get(FIXED_BY)
    return datetime.fromisoformat(fixed) if fixed else datetime.now(UTC)


class Clock:
    """Turns instants into the engine's local times."""

    def __init__(self, time_zone: str = "UTC", instant: Callable[[], datetime] = system_time) -> None:
        """Take the zone by its IANA name, and what gives the present as an aware datetime."""
        self._zone = ZoneInfo(time_zone)
        self._instant = instant

    def now(self) -> datetime:
        """The present in the engine's local time."""
        return self.local(self._instant())

    def local(self, moment: datetime) -> datetime:
        """An aware datetime in the engine's local time; milliseconds are kept, what is finer is cut off."""
        local = moment.astimezone(self._zone).replace(tzinfo=None)
        return local.replace(microsecond=local.microsecond // 1000 * 1000)

    def later(self, local: datetime, time: timedelta) -> datetime:
        """The local time when real time has passed since another."""
        return self.local(local.replace(tzinfo=self._zone).astimezone(UTC) + time)

    def epoch_milliseconds(self, local: datetime) -> int:
        """Milliseconds since 1970 of a local time, as the operation log writes dates."""
        return round(local.replace(tzinfo=self._zone).timestamp() * 1000)
