"""How many SQL statements a chunk costs."""

import threading
from typing import Any

from sqlalchemy import event

from process_engine.batch.definition import BatchDefinition
from process_engine.batch.ledger import Ledger
from process_engine.batch.resolution import resolve
from process_engine.batch.runner import run_worker
from process_engine.database import connect
from process_engine.engine import ProcessEngine
from support.benchmark.contenders import CHUNK, batch
from support.benchmark.operations import Operation


def statements_a_chunk(operation: Operation, url: str) -> float:
    """Statements of one worker, all that it sends included, by the number of chunks; commits are not among them."""
    database = connect(url)
    spec = batch(operation, suspend=False)["spec"]
    del spec["suspend"]
    definition = BatchDefinition.model_validate({"namespace": "default", "name": "count"} | spec)
    ledger = Ledger(database)
    ledger.ensure()
    row = resolve(ProcessEngine.attach(database), ledger, definition)
    statements: list[str] = []

    @event.listens_for(database, "before_cursor_execute")
    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    run_worker(database, ledger, row.batch_id, threading.Event())
    database.dispose()
    return round(len(statements) / (row.total / CHUNK), 1)
