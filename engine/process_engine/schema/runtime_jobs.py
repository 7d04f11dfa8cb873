"""Jobs, external tasks and batches: what executors and workers pick up (ACT_RU_*).

Names are in lower case: the family's DDL is unquoted, so databases fold it.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    Named,
    String,
    Table,
    TypedColumns,
    text,
)

from process_engine.schema.metadata import metadata


class RuBatchColumns(TypedColumns):
    """Columns of ACT_RU_BATCH."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int] = Column(Integer(), nullable=False)
    type_: Named[str | None] = Column(String(255))
    total_jobs_: Named[int | None] = Column(Integer())
    jobs_created_: Named[int | None] = Column(Integer())
    jobs_per_seed_: Named[int | None] = Column(Integer())
    invocations_per_job_: Named[int | None] = Column(Integer())
    seed_job_def_id_: Named[str | None] = Column(String(64))
    batch_job_def_id_: Named[str | None] = Column(String(64))
    monitor_job_def_id_: Named[str | None] = Column(String(64))
    suspension_state_: Named[int | None] = Column(Integer())
    configuration_: Named[str | None] = Column(String(255))
    tenant_id_: Named[str | None] = Column(String(64))
    create_user_id_: Named[str | None] = Column(String(255))
    start_time_: Named[datetime | None] = Column(DateTime())
    exec_start_time_: Named[datetime | None] = Column(DateTime())


act_ru_batch = Table(
    "act_ru_batch",
    metadata,
    RuBatchColumns,
    ForeignKeyConstraint(["batch_job_def_id_"], ["act_ru_jobdef.id_"], name="act_fk_batch_job_def"),
    ForeignKeyConstraint(["monitor_job_def_id_"], ["act_ru_jobdef.id_"], name="act_fk_batch_monitor_job_def"),
    ForeignKeyConstraint(["seed_job_def_id_"], ["act_ru_jobdef.id_"], name="act_fk_batch_seed_job_def"),
    Index("act_idx_batch_job_def", "batch_job_def_id_"),
    Index("act_idx_batch_monitor_job_def", "monitor_job_def_id_"),
    Index("act_idx_batch_seed_job_def", "seed_job_def_id_"),
)


class RuExtTaskColumns(TypedColumns):
    """Columns of ACT_RU_EXT_TASK."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int] = Column(Integer(), nullable=False)
    worker_id_: Named[str | None] = Column(String(255))
    topic_name_: Named[str | None] = Column(String(255))
    retries_: Named[int | None] = Column(Integer())
    error_msg_: Named[str | None] = Column(String(4000))
    error_details_id_: Named[str | None] = Column(String(64))
    lock_exp_time_: Named[datetime | None] = Column(DateTime())
    create_time_: Named[datetime | None] = Column(DateTime())
    suspension_state_: Named[int | None] = Column(Integer())
    execution_id_: Named[str | None] = Column(String(64))
    proc_inst_id_: Named[str | None] = Column(String(64))
    proc_def_id_: Named[str | None] = Column(String(64))
    proc_def_key_: Named[str | None] = Column(String(255))
    act_id_: Named[str | None] = Column(String(255))
    act_inst_id_: Named[str | None] = Column(String(64))
    tenant_id_: Named[str | None] = Column(String(64))
    priority_: Named[int] = Column(BigInteger(), nullable=False, server_default=text("0"))
    last_failure_log_id_: Named[str | None] = Column(String(64))


act_ru_ext_task = Table(
    "act_ru_ext_task",
    metadata,
    RuExtTaskColumns,
    ForeignKeyConstraint(["error_details_id_"], ["act_ge_bytearray.id_"], name="act_fk_ext_task_error_details"),
    ForeignKeyConstraint(["execution_id_"], ["act_ru_execution.id_"], name="act_fk_ext_task_exe"),
    Index("act_idx_ext_task_err_details", "error_details_id_"),
    Index("act_idx_ext_task_exec", "execution_id_"),
    Index("act_idx_ext_task_priority", "priority_"),
    Index("act_idx_ext_task_tenant_id", "tenant_id_"),
    Index("act_idx_ext_task_topic", "topic_name_"),
)


class RuJobColumns(TypedColumns):
    """Columns of ACT_RU_JOB."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    type_: Named[str] = Column(String(255), nullable=False)
    lock_exp_time_: Named[datetime | None] = Column(DateTime())
    lock_owner_: Named[str | None] = Column(String(255))
    exclusive_: Named[bool | None] = Column(Boolean())
    execution_id_: Named[str | None] = Column(String(64))
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    process_instance_id_: Named[str | None] = Column(String(64))
    process_def_id_: Named[str | None] = Column(String(64))
    process_def_key_: Named[str | None] = Column(String(255))
    retries_: Named[int | None] = Column(Integer())
    exception_stack_id_: Named[str | None] = Column(String(64))
    exception_msg_: Named[str | None] = Column(String(4000))
    failed_act_id_: Named[str | None] = Column(String(255))
    duedate_: Named[datetime | None] = Column(DateTime())
    repeat_: Named[str | None] = Column(String(255))
    repeat_offset_: Named[int | None] = Column(BigInteger(), server_default=text("0"))
    handler_type_: Named[str | None] = Column(String(255))
    handler_cfg_: Named[str | None] = Column(String(4000))
    deployment_id_: Named[str | None] = Column(String(64))
    suspension_state_: Named[int] = Column(Integer(), nullable=False, server_default=text("1"))
    job_def_id_: Named[str | None] = Column(String(64))
    priority_: Named[int] = Column(BigInteger(), nullable=False, server_default=text("0"))
    sequence_counter_: Named[int | None] = Column(BigInteger())
    tenant_id_: Named[str | None] = Column(String(64))
    create_time_: Named[datetime | None] = Column(DateTime())
    last_failure_log_id_: Named[str | None] = Column(String(64))
    batch_id_: Named[str | None] = Column(String(64))


