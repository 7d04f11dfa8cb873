"""How often the Job of a Batch was replaced without progress, and when the next one may be made.

Kept in memory only: an operator that restarts tries again as often as at first, which is what a restart is for.
"""

import time
from dataclasses import dataclass

from batch_operator.lifecycle.observed import Attempts

LONGEST_PAUSE_SECONDS = 300.0


@dataclass
class AttemptsOfBatch:
    """Attempts since something changed that may help: the Batch, its engine, or an item settled."""

    _version: object = None
    _settled: int = 0
    _used: int = 0
    _renewed: bool = False
    _not_before: float = 0.0

    def seen(self, version: object, settled: int) -> Attempts:
        """What was tried so far.

        Args:
            version: Changes with the Batch's spec and its engine.
            settled: Items with an outcome.
        """
        if self._version is not None and version != self._version:
            self._used, self._renewed, self._not_before = 0, True, 0.0
        if settled > self._settled:
            self._used = 0
        self._version, self._settled = version, settled
        return Attempts(used=self._used, may_start=time.monotonic() >= self._not_before, renewed=self._renewed)

    def started(self, *, is_retry: bool) -> None:
        """A Job was made."""
        self._renewed = False
        if is_retry:
            self._used += 1
            self._not_before = time.monotonic() + min(3.0**self._used, LONGEST_PAUSE_SECONDS)
