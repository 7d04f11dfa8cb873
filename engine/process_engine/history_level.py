"""History levels: which history rows an engine keeps."""

from enum import IntEnum


class HistoryLevel(IntEnum):
    """The id of a level as ACT_GE_PROPERTY holds it; higher levels keep more.

    Source: HistoryLevel and its implementations.
    """

    NONE = 0
    ACTIVITY = 1
    AUDIT = 2
    FULL = 3

    @property
    def keeps_instances(self) -> bool:
        """Whether there is any history."""
        return self > HistoryLevel.NONE

    @property
    def keeps_logs(self) -> bool:
        """Whether incidents, job and external task logs and the user operation log are kept."""
        return self is HistoryLevel.FULL
