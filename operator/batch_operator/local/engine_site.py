"""Where Batches are run without a cluster."""

from dataclasses import dataclass

from sqlalchemy import URL, Engine

from process_engine.batch.ledger import Ledger
from process_engine.engine import ProcessEngine


@dataclass(frozen=True)
class EngineSite:
    """Where Batches are run.

    Attributes:
        url: Of the database; workers of their own process open it again.
        engine: The engine in it.
        ledger: In the same database.
    """

    url: URL
    engine: ProcessEngine
    ledger: Ledger

    @property
    def database(self) -> Engine:
        """Connections of this process."""
        return self.engine.database
