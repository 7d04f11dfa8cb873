"""Which databases the engine attaches to: judged by their columns and properties."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, text, update

from process_engine.configuration import EngineConfiguration
from process_engine.database import connect
from process_engine.engine import ProcessEngine
from process_engine.errors import EngineFactError, UnsupportedSchemaError
from process_engine.history_level import HistoryLevel
from process_engine.schema.attachment import OPTIONAL_COLUMNS
from process_engine.schema.creation import VERSION, create
from process_engine.schema.general import act_ge_property, act_ge_schema_log
from process_engine.schema.runtime_jobs import act_ru_meter_log

NOON = datetime(2030, 7, 1, 12, tzinfo=UTC)


def execute(database: Engine, statement: str) -> None:
    with database.begin() as connection:
        connection.execute(text(statement))


def set_history_level(database: Engine, value: str) -> None:
    level = act_ge_property.c.name_ == "historyLevel"
    with database.begin() as connection:
        connection.execute(update(act_ge_property).where(level).values(value_=value))


def add_metric(database: Engine, local: datetime, instant: datetime) -> None:
    with database.begin() as connection:
        row = {"id_": "m", "name_": "jobs", "timestamp_": local, "milliseconds_": int(instant.timestamp() * 1000)}
        connection.execute(insert(act_ru_meter_log).values(row))


def test_a_database_that_was_created_here_is_attached_to(database: Engine) -> None:
    engine = ProcessEngine.attach(database)

    assert engine.facts.history_level is HistoryLevel.FULL
    assert (engine.facts.version, engine.facts.missing) == (VERSION, frozenset())


def test_creating_where_tables_are_is_refused(database: Engine) -> None:
    with pytest.raises(UnsupportedSchemaError, match="Expected an empty database but found table act_"):
        create(database)


def test_a_database_without_the_familys_tables_is_refused() -> None:
    with pytest.raises(UnsupportedSchemaError, match="it has no table ACT_"):
        ProcessEngine.attach(connect("sqlite://"))


def test_columns_that_came_after_7_20_may_be_missing(database: Engine) -> None:
    for index in ("act_idx_job_root_procinst", "act_idx_hi_pro_rst_pro_inst_id"):
        execute(database, f"DROP INDEX {index}")  # SQLite keeps a column that an index needs
    for table, column in OPTIONAL_COLUMNS:
        execute(database, f"ALTER TABLE {table} DROP COLUMN {column}")

    assert ProcessEngine.attach(database).facts.missing == OPTIONAL_COLUMNS


def test_any_other_column_may_not_be_missing(database: Engine) -> None:
    execute(database, "ALTER TABLE act_hi_procinst DROP COLUMN start_act_id_")

    with pytest.raises(UnsupportedSchemaError, match="ACT_HI_PROCINST to have column START_ACT_ID_"):
        ProcessEngine.attach(database)


def test_unknown_columns_that_may_be_null_or_have_a_default_are_accepted(database: Engine) -> None:
    execute(database, "ALTER TABLE act_ru_job ADD COLUMN product_note_ varchar(64)")
    execute(database, "ALTER TABLE act_ru_job ADD COLUMN product_number_ integer NOT NULL DEFAULT 1")

    ProcessEngine.attach(database)


def test_an_unknown_column_that_must_not_be_null_is_refused(database: Engine) -> None:
    if database.dialect.name == "sqlite":  # adds such a column only with a default
        execute(database, "ALTER TABLE act_ru_filter RENAME TO filter_before")
        execute(database, "CREATE TABLE act_ru_filter AS SELECT * FROM filter_before")
        execute(database, "DROP TABLE act_ru_filter")
        execute(database, "CREATE TABLE act_ru_filter (id_ text, rev_ int, product_note_ text NOT NULL)")
    else:
        execute(database, "ALTER TABLE act_ru_filter ADD COLUMN product_note_ varchar(64) NOT NULL")

    with pytest.raises(UnsupportedSchemaError, match="ACT_RU_FILTER has column PRODUCT_NOTE_, which must not be null"):
        ProcessEngine.attach(database)


@pytest.mark.parametrize(("value", "level"), [("0", HistoryLevel.NONE), ("2", HistoryLevel.AUDIT)])
def test_the_history_level_is_read(database: Engine, value: str, level: HistoryLevel) -> None:
    set_history_level(database, value)

    assert ProcessEngine.attach(database).facts.history_level is level


@pytest.mark.parametrize("value", ["4", "full", ""])
def test_an_unknown_history_level_is_refused(database: Engine, value: str) -> None:
    set_history_level(database, value)

    with pytest.raises(UnsupportedSchemaError, match="historyLevel"):
        ProcessEngine.attach(database)


def test_schema_versions_are_ordered_as_numbers(database: Engine) -> None:
    with database.begin() as connection:
        for id_, version in (("900", "7.23.0"), ("1400", "7.25.0")):
            row = {"id_": id_, "version_": version, "timestamp_": NOON.replace(tzinfo=None)}
            connection.execute(insert(act_ge_schema_log).values(row))

    assert ProcessEngine.attach(database).facts.version == "7.25.0"


def test_a_time_zone_that_the_metrics_contradict_is_refused(database: Engine) -> None:
    add_metric(database, NOON.replace(tzinfo=None) + timedelta(hours=2), NOON)

    with pytest.raises(EngineFactError, match=r"timeZone is 'UTC', but .* \+2\.00 hours from UTC"):
        ProcessEngine.attach(database)
    ProcessEngine.attach(database, EngineConfiguration(time_zone="Europe/Berlin"))
