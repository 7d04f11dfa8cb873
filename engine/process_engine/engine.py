"""A process engine's database and its services: the synchronous methods, each on a list, in one transaction."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from process_engine.clock import Clock
from process_engine.configuration import EngineConfiguration
from process_engine.operation_base.options import UNSET
from process_engine.registry import service_class
from process_engine.schema.attachment import SchemaFacts, check_time_zone, read_facts
from process_engine.transaction import Transaction


@dataclass(frozen=True)
class ProcessEngine:
    """An engine of the Camunda 7 family, reached through its database alone.

    Attributes:
        database: Connections to it.
        configuration: What the database does not say about the Java engine.
        facts: What it says.
        clock: Gives the engine's local time.
    """

    database: Engine
    configuration: EngineConfiguration
    facts: SchemaFacts
    clock: Clock

    @classmethod
    def attach(
        cls, database: Engine, configuration: EngineConfiguration | None = None, clock: Clock | None = None
    ) -> "ProcessEngine":
        """Attach to an existing database by its columns.

        Raises:
            UnsupportedSchemaError: It is not one of the family's, or its history level is unknown.
            EngineFactError: The time zone given contradicts the metrics in it.
        """
        configuration = configuration or EngineConfiguration()
        with database.connect() as connection:
            facts = read_facts(connection)
            check_time_zone(connection, configuration.time_zone)
        return cls(database, configuration, facts, clock or Clock(configuration.time_zone))

    @contextmanager
    def begin(self, user_id: str | None = None) -> Generator[Transaction, None, None]:
        """Open a transaction that commits at the end of the block, or rolls back on an exception."""
        with self.database.begin() as connection:
            yield self.transaction(connection, user_id)

    def transaction(
        self, connection: Connection, user_id: str | None = None, *, log_prevented: bool = False
    ) -> Transaction:
        """See a connection's open transaction as one on this engine; who opened it commits."""
        return Transaction(
            connection=connection,
            configuration=self.configuration,
            history_level=self.facts.history_level,
            clock=self.clock,
            now=self.clock.now(),
            user_id=user_id,
            missing_columns=self.facts.missing,
            log_prevented=log_prevented,
        )

    @property
    def runtime(self) -> Any:
        """Running process instances. Source: RuntimeService."""
        return service_class("runtime")(self)

    @property
    def management(self) -> Any:
        """Jobs. Source: ManagementService."""
        return service_class("management")(self)

    @property
    def external_tasks(self) -> Any:
        """External tasks. Source: ExternalTaskService."""
        return service_class("external_tasks")(self)

    @property
    def history(self) -> Any:
        """What was. Source: HistoryService."""
        return service_class("history")(self)


__all__ = ["UNSET", "ProcessEngine"]
