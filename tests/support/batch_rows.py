"""Rows of the ledger as plain data, for tests of what is decided and shown."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from process_engine.batch.ledger import BatchRow
from process_engine.batch.policies import FailurePolicy

RESOLVED = datetime(2026, 5, 3, 12, tzinfo=UTC)

_ROW = BatchRow(
    batch_id="b1", namespace="flows", name="retry", content_hash="h1", owner_uid="u1", operation="JobRetries",
    definition={}, engine_facts={}, effective_query={}, unknown_ids=[], total=10, resolved_time=RESOLVED,
    completion_time=None, suspended=False, policy=FailurePolicy(), job_name=None, job_attempts=0,
)  # fmt: skip


def batch_row(**changes: Any) -> BatchRow:
    """A batch of ten items whose set is frozen, owned by the object `u1`."""
    return replace(_ROW, **changes)
