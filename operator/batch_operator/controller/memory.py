"""What the operator remembers of one Batch between two observations; losing it costs nothing but another one."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from batch_operator.controller.attempts import AttemptsOfBatch
from batch_operator.lifecycle.observed import Problem
from batch_operator.lifecycle.status import EventToPost, Pace
from process_engine.batch.ledger import FailureGroup, Ledger
from process_engine.batch.preview import Preview

REFUSED_SECONDS = 60.0
"""A set that was refused is looked for again after so long, or when the Batch or its engine changes."""


@dataclass
class BatchMemory:
    """Of one Batch.

    Attributes:
        uid: Of the object that it is about.
        attempts: At its Job.
        found: By a dry run.
        events: Those that wait for the next status.
        pace: At which items are settled.
        written_at: When its status was written last.
        refusal: Version of Batch and engine that was refused, why, and until when that is believed.
        failures: How many items had failed, and their groups.
    """

    uid: str
    attempts: AttemptsOfBatch = field(default_factory=AttemptsOfBatch)
    found: Preview | None = None
    events: list[EventToPost] = field(default_factory=list[EventToPost])
    pace: Pace = field(default_factory=Pace)
    written_at: float = 0.0
    refusal: tuple[object, Problem, float] | None = None
    failures: tuple[int, Sequence[FailureGroup]] = (0, ())

    def refuse(self, version: object, problem: Problem) -> None:
        """Note that the set of this version of Batch and engine was refused."""
        self.refusal = (version, problem, time.monotonic() + REFUSED_SECONDS)

    def refused(self, version: object) -> Problem | None:
        """The refusal of this version of Batch and engine, while it is fresh."""
        if self.refusal and self.refusal[0] == version and time.monotonic() < self.refusal[2]:
            return self.refusal[1]
        return None

    def failure_groups(self, ledger: Ledger, batch_id: str, failed: int) -> Sequence[FailureGroup]:
        """Groups of failed items, read again only when there are more."""
        if failed != self.failures[0]:
            self.failures = (failed, ledger.failures(batch_id))
        return self.failures[1]
