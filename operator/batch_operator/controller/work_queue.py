"""Which object is reconciled next: by one thread at a time, soon after something happened to it, not in a hurry."""

import asyncio
import time

from batch_operator.controller.store import Key

LONGEST_WAIT_SECONDS = 60.0


class WorkQueue:
    """Keys with the moment they are due; a key that is added twice is due at the earlier one."""

    def __init__(self) -> None:
        self._due: dict[Key, float] = {}
        self._busy: set[Key] = set()
        self._not_before: dict[Key, float] = {}
        self._changed = asyncio.Event()
        self.last_taken = time.monotonic()

    def add(self, key: Key, delay: float = 0.0) -> None:
        """Let a key be due after a delay in seconds, unless it is due earlier anyway."""
        due = max(time.monotonic() + delay, self._not_before.get(key, 0.0))
        self._due[key] = min(due, self._due.get(key, due))
        self._changed.set()

    def hold(self, key: Key, seconds: float) -> None:
        """Do not let a key be due for a while, whatever happens to it."""
        self._not_before[key] = time.monotonic() + seconds
        if key in self._due:
            self._due[key] = max(self._due[key], self._not_before[key])

    def forget(self, key: Key) -> None:
        """Drop a key that is gone."""
        self._due.pop(key, None)
        self._not_before.pop(key, None)

    async def take(self) -> Key:
        """The next key that is due; nobody else gets it until `done`."""
        while True:
            self._changed.clear()
            ready = [(due, key) for key, due in self._due.items() if key not in self._busy]
            now = time.monotonic()
            self.last_taken = now
            if ready and min(ready)[0] <= now:
                key = min(ready)[1]
                del self._due[key]
                self._busy.add(key)
                return key
            await self._pause(min(ready)[0] - now if ready else LONGEST_WAIT_SECONDS)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._changed.wait(), min(seconds, LONGEST_WAIT_SECONDS))
        except TimeoutError:
            return

    def done(self, key: Key) -> None:
        """Give a key back."""
        self._busy.discard(key)
        self._changed.set()
