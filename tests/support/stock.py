"""Makes `deploy/samples/stock/stock.json` anew: what the Java engine leaves after the `scenario.yaml` beside it.

Run it as `python -m support.stock` in `tests/`, with a PostgreSQL named by PROCESS_BATCH_TEST_POSTGRES.
"""

import base64
import json
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Engine, create_engine, select

from process_engine.database import database_url
from process_engine.schema import creation
from process_engine.schema.metadata import metadata
from support.peer.databases import Databases
from support.peer.program import Shell

SAMPLES = Path(__file__).resolve().parents[2] / "deploy" / "samples"
DATABASE = "stock"
MADE_BY_INIT = {"act_ge_property", "act_ge_schema_log"}
ABOUT_THE_MACHINE = {"act_ru_meter_log", "act_ru_task_meter_log"}

assert creation.TABLE_MODULES  # importing it is what fills the metadata


def make(server: Databases) -> dict[str, Any]:
    """Let the Java engine run the scenario in a new database; its rows by table."""
    scenario = yaml.safe_load((SAMPLES / "stock" / "scenario.yaml").read_text())
    server.create(DATABASE)
    with Shell(server) as shell, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scenario.json"
        file.write_text(json.dumps(scenario))
        shell("schema", database=DATABASE)
        shell("setup", file, "--models", SAMPLES / "stock", database=DATABASE)
    engine = create_engine(database_url(server.url(DATABASE)))
    try:
        return _rows(engine)
    finally:
        engine.dispose()
        server.drop(DATABASE)


def _rows(engine: Engine) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            found = connection.execute(select(table)).mappings().all()
            if found and table.name not in MADE_BY_INIT | ABOUT_THE_MACHINE:
                columns = [
                    name
                    for name in [column.name for column in table.columns]
                    if any(row[name] is not None for row in found)
                ]
                rows = [[_plain(row[name]) for name in columns] for row in found]
                tables[table.name] = {"columns": columns, "rows": rows}
    return tables


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return base64.b64encode(value).decode() if isinstance(value, bytes | memoryview) else value


if __name__ == "__main__":
    tables = make(Databases(os.environ["PROCESS_BATCH_TEST_POSTGRES"]))
    lines = ",\n".join(
        f"{json.dumps(name)}: {json.dumps(rows, separators=(',', ':'))}" for name, rows in tables.items()
    )
    (SAMPLES / "stock" / "stock.json").write_text(f"{{\n{lines}\n}}\n")
