"""Sets a batch and the Java engine to work on the same instances, and says what both left, whatever the operation."""

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from psycopg import sql

from process_engine.batch.items import ItemOutcome, items
from process_engine.batch.ledger import Ledger
from process_engine.database import connect
from support.benchmark.contenders import run_program
from support.peer.databases import Databases
from support.peer.oracle import PREFIX, Oracle
from support.peer.program import Shell, source_key

INSTANCES = 2000
"""Those that nobody called."""
RUNS = int(os.environ.get("PROCESS_BATCH_TEST_LIVE_RUNS", "1"))
"""How often each operation is tried, on that many instances each time."""
STOCKS = f"{PREFIX}_live"
DATABASE, ENDED_DATABASE = f"{STOCKS}_run_{os.getpid()}", f"{STOCKS}_end_{os.getpid()}"
"""Others may use the server's stocks at the same time."""
ENDED_BEFORE_THE_BATCH = 20
LIMIT_SECONDS = 240
"""Within which both are done with all."""
CHUNK, WORKERS = 250, 2
"""The more instances a chunk holds, and the longer, the more often both meet at one."""

RUNTIME = {
    "act_ru_execution": "true",
    "act_ru_task": "true",
    "act_ru_variable": "true",
    "act_ru_identitylink": "task_id_ is not null",
    "act_ru_job": "handler_type_ <> 'history-cleanup'",
    "act_ru_ext_task": "true",
    "act_ru_event_subscr": "execution_id_ is not null",
    "act_ru_incident": "true",
}
"""Runtime rows of instances."""
OWNERS = ("act_ru_task", "act_ru_variable", "act_ru_job", "act_ru_ext_task", "act_ru_event_subscr", "act_ru_incident")
"""Tables whose rows belong to an execution."""
REFERENCES_TO_BYTES = {
    "act_ru_variable": "bytearray_id_",
    "act_hi_varinst": "bytearray_id_",
    "act_hi_detail": "bytearray_id_",
    "act_ru_job": "exception_stack_id_",
    "act_hi_job_log": "job_exception_stack_id_",
    "act_ru_ext_task": "error_details_id_",
    "act_hi_ext_task_log": "error_details_id_",
}
OPEN = ("act_hi_procinst", "act_hi_actinst", "act_hi_taskinst")


