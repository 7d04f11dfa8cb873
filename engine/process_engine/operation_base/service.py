"""What services are made of: synchronous methods on lists, each in one transaction of its own."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from process_engine.transaction import Transaction


class Beginner(Protocol):
    """What opens transactions: the engine."""

    def begin(self, user_id: str | None = None) -> AbstractContextManager[Transaction]:
        """Open a transaction that commits at the end of the block, or rolls back on an exception."""
        ...


@dataclass(frozen=True)
class Service:
    """Synchronous methods of one operation; several make up one of the family's services.

    Attributes:
        engine: On whose database they work.
    """

    engine: Beginner
