"""The schema that we create on PostgreSQL is one that the real Java engine starts on and works with."""

import json
from collections.abc import Iterator

import pytest

from process_engine.database import connect
from process_engine.history_level import HistoryLevel
from process_engine.schema.creation import create
from support.peer import ours, scenarios
from support.peer.databases import Databases
from support.peer.oracle import COPY, Oracle, Snapshot

COLUMNS = """
    select table_name, column_name, data_type, character_maximum_length, is_nullable
    from information_schema.columns where table_schema = 'public' and table_name like 'act\\_%' order by 1, 2
"""
FOREIGN_KEYS = """
    select conrelid::regclass::text, confrelid::regclass::text,
           (select string_agg(attname, ',') from pg_attribute where attrelid = conrelid and attnum = any(conkey))
    from pg_constraint where contype = 'f' and conrelid::regclass::text like 'act\\_%' order by 1, 2, 3
"""
INDEXES = """
    select tablename, substring(indexdef from 'USING .*'), indexdef like 'CREATE UNIQUE%'
    from pg_indexes where schemaname = 'public' and tablename like 'act\\_%'
"""
FULL = [scenario for scenario in scenarios.offered() if not scenario.refused and "history" not in scenario.engine]
WORKED_WITH = ("history-every-kind-of-row", "jobs-three-calls-deep", "external-three-calls-deep-to-zero")


@pytest.fixture
def created(databases: Databases) -> Iterator[str]:
    """A PostgreSQL database with the schema that we create."""
    databases.create(COPY)
    engine = connect(databases.url(COPY))
    create(engine, HistoryLevel.FULL)
    engine.dispose()
    yield COPY
    databases.drop(COPY)


@pytest.mark.parametrize("query", [COLUMNS, FOREIGN_KEYS, INDEXES], ids=["columns", "foreign keys", "indexes"])
def test_tables_are_those_of_the_java_engine(databases: Databases, oracle: Oracle, created: str, query: str) -> None:
    with databases.connect(oracle.empty({})) as theirs, databases.connect(created) as our_own:
        expected, actual = (connection.execute(query).fetchall() for connection in (theirs, our_own))

    assert set(expected) ^ set(actual) == set()


@pytest.mark.parametrize("name", WORKED_WITH)
def test_java_engine_works_on_what_we_create(databases: Databases, oracle: Oracle, created: str, name: str) -> None:
    scenario = next(each for each in FULL if each.name == name)

    operation = json.loads(oracle.fill(scenario, created))
    snapshot = Snapshot(scenario, databases, created, operation)
    engine = connect(databases.url(created))
    error = ours.apply(snapshot, engine)
    engine.dispose()
    left_over = oracle.carry_on(snapshot, created)

    assert error is None
    assert left_over == {}
