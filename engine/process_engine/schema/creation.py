"""Creates the family's schema in an empty database: SQLite for the embedded engine, PostgreSQL also for a Java one."""

from datetime import UTC, datetime

from sqlalchemy import Engine, insert, inspect

from process_engine.errors import UnsupportedSchemaError
from process_engine.history_level import HistoryLevel
from process_engine.schema import cases, history, history_logs, identity, repository, runtime, runtime_jobs
from process_engine.schema.general import act_ge_property, act_ge_schema_log
from process_engine.schema.metadata import metadata

VERSION = "7.24.0"
"""The schema version that is written to ACT_GE_SCHEMA_LOG: the columns are those of Operaton 1.0 and Camunda 7.24."""

TABLE_MODULES = (cases, history, history_logs, identity, repository, runtime, runtime_jobs)
"""Imported so that the metadata knows all their tables."""

PROPERTIES = {
    "schema.version": "fox",
    "schema.history": "create(fox)",
    "next.dbid": "1",
    "deployment.lock": "0",
    "history.cleanup.job.lock": "0",
    "startup.lock": "0",
    "installationId.lock": "0",
}
"""What an engine expects to find in ACT_GE_PROPERTY, its locks among it."""


def create(engine: Engine, history_level: HistoryLevel = HistoryLevel.FULL) -> None:
    """Create all tables and the properties an engine needs, in one transaction.

    Raises:
        UnsupportedSchemaError: The database has ACT_* tables already; nothing was changed.

    Source: activiti.postgres.create.*.sql, PersistenceProcessEngineImpl.
    """
    with engine.begin() as connection:
        if present := [name for name in inspect(connection).get_table_names() if name.lower().startswith("act_")]:
            raise UnsupportedSchemaError(f"Expected an empty database but found table {min(present)}")
        metadata.create_all(connection)
        levels = {"historyLevel": str(history_level.value)}
        rows = [{"name_": name, "value_": value, "rev_": 1} for name, value in (PROPERTIES | levels).items()]
        connection.execute(insert(act_ge_property), rows)
        now = datetime.now(UTC).replace(tzinfo=None)
        connection.execute(insert(act_ge_schema_log).values(id_="0", timestamp_=now, version_=VERSION))
