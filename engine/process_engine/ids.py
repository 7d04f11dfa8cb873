"""New ids: UUIDs that grow with time, so that they enter the indexes at their right edge.

The family's generators either count (``next.dbid``) or make time-based UUIDs. A foreign writer must make UUIDs.
Random ones cost an index insertion at a random place each.
"""

import os
import time
from collections.abc import Callable

IdGenerator = Callable[[], str]


class TimeOrderedIds:
    """Makes version 7 UUIDs (RFC 9562): milliseconds, then a counter in what is random there, then random bits."""

    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> str:
        """The next id; greater than all before it of this generator."""
        ticks = max(time.time_ns() * 4096 // 1_000_000, self._last + 1)  # 12 bits below the millisecond
        self._last = ticks
        high = (ticks >> 12) << 16 | 0x7000 | ticks & 0xFFF
        low = 0x8000_0000_0000_0000 | int.from_bytes(os.urandom(8)) >> 2
        digits = f"{high:016x}{low:016x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
