"""What a database must look like so that the engine may write to it: judged by its columns, not by a version string."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, inspect, select
from sqlalchemy.engine.interfaces import ReflectedColumn

from process_engine.errors import EngineFactError, UnsupportedSchemaError
from process_engine.history_level import HistoryLevel
from process_engine.schema.general import act_ge_property, act_ge_schema_log
from process_engine.schema.metadata import metadata
from process_engine.schema.runtime_jobs import act_ru_meter_log

OPTIONAL_COLUMNS = frozenset(
    {
        ("act_ru_ext_task", "create_time_"),  # 7.21
        ("act_ru_job", "root_proc_inst_id_"),  # 7.21
        ("act_ru_task", "task_state_"),  # 7.22
        ("act_hi_taskinst", "task_state_"),  # 7.22
        ("act_ru_job", "batch_id_"),  # 7.22
        ("act_hi_job_log", "batch_id_"),  # 7.22
        ("act_hi_procinst", "restarted_proc_inst_id_"),  # 7.22
        ("act_hi_comment", "rev_"),  # 7.23
        ("act_ru_execution", "proc_def_key_"),  # 7.23
    }
)
"""Columns that came after 7.20, the oldest schema supported."""

METER_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True)
class SchemaFacts:
    """What a database says about its engine.

    Attributes:
        version: The newest entry of ACT_GE_SCHEMA_LOG.
        history_level: Read from ACT_GE_PROPERTY.
        missing: Optional (table, column) pairs that this database does not have.
    """

    version: str
    history_level: HistoryLevel
    missing: frozenset[tuple[str, str]]


def read_facts(connection: Connection) -> SchemaFacts:
    """Check the columns of all tables and read version and history level.

    Raises:
        UnsupportedSchemaError: A table or column is missing, an unknown one must not be null, or the level is unknown.
    """
    missing = frozenset(_missing_columns(connection))
    return SchemaFacts(_version(connection), _history_level(connection), missing)


def _missing_columns(connection: Connection) -> Iterator[tuple[str, str]]:
    found = _columns(connection)
    for name, table in metadata.tables.items():
        if name not in found:
            raise UnsupportedSchemaError(
                f"Expected a database of the Camunda 7 family but it has no table {name.upper()}"
            )
        known = {column.name for column in table.columns}
        _refuse_unknown(name, known, found[name])
        for column in sorted(known - found[name].keys()):
            if (name, column) not in OPTIONAL_COLUMNS:
                raise UnsupportedSchemaError(f"Expected table {name.upper()} to have column {column.upper()}")
            yield name, column


def _columns(connection: Connection) -> dict[str, dict[str, ReflectedColumn]]:
    # MIXED_CASE names of other dialects fold to the lower-case ones of the tables declared here
    reflected = inspect(connection).get_multi_columns()
    return {name.lower(): {c["name"].lower(): c for c in columns} for (_, name), columns in reflected.items()}


def _refuse_unknown(table: str, known: set[str], found: dict[str, ReflectedColumn]) -> None:
    for name, column in found.items():
        if name not in known and not column["nullable"] and column.get("default") is None:
            raise UnsupportedSchemaError(
                f"Table {table.upper()} has column {name.upper()}, which must not be null and is not known here: "
                "rows that an operation inserts would lack it"
            )


def _version(connection: Connection) -> str:
    rows = connection.execute(select(act_ge_schema_log.c.id_, act_ge_schema_log.c.version_)).all()
    numbered = sorted((int(row.id_), row.version_ or "") for row in rows if row.id_.isdigit())
    return numbered[-1][1] if numbered else "unknown"


def _history_level(connection: Connection) -> HistoryLevel:
    query = select(act_ge_property.c.value_).where(act_ge_property.c.name_ == "historyLevel")
    value = connection.scalar(query)
    try:
        return HistoryLevel(int(value or ""))
    except ValueError:
        raise UnsupportedSchemaError(
            f"Property historyLevel in ACT_GE_PROPERTY is {value!r}; supported are 0 (none), 1 (activity), 2 (audit), "
            "3 (full). It is written when an engine starts for the first time"
        ) from None


def check_time_zone(connection: Connection, time_zone: str) -> None:
    """Compare the zone given with the newest metric, which has both a local time and epoch milliseconds.

    Raises:
        EngineFactError: They differ.
    """
    table = act_ru_meter_log.c
    query = select(table.timestamp_, table.milliseconds_).where(table.milliseconds_ > 0)
    newest: Any = connection.execute(query.order_by(table.milliseconds_.desc()).limit(1)).first()
    if newest is None:
        return
    instant = datetime.fromtimestamp(newest.milliseconds_ / 1000, UTC)
    expected = instant.astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)
    if abs(expected - newest.timestamp_) > METER_TOLERANCE:
        offset = newest.timestamp_ - instant.replace(tzinfo=None)
        raise EngineFactError(
            f"spec.engine.timeZone is {time_zone!r}, but the engine's newest metric shows local times "
            f"{offset / timedelta(hours=1):+.2f} hours from UTC"
        )
