"""What every operation works with: one open transaction on an engine's database, and the facts about the engine."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Column, Connection

from process_engine.clock import Clock
from process_engine.configuration import EngineConfiguration, RemovalTimeStrategy
from process_engine.history_level import HistoryLevel
from process_engine.ids import IdGenerator, TimeOrderedIds


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """An open transaction; whoever opened it commits.

    Attributes:
        connection: On the engine's database.
        configuration: Facts about the Java engine beside us.
        history_level: Which history rows that engine keeps.
        clock: Converts times; `now` is fixed for the transaction.
        user_id: In whose name the user operation log is written.
        missing_columns: Optional columns, as table and name, that this database does not have.
        log_prevented: True inside a batch: its creation was logged, its items are not.
    """

    connection: Connection
    configuration: EngineConfiguration
    history_level: HistoryLevel
    clock: Clock
    now: datetime
    user_id: str | None = None
    missing_columns: frozenset[tuple[str, str]] = frozenset()
    log_prevented: bool = False
    new_id: IdGenerator = field(default_factory=TimeOrderedIds)

    @property
    def writes_operation_log(self) -> bool:
        """Whether the engine writes its user operation log for this command.

        Source: UserOperationLogManager#isUserOperationLogEnabled, CommandContext#executeWithOperationLogPrevented.
        """
        if self.log_prevented or not self.history_level.keeps_logs:
            return False
        return self.user_id is not None or not self.configuration.restrict_user_operation_log_to_authenticated_users

    @property
    def removal_time_at_start(self) -> bool:
        """Whether new history rows carry the removal time of their root instance."""
        return self.configuration.history_removal_time_strategy is RemovalTimeStrategy.START

    @cached_property
    def operation_id(self) -> str:
        """What everything that the command logs and sets has in common. Source: CommandContext#getOperationId."""
        return self.new_id()

    def has(self, column: Column[Any]) -> bool:
        """Whether the database has an optional column."""
        return (column.table.name, column.name) not in self.missing_columns
