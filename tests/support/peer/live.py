"""A batch and a running Java engine on one database, at one time, and what must be true of it afterwards."""

import json
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from process_engine.batch.items import ItemOutcome, items
from process_engine.batch.ledger import Ledger
from process_engine.database import connect
from support.benchmark.contenders import run_program
from support.peer.databases import Databases
from support.peer.oracle import Oracle
from support.peer.program import MODELS, Shell, source_key

INSTANCES = 2000
"""Those that nobody called."""
DATABASE = "peer_live"
REASON = "while the engine works"
ENDED_BEFORE_THE_BATCH = 20
LIMIT_SECONDS = 100
"""Within which both are done with all."""

GONE = {
    "act_ru_execution": "true",
    "act_ru_task": "true",
    "act_ru_variable": "true",
    "act_ru_identitylink": "task_id_ is not null",
    "act_ru_job": "handler_type_ <> 'history-cleanup'",
    "act_ru_ext_task": "true",
    "act_ru_event_subscr": "true",
    "act_ru_incident": "true",
}
"""Runtime rows of instances, none of which runs any more."""
REFERENCES_TO_BYTES = {
    "act_ru_variable": "bytearray_id_",
    "act_hi_varinst": "bytearray_id_",
    "act_hi_detail": "bytearray_id_",
    "act_ru_job": "exception_stack_id_",
    "act_hi_job_log": "job_exception_stack_id_",
    "act_hi_ext_task_log": "error_details_id_",
}
OPEN = ("act_hi_procinst", "act_hi_actinst", "act_hi_taskinst")

ACTIVITIES = """
    select p.proc_def_key_, string_agg(a.act_id_ || ' ' || act_inst_state_, ', ' order by a.act_id_, act_inst_state_)
    from act_hi_actinst a join act_hi_procinst p on p.id_ = a.proc_inst_id_
    where p.state_ = 'COMPLETED' group by p.id_, p.proc_def_key_
"""


@dataclass(frozen=True)
class Beside:
    """What was left by a batch and a Java engine that worked at one time.

    Attributes:
        databases: Where.
        batch: The Batch's status.
        engine: What the Java engine says that it did.
    """

    databases: Databases
    batch: dict[str, Any]
    engine: dict[str, Any]

    def select(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.databases.connect(DATABASE) as connection:
            return connection.execute(query, values or None).fetchall()

    def count(self, table: str, condition: str) -> int:
        return self.select(f"select count(*) from {table} where {condition}")[0][0]

    def left(self) -> dict[str, int]:
        """Runtime rows and bytes that belong to nothing."""
        rows = {table: self.count(table, condition) for table, condition in GONE.items()}
        parts = [f"select {name} from {table} where {name} is not null" for table, name in REFERENCES_TO_BYTES.items()]
        orphans = f"deployment_id_ is null and id_ not in ({' union '.join(parts)})"
        rows["act_ge_bytearray"] = self.count("act_ge_bytearray", orphans)
        return {table: number for table, number in rows.items() if number}

    def open(self) -> dict[str, int]:
        """History rows of what has not ended."""
        rows = {table: self.count(table, "end_time_ is null") for table in OPEN}
        return {table: number for table, number in rows.items() if number}

    def states(self) -> dict[str, str]:
        """Of all instances, called ones included."""
        return dict(self.select("select id_, state_ from act_hi_procinst"))

    def items(self) -> list[ItemOutcome]:
        database = connect(self.databases.url(DATABASE))
        try:
            return list(items(Ledger(database), self.batch["batchId"]))
        finally:
            database.dispose()

    def half_cancelled(self) -> list[tuple[Any, ...]]:
        """Instances whose history says of them that they were cancelled, and that they were not."""
        return self.select(
            """
            select p.id_, p.state_ from act_hi_procinst p
            left join (select proc_inst_id_ id, bool_or(act_inst_state_ = 2) cancelled from act_hi_actinst group by 1) a
              on a.id = p.id_
            left join (select proc_inst_id_ id, bool_or(delete_reason_ <> 'completed') deleted from act_hi_taskinst
                       group by 1) t on t.id = p.id_
            where (p.state_ = 'COMPLETED'
                   and (p.end_act_id_ is null or p.delete_reason_ is not null or a.cancelled or t.deleted))
               or (p.state_ = 'EXTERNALLY_TERMINATED'
                   and (p.end_act_id_ is not null or p.delete_reason_ is distinct from %s))
               or p.state_ not in ('COMPLETED', 'EXTERNALLY_TERMINATED')
            """,
            REASON,
        )

    def completed_ways(self) -> dict[str, set[str]]:
        """By process, what instances that completed have gone through; all of one process the same."""
        ways: dict[str, set[str]] = {}
        for key, way in self.select(ACTIVITIES):
            ways.setdefault(key, set()).add(way)
        return ways

    def completions(self) -> dict[str, int]:
        """What the history has of the Java engine's completions: the tasks and their variables."""
        return {
            "tasks": self.count("act_hi_taskinst", "delete_reason_ = 'completed'"),
            "variables of tasks": self._variables("task-"),
            "externalTasks": self.count("act_hi_ext_task_log", "state_ = 2"),
            "variables of externalTasks": self._variables("external-"),
        }

    def _variables(self, prefix: str) -> int:
        """How many names they have; called instances get copies."""
        return self.select("select count(distinct name_) from act_hi_detail where starts_with(name_, %s)", prefix)[0][0]


class Live:
    """Sets both to work on a fresh copy of the same instances."""

    def __init__(self, oracle: Oracle, databases: Databases, shell: Shell, folder: Path) -> None:
        self._oracle = oracle
        self._databases = databases
        self._shell = shell
        self._manifest = folder / "batch.json"

    def run(self) -> Beside:
        self._databases.copy(self._stock(), DATABASE, "file_copy")
        self._manifest.write_text(json.dumps(_batch()))
        told: list[dict[str, Any]] = []
        engine = threading.Thread(target=lambda: told.append(self._work()))
        engine.start()
        try:
            self._wait_for_work(engine)
            batch = run_program(self._databases.url(DATABASE), self._manifest, 2)
        finally:
            engine.join()
        return Beside(self._databases, batch, told[0])

    def _stock(self) -> str:
        database = f"{DATABASE}_{INSTANCES}_{source_key()[:6]}"
        if self._databases.comment(database) is None:
            self._databases.copy(self._oracle.empty({}), database)
            self._shell("live", INSTANCES, "--prepare-only", "--models", MODELS, database=database)
            self._databases.set_comment(database, "complete")
        return database

    def _work(self) -> dict[str, Any]:
        return self._shell("live", INSTANCES, "--limit", LIMIT_SECONDS, database=DATABASE)

    def _wait_for_work(self, engine: threading.Thread) -> None:
        """Until the engine has ended some instances."""
        with self._databases.connect(DATABASE) as connection:
            query = "select count(*) from act_hi_procinst where end_time_ is not null"
            while engine.is_alive() and connection.execute(query).fetchall()[0][0] < ENDED_BEFORE_THE_BATCH:
                time.sleep(0.05)


def _batch() -> dict[str, Any]:
    """All that runs, in chunks so small that both meet often."""
    spec = {
        "operation": {"type": "Cancellation", "cancellation": {"deleteReason": REASON}},
        "query": {"processInstances": {"all": True}},
        "chunkSize": 20,
    }
    kind = {"apiVersion": "process-batch.io/v1alpha1", "kind": "Batch", "metadata": {"name": "live"}}
    return kind | {"spec": spec}