@dataclass(frozen=True, kw_only=True)
class Stock:
    """What the Java engine starts before anybody works.

    Attributes:
        files: BPMN by file name; those of `deploy` before instances are started, those of `later` afterwards.
        starts: In turn: the key of a process, and the activity before which its instances start, if not at its start.
        failing_jobs: Activities whose jobs have failed.
        failing_external_tasks: Whether some of the external tasks have.
    """

    files: Mapping[str, str]
    deploy: Sequence[str]
    starts: Sequence[Mapping[str, str]]
    later: Sequence[str] = ()
    failing_jobs: Sequence[str] = ()
    failing_external_tasks: bool = False
    instances: int = INSTANCES

    @cached_property
    def key(self) -> str:
        """Tells one stock from another."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:6]

    def told(self) -> dict[str, Any]:
        """As the Java program is told."""
        return {
            "instances": self.instances,
            "deploy": self.deploy,
            "starts": self.starts,
            "later": self.later,
            "failingJobs": self.failing_jobs,
            "failingExternalTasks": self.failing_external_tasks,
        }


@dataclass(frozen=True)
class Beside:
    """What was left by a batch and a Java engine that worked at one time.

    Attributes:
        databases: Where.
        database: Its name.
        batch: The Batch's status.
        engine: What the Java engine says that it did until then.
    """

    databases: Databases
    database: str
    batch: dict[str, Any]
    engine: dict[str, Any]

    def select(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.databases.connect(self.database) as connection:
            return connection.execute(query, values or None).fetchall()

    def count(self, table: str, condition: str) -> int:
        return self.select(f"select count(*) from {table} where {condition}")[0][0]

    def left(self) -> dict[str, int]:
        """Runtime rows: none where nothing runs any more."""
        rows = {table: self.count(table, condition) for table, condition in RUNTIME.items()}
        return {table: number for table, number in rows.items() if number}

    def orphans(self) -> dict[str, int]:
        """Rows and bytes that belong to nothing, foreign keys or not."""
        executions = "select id_ from act_ru_execution"
        rows = {
            table: self.count(table, f"({RUNTIME[table]}) and execution_id_ not in ({executions})") for table in OWNERS
        }
        parts = [f"select {name} from {table} where {name} is not null" for table, name in REFERENCES_TO_BYTES.items()]
        rows["act_ge_bytearray"] = self.count(
            "act_ge_bytearray", f"deployment_id_ is null and id_ not in ({' union '.join(parts)})"
        )
        rows["missing bytes"] = self.select(
            f"select count(*) from ({' union '.join(parts)}) x(id) left join act_ge_bytearray b on b.id_ = x.id "
            "where b.id_ is null"
        )[0][0]
        return {table: number for table, number in rows.items() if number}

    def open(self) -> dict[str, int]:
        """History rows of what has not ended."""
        rows = {table: self.count(table, "end_time_ is null") for table in OPEN}
        return {table: number for table, number in rows.items() if number}

    def states(self) -> dict[str, str]:
        """Of all instances, called ones included."""
        return dict(self.select("select id_, state_ from act_hi_procinst"))

    def items(self) -> list[ItemOutcome]:
        database = connect(self.databases.url(self.database))
        try:
            return list(items(Ledger(database), self.batch["batchId"]))
        finally:
            database.dispose()

    def numbers(self) -> dict[str, Any]:
        """What both did, for people."""
        done = {name: number for name, number in self.batch["items"].items() if number}
        return {"items": done, "engine": self.engine}

    def lost(self) -> dict[str, tuple[int, int]]:
        """What the Java engine says that it completed, where the history says otherwise."""
        said = {name: self.engine[of] for name, (of, _) in COMPLETIONS.items()}
        found = {name: self.select(query)[0][0] for name, (_, query) in COMPLETIONS.items()}
        return {name: (said[name], found[name]) for name in said if said[name] != found[name]}


def _variables(prefix: str) -> str:
    """How many names they have; called instances get copies."""
    return f"select count(distinct name_) from act_hi_detail where name_ like '{prefix}-%'"


COMPLETIONS = {
    "tasks": ("tasks", "select count(*) from act_hi_taskinst where delete_reason_ = 'completed'"),
    "variables of tasks": ("tasks", _variables("task")),
    "externalTasks": ("externalTasks", "select count(*) from act_hi_ext_task_log where state_ = 2"),
    "variables of externalTasks": ("externalTasks", _variables("external")),
    "variables of messages": ("messages", _variables("message")),
    "resolved incidents": (
        "repaired",
        "select count(*) from act_hi_incident where incident_state_ = 1 and id_ = root_cause_incident_id_",
    ),
}
"""What the Java engine counts, and what the history has of it."""
COUNTED = ("tasks", "externalTasks", "messages", "repaired")


@dataclass(frozen=True)
class Live:
    """Sets both to work on a fresh copy of the same instances."""

    oracle: Oracle
    databases: Databases
    shell: Shell
    folder: Path

    def run(self, stock: Stock, spec: Mapping[str, Any], *, until_the_batch_ended: bool = False) -> Beside:
        """Run a Batch while the engine works, until nothing is left or until the Batch has ended."""
        self._copy(self._stock(stock), DATABASE)
        manifest, over = self.folder / "batch.json", self.folder / "over"
        manifest.write_text(json.dumps(_batch(spec)))
        over.unlink(missing_ok=True)
        words = ("--until", over) if until_the_batch_ended else ()
        with ThreadPoolExecutor(1) as thread:
            engine = thread.submit(self._work, DATABASE, *words)
            try:
                self._wait_for_work(engine)
                batch = run_program(self.databases.url(DATABASE), manifest, WORKERS)
            finally:
                over.touch()
        return Beside(self.databases, DATABASE, batch, engine.result())

    def carry_on(self, beside: Beside) -> Beside:
        """Let the engine work on a copy of what was left until nothing is."""
        self._copy(beside.database, ENDED_DATABASE)
        engine = self._work(ENDED_DATABASE)
        counts = {name: beside.engine[name] + engine[name] for name in COUNTED}
        return Beside(self.databases, ENDED_DATABASE, beside.batch, engine | counts)

    def forget(self) -> None:
        """Leave no run's database behind."""
        for database in (DATABASE, ENDED_DATABASE):
            self.databases.drop(database)

    def _copy(self, source: str, target: str) -> None:
        """Copy a database; in the copy, commits need not wait for the disk."""
        self.databases.copy(source, target, "file_copy")
        self.databases.admin(sql.SQL("alter database {} set synchronous_commit = off").format(sql.Identifier(target)))

    def _stock(self, stock: Stock) -> str:
        database = f"{STOCKS}_{stock.key}{source_key()[:6]}"
        if self.databases.comment(database) is None:
            self.databases.copy(self.oracle.empty({}), database)
            with tempfile.TemporaryDirectory() as folder:
                for name, bpmn in stock.files.items():
                    (Path(folder) / name).write_text(bpmn)
                told = Path(folder) / "stock.json"
                told.write_text(json.dumps(stock.told()))
                self.shell("live", told, "--prepare-only", "--models", folder, database=database)
            self.databases.set_comment(database, "complete")
        return database

    def _work(self, database: str, *words: object) -> dict[str, Any]:
        return self.shell("live", *words, "--limit", LIMIT_SECONDS, database=database)

    def _wait_for_work(self, engine: Future[dict[str, Any]]) -> None:
        """Until the engine has ended some instances."""
        with self.databases.connect(DATABASE) as connection:
            query = "select count(*) from act_hi_procinst where end_time_ is not null"
            while not engine.done() and connection.execute(query).fetchall()[0][0] < ENDED_BEFORE_THE_BATCH:
                time.sleep(0.05)


def _batch(spec: Mapping[str, Any]) -> dict[str, Any]:
    """All that runs."""
    everything = {"query": {"processInstances": {"all": True}}, "chunkSize": CHUNK}
    kind = {"apiVersion": "process-batch.io/v1alpha1", "kind": "Batch", "metadata": {"name": "live"}}
    return kind | {"spec": everything | dict(spec)}
