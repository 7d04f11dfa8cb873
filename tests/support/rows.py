"""Rows of the engine's tables as tests need them: small factories that fill in what must not be null."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, insert

from process_engine.schema.general import act_ge_bytearray
from process_engine.schema.history import (
    act_hi_actinst,
    act_hi_detail,
    act_hi_incident,
    act_hi_procinst,
    act_hi_taskinst,
    act_hi_varinst,
)
from process_engine.schema.repository import act_re_procdef
from process_engine.schema.runtime import act_ru_execution, act_ru_incident
from process_engine.schema.runtime_jobs import act_ru_ext_task, act_ru_job

STARTED = datetime(2030, 1, 1, 10)  # noqa: DTZ001 - local time of the engine, as the tables hold it
ENDED = datetime(2030, 1, 1, 11)  # noqa: DTZ001 - likewise


@dataclass
class Rows:
    """Writes rows, each in its own transaction, and counts up the ids it gives."""

    database: Engine
    _numbers: dict[str, int] = field(default_factory=dict)

    def id(self, kind: str) -> str:
        """The next id of a kind: job-1, job-2 …"""
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return f"{kind}-{self._numbers[kind]}"

    def insert(self, table: Table, **values: Any) -> str:
        """Insert a row; tells its id."""
        with self.database.begin() as connection:
            return self._insert(connection, table, values)

    def _insert(self, connection: Connection, table: Table, values: dict[str, Any]) -> str:
        connection.execute(insert(table).values(**values))
        return values["id_"]

    def definition(self, key: str = "invoice", version: int = 1, tenant: str | None = None, **values: Any) -> str:
        """A process definition; `support/models.py` has such with a file."""
        id_ = values.pop("id_", None) or f"{key}:{version}:{self.id('definition')}"
        row = {
            "id_": id_, "key_": key, "version_": version, "rev_": 1, "suspension_state_": 1, "startable_": True,
            "tenant_id_": tenant,
        }  # fmt: skip
        return self.insert(act_re_procdef, **(row | values))

    def instance(self, definition: str | None = None, *, called_by: str | None = None, root: str | None = None,
                 **values: Any) -> str:  # fmt: skip
        """A running process instance of one execution; `called_by` is the caller's execution."""
        id_ = values.pop("id_", None) or self.id("instance")
        row = {
            "id_": id_, "rev_": 1, "proc_inst_id_": id_, "root_proc_inst_id_": root or id_, "proc_def_id_": definition,
            "super_exec_": called_by, "act_id_": "work", "is_active_": True, "is_concurrent_": False, "is_scope_": True,
            "is_event_scope_": False, "suspension_state_": 1, "cached_ent_state_": 0, "sequence_counter_": 1,
        }  # fmt: skip
        return self.insert(act_ru_execution, **(row | values))

    def job(self, instance: str | None = None, *, retries: int = 3, incident: bool = False, **values: Any) -> str:
        """A job on an instance's execution; with `incident` a failed one as the engine leaves it."""
        id_ = values.pop("id_", None) or self.id("job")
        row = {
            "id_": id_, "rev_": 1, "type_": "message", "exclusive_": True, "execution_id_": instance,
            "process_instance_id_": instance, "retries_": 0 if incident else retries, "suspension_state_": 1,
            "handler_type_": "async-continuation", "priority_": 0, "sequence_counter_": 1,
        }  # fmt: skip
        self.insert(act_ru_job, **(row | values))
        if incident:
            self.incident("failedJob", id_, instance)
        return id_

    def external_task(self, instance: str, *, retries: int | None = None, incident: bool = False, **values: Any) -> str:
        """An external task; with `incident` a failed one as the engine leaves it."""
        id_ = values.pop("id_", None) or self.id("external-task")
        row = {
            "id_": id_, "rev_": 1, "topic_name_": "ship", "suspension_state_": 1,
            "retries_": 0 if incident else retries, "execution_id_": instance, "proc_inst_id_": instance,
            "act_id_": "work", "priority_": 0,
        }  # fmt: skip
        self.insert(act_ru_ext_task, **(row | values))
        if incident:
            self.incident("failedExternalTask", id_, instance)
        return id_

    def incident(self, kind: str, configuration: str | None, execution: str | None, **values: Any) -> str:
        """An open incident, its history, and the bit of its execution."""
        id_ = self.id("incident")
        row = {
            "id_": id_, "incident_type_": kind, "configuration_": configuration, "execution_id_": execution,
            "proc_inst_id_": execution, "activity_id_": "work", "cause_incident_id_": id_,
            "root_cause_incident_id_": id_,
        } | values  # fmt: skip
        self.insert(act_ru_incident, rev_=1, incident_timestamp_=STARTED, **row)
        self.insert(act_hi_incident, create_time_=STARTED, incident_state_=0, **row)
        with self.database.begin() as connection:
            bit = act_ru_execution.c.cached_ent_state_.op("|")(8)
            connection.execute(
                act_ru_execution.update().where(act_ru_execution.c.id_ == execution).values(cached_ent_state_=bit)
            )
        return id_

    def ended_instance(self, *, ended: bool = True, root: str | None = None, **values: Any) -> str:
        """A process instance in the history, ended unless told otherwise."""
        id_ = values.pop("id_", None) or self.id("instance")
        row = {
            "id_": id_, "proc_inst_id_": id_, "root_proc_inst_id_": root or id_, "proc_def_id_": "invoice:1:1",
            "proc_def_key_": "invoice", "start_time_": STARTED, "end_time_": ENDED if ended else None,
            "state_": "COMPLETED" if ended else "ACTIVE",
        }  # fmt: skip
        return self.insert(act_hi_procinst, **(row | values))

    def history_of(self, instance: str) -> None:
        """An activity, a task, a variable with bytes and its detail, of an instance in the history."""
        common = {"proc_inst_id_": instance, "root_proc_inst_id_": instance, "proc_def_id_": "invoice:1:1"}
        self.insert(act_hi_actinst, id_=self.id("activity"), act_id_="work", act_type_="userTask", start_time_=STARTED,
                    proc_def_key_="invoice", execution_id_=instance, sequence_counter_=1, **common)  # fmt: skip
        task = self.insert(act_hi_taskinst, id_=self.id("task"), start_time_=STARTED, **common)
        held = [self.insert(act_ge_bytearray, id_=self.id("bytes"), rev_=1, type_=3, bytes_=b"\x01") for _ in range(2)]
        self.insert(act_hi_varinst, id_=self.id("variable"), name_="payload", rev_=1, bytearray_id_=held[0], **common)
        self.insert(act_hi_detail, id_=self.id("detail"), type_="VariableUpdate", time_=STARTED, bytearray_id_=held[1],
                    name_="payload", task_id_=task, **common)  # fmt: skip
