"""The rows of the Java engine's own batches, as its builder leaves them: it runs them as if it had made them.

Source: BatchBuilder, BatchEntity, BatchSeedJobDeclaration, DefaultHistoryEventProducer#createBatchStartEvent.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select

from process_engine.byte_arrays import RUNTIME, ByteArray, insert_byte_arrays
from process_engine.database import in_values
from process_engine.host import host_name
from process_engine.insertion import insert_rows
from process_engine.schema.history_logs import act_hi_batch, act_hi_job_log
from process_engine.schema.repository import act_re_procdef
from process_engine.schema.runtime import act_ru_execution
from process_engine.schema.runtime_jobs import act_ru_batch, act_ru_job, act_ru_jobdef
from process_engine.schema.values import ACTIVE, JobHandler, JobType
from process_engine.transaction import Transaction

JOBS_PER_SEED = 100
"""The family's default (``batchJobsPerSeed``)."""

INVOCATIONS_PER_JOB = 1
"""One item a job: a failed job tells which item failed, and none fails for another."""

RETRIES = 3
"""The family's default (``defaultNumberOfRetries``)."""

ITEMS = "processInstanceIds"
"""Where the types that are handed over keep their items in a configuration."""

CREATED = 0
"""JOB_STATE_ of ACT_HI_JOB_LOG."""


@dataclass(frozen=True, kw_only=True)
class EngineBatch:
    """A batch to be made.

    Attributes:
        deployment_id: Of the items' definitions: the engines that know it run the jobs.
        item_ids: One job each.
        configuration: What the type's handler reads.
        tenant_id: Of types that are about one process definition.
    """

    type: str
    deployment_id: str | None
    item_ids: Sequence[str]
    configuration: Mapping[str, Any]
    tenant_id: str | None = None


@dataclass(frozen=True)
class _Ids:
    batch: str
    configuration: str
    seed_definition: str
    monitor_definition: str
    batch_definition: str
    seed_job: str


def by_deployment(transaction: Transaction, instance_ids: Sequence[str]) -> dict[str | None, list[str]]:
    """Process instances by the deployment of their definition, in the engine's order of deployments: null comes last.

    Source: BatchElementConfiguration.
    """
    instance = act_ru_execution.c
    query = (
        select(instance.id_, act_re_procdef.c.deployment_id_)
        .join_from(act_ru_execution, act_re_procdef, act_re_procdef.c.id_ == instance.proc_def_id_)
        .where(in_values(instance.id_, instance_ids))
    )
    deployments = {row[0]: row[1] for row in transaction.connection.execute(query)}
    found: dict[str | None, list[str]] = {}
    for id_ in instance_ids:
        found.setdefault(deployments.get(id_), []).append(id_)
    return dict(sorted(found.items(), key=lambda group: (group[0] is None, (group[0] or "").lower())))


def create_engine_batches(transaction: Transaction, batches: Sequence[EngineBatch]) -> dict[str, str]:
    """Insert batches, each with its seed job; the caller commits, and an executor that polls takes them from there.

    Returns:
        The batch of each item.
    """
    ids = [_Ids(*(transaction.new_id() for _ in range(6))) for _ in batches]
    made = list(zip(batches, ids, strict=True))
    insert_byte_arrays(transaction, [ByteArray(i.configuration, None, _json(b), RUNTIME) for b, i in made])
    _insert(transaction, act_ru_jobdef, [row for b, i in made for row in _definitions(b, i)])
    _insert(transaction, act_ru_batch, [_batch(transaction, b, i) | _runtime_only(i) for b, i in made])
    _insert(transaction, act_ru_job, [_seed_job(transaction, b, i) for b, i in made])
    if transaction.history_level.keeps_logs:
        _insert(transaction, act_hi_batch, [_batch(transaction, b, i) for b, i in made])
        _insert(transaction, act_hi_job_log, [_seed_log(transaction, b, i) for b, i in made])
    return {item_id: i.batch for b, i in made for item_id in b.item_ids}


def _insert(transaction: Transaction, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    insert_rows(transaction.connection, table, rows, transaction.missing_columns)


def _json(batch: EngineBatch) -> bytes:
    return json.dumps(batch.configuration, ensure_ascii=False, separators=(",", ":")).encode()


def _definitions(batch: EngineBatch, ids: _Ids) -> list[dict[str, Any]]:
    types = {
        ids.seed_definition: JobHandler.BATCH_SEED,
        ids.monitor_definition: JobHandler.BATCH_MONITOR,
        ids.batch_definition: batch.type,
    }
    return [
        {
            "id_": id_,
            "rev_": 1,
            "job_type_": job_type,
            "job_configuration_": ids.batch,
            "suspension_state_": ACTIVE,
            "deployment_id_": batch.deployment_id if job_type == JobHandler.BATCH_SEED else None,
            "tenant_id_": batch.tenant_id,
        }
        for id_, job_type in types.items()
    ]


def _batch(transaction: Transaction, batch: EngineBatch, ids: _Ids) -> dict[str, Any]:
    """What the runtime and the history have in common."""
    return {
        "id_": ids.batch,
        "type_": batch.type,
        "total_jobs_": len(batch.item_ids),
        "jobs_per_seed_": JOBS_PER_SEED,
        "invocations_per_job_": INVOCATIONS_PER_JOB,
        "seed_job_def_id_": ids.seed_definition,
        "monitor_job_def_id_": ids.monitor_definition,
        "batch_job_def_id_": ids.batch_definition,
        "create_user_id_": transaction.user_id,
        "tenant_id_": batch.tenant_id,
        "start_time_": transaction.now,
    }


def _runtime_only(ids: _Ids) -> dict[str, Any]:
    return {"rev_": 1, "jobs_created_": 0, "suspension_state_": ACTIVE, "configuration_": ids.configuration}


def _seed_job(transaction: Transaction, batch: EngineBatch, ids: _Ids) -> dict[str, Any]:
    return {
        "id_": ids.seed_job,
        "rev_": 1,
        "type_": JobType.MESSAGE,
        "exclusive_": True,
        "retries_": RETRIES,
        "handler_type_": JobHandler.BATCH_SEED,
        "handler_cfg_": ids.batch,
        "deployment_id_": batch.deployment_id,
        "suspension_state_": ACTIVE,
        "job_def_id_": ids.seed_definition,
        "priority_": 0,
        "sequence_counter_": 1,
        "create_time_": transaction.now,
        "repeat_offset_": 0,
        "batch_id_": ids.batch,
        "tenant_id_": batch.tenant_id,
    }


def _seed_log(transaction: Transaction, batch: EngineBatch, ids: _Ids) -> dict[str, Any]:
    return {
        "id_": transaction.new_id(),
        "timestamp_": transaction.now,
        "job_id_": ids.seed_job,
        "job_retries_": RETRIES,
        "job_priority_": 0,
        "job_state_": CREATED,
        "job_def_id_": ids.seed_definition,
        "job_def_type_": JobHandler.BATCH_SEED,
        "job_def_configuration_": ids.batch,
        "deployment_id_": batch.deployment_id,
        "sequence_counter_": 1,
        "hostname_": host_name(),
        "batch_id_": ids.batch,
        "tenant_id_": batch.tenant_id,
    }