act_ru_job = Table(
    "act_ru_job",
    metadata,
    RuJobColumns,
    ForeignKeyConstraint(["exception_stack_id_"], ["act_ge_bytearray.id_"], name="act_fk_job_exception"),
    Index("act_idx_job_exception", "exception_stack_id_"),
    Index("act_idx_job_execution_id", "execution_id_"),
    Index("act_idx_job_handler", "handler_type_", "handler_cfg_"),
    Index("act_idx_job_handler_type", "handler_type_"),
    Index("act_idx_job_job_def_id", "job_def_id_"),
    Index("act_idx_job_procinst", "process_instance_id_"),
    Index("act_idx_job_root_procinst", "root_proc_inst_id_"),
    Index("act_idx_job_tenant_id", "tenant_id_"),
)


class RuJobdefColumns(TypedColumns):
    """Columns of ACT_RU_JOBDEF."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    proc_def_id_: Named[str | None] = Column(String(64))
    proc_def_key_: Named[str | None] = Column(String(255))
    act_id_: Named[str | None] = Column(String(255))
    job_type_: Named[str] = Column(String(255), nullable=False)
    job_configuration_: Named[str | None] = Column(String(255))
    suspension_state_: Named[int | None] = Column(Integer())
    job_priority_: Named[int | None] = Column(BigInteger())
    tenant_id_: Named[str | None] = Column(String(64))
    deployment_id_: Named[str | None] = Column(String(64))


act_ru_jobdef = Table(
    "act_ru_jobdef",
    metadata,
    RuJobdefColumns,
    Index("act_idx_jobdef_proc_def_id", "proc_def_id_"),
    Index("act_idx_jobdef_tenant_id", "tenant_id_"),
)


class RuMeterLogColumns(TypedColumns):
    """Columns of ACT_RU_METER_LOG."""

    id_: Named[str] = Column(String(64), primary_key=True)
    name_: Named[str] = Column(String(64), nullable=False)
    reporter_: Named[str | None] = Column(String(255))
    value_: Named[int | None] = Column(BigInteger())
    timestamp_: Named[datetime | None] = Column(DateTime())
    milliseconds_: Named[int | None] = Column(BigInteger(), server_default=text("0"))


act_ru_meter_log = Table(
    "act_ru_meter_log",
    metadata,
    RuMeterLogColumns,
    Index("act_idx_meter_log", "name_", "timestamp_"),
    Index("act_idx_meter_log_ms", "milliseconds_"),
    Index("act_idx_meter_log_name_ms", "name_", "milliseconds_"),
    Index("act_idx_meter_log_report", "name_", "reporter_", "milliseconds_"),
    Index("act_idx_meter_log_time", "timestamp_"),
)


class RuTaskMeterLogColumns(TypedColumns):
    """Columns of ACT_RU_TASK_METER_LOG."""

    id_: Named[str] = Column(String(64), primary_key=True)
    assignee_hash_: Named[int | None] = Column(BigInteger())
    timestamp_: Named[datetime | None] = Column(DateTime())


act_ru_task_meter_log = Table(
    "act_ru_task_meter_log",
    metadata,
    RuTaskMeterLogColumns,
    Index("act_idx_task_meter_log_time", "timestamp_"),
)
