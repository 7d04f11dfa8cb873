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
from support.benchmark.contenders import batch
from support.benchmark.operations import Operation


def statements_a_chunk(operation: Operation, url: str) -> int:
    """Statements that a worker sends from the end of one chunk to the end of the next; commits are not among them."""
    database = connect(url)
    spec = batch(operation, suspend=False)["spec"]
    del spec["suspend"]
    definition = BatchDefinition.model_validate({"namespace": "default", "name": "count"} | spec)
    ledger = Ledger(database)
    ledger.ensure()
    row = resolve(ProcessEngine.attach(database), ledger, definition)
    statements: list[str] = []
    seen_at_chunks: list[int] = []

    @event.listens_for(database, "before_cursor_execute")
    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    run_worker(database, ledger, row.batch_id, threading.Event(), lambda _: seen_at_chunks.append(len(statements)))
    database.dispose()
    return seen_at_chunks[-1] - seen_at_chunks[-2]
