"""What the Java engine does with a batch that it is given, as far as tests without one need it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update

from process_engine.schema.general import act_ge_bytearray
from process_engine.schema.runtime import act_ru_execution
from process_engine.schema.runtime_jobs import act_ru_batch, act_ru_job, act_ru_jobdef
from support.models import bpmn, deploy_file
from support.rows import Rows

MODEL = bpmn(
    """
    <extensionElements><camunda:executionListener event="end" class="shop.Archive"/></extensionElements>
    <startEvent id="start"/>
    <userTask id="work"/>
    <sequenceFlow id="flow" sourceRef="start" targetRef="work"/>
    """,
    "order",
)


@dataclass(frozen=True)
class Java:
    """Writes what the Java engine would write of its batches."""

    database: Engine
    rows: Rows

    def seed(self) -> dict[str, str]:
        """Make a job of each item; tells the job of each."""
        with self.database.begin() as connection:
            jobs: dict[str, str] = {}
            for batch in connection.execute(select(act_ru_batch).where(act_ru_batch.c.jobs_created_ == 0)).all():
                jobs |= self._seed(connection, batch)
        return jobs

    def _seed(self, connection: Connection, batch: Any) -> dict[str, str]:
        is_configuration = act_ge_bytearray.c.id_ == batch.configuration_
        configuration = json.loads(connection.scalar(select(act_ge_bytearray.c.bytes_).where(is_configuration)) or b"")
        ids = configuration["processInstanceIds"]
        jobs = {id_: self._job(connection, batch, id_) for id_ in ids}
        rest = json.dumps(configuration | {"processInstanceIds": []}).encode()
        connection.execute(update(act_ge_bytearray).where(is_configuration).values(bytes_=rest))
        connection.execute(delete(act_ru_job).where(act_ru_job.c.job_def_id_ == batch.seed_job_def_id_))
        created = update(act_ru_batch).where(act_ru_batch.c.id_ == batch.id_)
        connection.execute(created.values(jobs_created_=len(ids), rev_=2))
        self._insert_job(connection, batch.monitor_job_def_id_, "batch-monitor-job", batch.id_)
        return jobs

    def _job(self, connection: Connection, batch: Any, item: str) -> str:
        held = self.rows.id("configuration")
        data = json.dumps({"batchId": batch.id_, "processInstanceIds": [item]}).encode()
        connection.execute(insert(act_ge_bytearray).values(id_=held, rev_=1, bytes_=data))
        return self._insert_job(connection, batch.batch_job_def_id_, batch.type_, held)

    def _insert_job(self, connection: Connection, definition: str, handler: str, configuration: str) -> str:
        id_ = self.rows.id("job")
        connection.execute(
            insert(act_ru_job).values(
                id_=id_, rev_=1, type_="message", retries_=3, suspension_state_=1, priority_=0, sequence_counter_=1,
                handler_type_=handler, handler_cfg_=configuration, job_def_id_=definition,
            )
        )  # fmt: skip
        return id_

    def succeed(self, item: str, job: str) -> None:
        """Cancel the instance and remove the job with its configuration."""
        with self.database.begin() as connection:
            held = connection.scalar(select(act_ru_job.c.handler_cfg_).where(act_ru_job.c.id_ == job))
            connection.execute(delete(act_ge_bytearray).where(act_ge_bytearray.c.id_ == held))
            connection.execute(delete(act_ru_execution).where(act_ru_execution.c.id_ == item))
            connection.execute(delete(act_ru_job).where(act_ru_job.c.id_ == job))

    def fail(self, job: str, message: str | None) -> None:
        """Use up the retries of a job."""
        stack = self.rows.insert(act_ge_bytearray, id_=self.rows.id("stack"), rev_=1, bytes_=b"at it")
        with self.database.begin() as connection:
            connection.execute(
                update(act_ru_job)
                .where(act_ru_job.c.id_ == job)
                .values(retries_=0, exception_msg_=message, exception_stack_id_=stack, rev_=7)
            )
        self.rows.incident("failedJob", job, None)

    def activate_all(self) -> None:
        """Have all batches as they are when they are made."""
        with self.database.begin() as connection:
            for table in (act_ru_batch, act_ru_jobdef, act_ru_job):
                connection.execute(update(table).values(suspension_state_=1))

    def lock(self, job: str, until: datetime) -> None:
        """Have an executor take a job."""
        with self.database.begin() as connection:
            taken = update(act_ru_job).where(act_ru_job.c.id_ == job)
            connection.execute(taken.values(lock_owner_="executor", lock_exp_time_=until, rev_=act_ru_job.c.rev_ + 1))


def deployed(rows: Rows, deployment: str) -> str:
    """A process definition that needs a JVM at its end."""
    [definition] = deploy_file(rows, MODEL, "order", deployment=deployment)
    return definition


def running(rows: Rows, number: int) -> list[str]:
    """Process instances that need a JVM when they are cancelled."""
    definition = deployed(rows, "shop")
    return [rows.instance(definition) for _ in range(number)]
