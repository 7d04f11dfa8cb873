"""Logs, comments and attachments, and batches that were (ACT_HI_*).

Names are in lower case: the family's DDL is unquoted, so databases fold it.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Named,
    String,
    Table,
    TypedColumns,
    text,
)

from process_engine.schema.metadata import metadata


class HiAttachmentColumns(TypedColumns):
    """Columns of ACT_HI_ATTACHMENT."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    user_id_: Named[str | None] = Column(String(255))
    name_: Named[str | None] = Column(String(255))
    description_: Named[str | None] = Column(String(4000))
    type_: Named[str | None] = Column(String(255))
    task_id_: Named[str | None] = Column(String(64))
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    proc_inst_id_: Named[str | None] = Column(String(64))
    url_: Named[str | None] = Column(String(4000))
    content_id_: Named[str | None] = Column(String(64))
    tenant_id_: Named[str | None] = Column(String(64))
    create_time_: Named[datetime | None] = Column(DateTime())
    removal_time_: Named[datetime | None] = Column(DateTime())


act_hi_attachment = Table(
    "act_hi_attachment",
    metadata,
    HiAttachmentColumns,
    Index("act_idx_hi_attachment_content", "content_id_"),
    Index("act_idx_hi_attachment_procinst", "proc_inst_id_"),
    Index("act_idx_hi_attachment_rm_time", "removal_time_"),
    Index("act_idx_hi_attachment_root_pi", "root_proc_inst_id_"),
    Index("act_idx_hi_attachment_task", "task_id_"),
)


class HiBatchColumns(TypedColumns):
    """Columns of ACT_HI_BATCH."""

    id_: Named[str] = Column(String(64), primary_key=True)
    type_: Named[str | None] = Column(String(255))
    total_jobs_: Named[int | None] = Column(Integer())
    jobs_per_seed_: Named[int | None] = Column(Integer())
    invocations_per_job_: Named[int | None] = Column(Integer())
    seed_job_def_id_: Named[str | None] = Column(String(64))
    monitor_job_def_id_: Named[str | None] = Column(String(64))
    batch_job_def_id_: Named[str | None] = Column(String(64))
    tenant_id_: Named[str | None] = Column(String(64))
    create_user_id_: Named[str | None] = Column(String(255))
    start_time_: Named[datetime] = Column(DateTime(), nullable=False)
    end_time_: Named[datetime | None] = Column(DateTime())
    removal_time_: Named[datetime | None] = Column(DateTime())
    exec_start_time_: Named[datetime | None] = Column(DateTime())


act_hi_batch = Table(
    "act_hi_batch",
    metadata,
    HiBatchColumns,
    Index("act_hi_bat_rm_time", "removal_time_"),
)


class HiCommentColumns(TypedColumns):
    """Columns of ACT_HI_COMMENT."""

    id_: Named[str] = Column(String(64), primary_key=True)
    type_: Named[str | None] = Column(String(255))
    time_: Named[datetime] = Column(DateTime(), nullable=False)
    user_id_: Named[str | None] = Column(String(255))
    task_id_: Named[str | None] = Column(String(64))
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    proc_inst_id_: Named[str | None] = Column(String(64))
    action_: Named[str | None] = Column(String(255))
    message_: Named[str | None] = Column(String(4000))
    full_msg_: Named[bytes | None] = Column(LargeBinary())
    tenant_id_: Named[str | None] = Column(String(64))
    removal_time_: Named[datetime | None] = Column(DateTime())
    rev_: Named[int] = Column(Integer(), nullable=False, server_default=text("1"))


act_hi_comment = Table(
    "act_hi_comment",
    metadata,
    HiCommentColumns,
    Index("act_idx_hi_comment_procinst", "proc_inst_id_"),
    Index("act_idx_hi_comment_rm_time", "removal_time_"),
    Index("act_idx_hi_comment_root_pi", "root_proc_inst_id_"),
    Index("act_idx_hi_comment_task", "task_id_"),
)


class HiExtTaskLogColumns(TypedColumns):
    """Columns of ACT_HI_EXT_TASK_LOG."""

    id_: Named[str] = Column(String(64), primary_key=True)
    timestamp_: Named[datetime] = Column(DateTime(), nullable=False)
    ext_task_id_: Named[str] = Column(String(64), nullable=False)
    retries_: Named[int | None] = Column(Integer())
    topic_name_: Named[str | None] = Column(String(255))
    worker_id_: Named[str | None] = Column(String(255))
    priority_: Named[int] = Column(BigInteger(), nullable=False, server_default=text("0"))
    error_msg_: Named[str | None] = Column(String(4000))
    error_details_id_: Named[str | None] = Column(String(64))
    act_id_: Named[str | None] = Column(String(255))
    act_inst_id_: Named[str | None] = Column(String(64))
    execution_id_: Named[str | None] = Column(String(64))
    proc_inst_id_: Named[str | None] = Column(String(64))
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    proc_def_id_: Named[str | None] = Column(String(64))
    proc_def_key_: Named[str | None] = Column(String(255))
    tenant_id_: Named[str | None] = Column(String(64))
    state_: Named[int | None] = Column(Integer())
    removal_time_: Named[datetime | None] = Column(DateTime())


act_hi_ext_task_log = Table(
    "act_hi_ext_task_log",
    metadata,
    HiExtTaskLogColumns,
    Index("act_hi_ext_task_log_proc_def_key", "proc_def_key_"),
    Index("act_hi_ext_task_log_procdef", "proc_def_id_"),
    Index("act_hi_ext_task_log_procinst", "proc_inst_id_"),
    Index("act_hi_ext_task_log_rm_time", "removal_time_"),
    Index("act_hi_ext_task_log_root_pi", "root_proc_inst_id_"),
    Index("act_hi_ext_task_log_tenant_id", "tenant_id_"),
    Index("act_idx_hi_exttasklog_errordet", "error_details_id_"),
)


class HiIdentitylinkColumns(TypedColumns):
    """Columns of ACT_HI_IDENTITYLINK."""

    id_: Named[str] = Column(String(64), primary_key=True)
    timestamp_: Named[datetime] = Column(DateTime(), nullable=False)
    type_: Named[str | None] = Column(String(255))
    user_id_: Named[str | None] = Column(String(255))
    group_id_: Named[str | None] = Column(String(255))
    task_id_: Named[str | None] = Column(String(64))
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    proc_def_id_: Named[str | None] = Column(String(64))
    operation_type_: Named[str | None] = Column(String(64))
    assigner_id_: Named[str | None] = Column(String(64))
    proc_def_key_: Named[str | None] = Column(String(255))
    tenant_id_: Named[str | None] = Column(String(64))
    removal_time_: Named[datetime | None] = Column(DateTime())


act_hi_identitylink = Table(
    "act_hi_identitylink",
    metadata,
    HiIdentitylinkColumns,
    Index("act_idx_hi_ident_link_rm_time", "removal_time_"),
    Index("act_idx_hi_ident_link_task", "task_id_"),
    Index("act_idx_hi_ident_lnk_group", "group_id_"),
    Index("act_idx_hi_ident_lnk_proc_def_key", "proc_def_key_"),
    Index("act_idx_hi_ident_lnk_root_pi", "root_proc_inst_id_"),
    Index("act_idx_hi_ident_lnk_tenant_id", "tenant_id_"),
    Index("act_idx_hi_ident_lnk_timestamp", "timestamp_"),
    Index("act_idx_hi_ident_lnk_user", "user_id_"),
)


class HiJobLogColumns(TypedColumns):
    """Columns of ACT_HI_JOB_LOG."""

    id_: Named[str] = Column(String(64), primary_key=True)
    timestamp_: Named[datetime] = Column(DateTime(), nullable=False)
    job_id_: Named[str] = Column(String(64), nullable=False)
    job_duedate_: Named[datetime | None] = Column(DateTime())
    job_retries_: Named[int | None] = Column(Integer())
    job_priority_: Named[int] = Column(BigInteger(), nullable=False, server_default=text("0"))
    job_exception_msg_: Named[str | None] = Column(String(4000))
    job_exception_stack_id_: Named[str | None] = Column(String(64))
    job_state_: Named[int | None] = Column(Integer())
    job_def_id_: Named[str | None] = Column(String(64))
    job_def_type_: Named[str | None] = Column(String(255))
    job_def_configuration_: Named[str | None] = Column(String(255))
    act_id_: Named[str | None] = Column(String(255))
    failed_act_id_: Named[str | None] = Column(String(255))
    execution_id_: Named[str | None] = Column(String(64))
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    process_instance_id_: Named[str | None] = Column(String(64))
    process_def_id_: Named[str | None] = Column(String(64))
    process_def_key_: Named[str | None] = Column(String(255))
    deployment_id_: Named[str | None] = Column(String(64))
    sequence_counter_: Named[int | None] = Column(BigInteger())
    tenant_id_: Named[str | None] = Column(String(64))
    hostname_: Named[str | None] = Column(String(255))
    removal_time_: Named[datetime | None] = Column(DateTime())
    batch_id_: Named[str | None] = Column(String(64))


act_hi_job_log = Table(
    "act_hi_job_log",
    metadata,
    HiJobLogColumns,
    Index("act_idx_hi_job_log_ex_stack", "job_exception_stack_id_"),
    Index("act_idx_hi_job_log_job_conf", "job_def_configuration_"),
    Index("act_idx_hi_job_log_job_def_id", "job_def_id_"),
    Index("act_idx_hi_job_log_proc_def_key", "process_def_key_"),
    Index("act_idx_hi_job_log_procdef", "process_def_id_"),
    Index("act_idx_hi_job_log_procinst", "process_instance_id_"),
    Index("act_idx_hi_job_log_rm_time", "removal_time_"),
    Index("act_idx_hi_job_log_root_pi", "root_proc_inst_id_"),
    Index("act_idx_hi_job_log_tenant_id", "tenant_id_"),
)


class HiOpLogColumns(TypedColumns):
    """Columns of ACT_HI_OP_LOG."""

    id_: Named[str] = Column(String(64), primary_key=True)
    deployment_id_: Named[str | None] = Column(String(64))
    proc_def_id_: Named[str | None] = Column(String(64))
    proc_def_key_: Named[str | None] = Column(String(255))
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    proc_inst_id_: Named[str | None] = Column(String(64))
    execution_id_: Named[str | None] = Column(String(64))
    case_def_id_: Named[str | None] = Column(String(64))
    case_inst_id_: Named[str | None] = Column(String(64))
    case_execution_id_: Named[str | None] = Column(String(64))
    task_id_: Named[str | None] = Column(String(64))
    job_id_: Named[str | None] = Column(String(64))
    job_def_id_: Named[str | None] = Column(String(64))
    batch_id_: Named[str | None] = Column(String(64))
    user_id_: Named[str | None] = Column(String(255))
    timestamp_: Named[datetime] = Column(DateTime(), nullable=False)
    operation_type_: Named[str | None] = Column(String(64))
    operation_id_: Named[str | None] = Column(String(64))
    entity_type_: Named[str | None] = Column(String(30))
    property_: Named[str | None] = Column(String(64))
    org_value_: Named[str | None] = Column(String(4000))
    new_value_: Named[str | None] = Column(String(4000))
    tenant_id_: Named[str | None] = Column(String(64))
    removal_time_: Named[datetime | None] = Column(DateTime())
    category_: Named[str | None] = Column(String(64))
    external_task_id_: Named[str | None] = Column(String(64))
    annotation_: Named[str | None] = Column(String(4000))


act_hi_op_log = Table(
    "act_hi_op_log",
    metadata,
    HiOpLogColumns,
    Index("act_idx_hi_op_log_entity_type", "entity_type_"),
    Index("act_idx_hi_op_log_op_type", "operation_type_"),
    Index("act_idx_hi_op_log_procdef", "proc_def_id_"),
    Index("act_idx_hi_op_log_procinst", "proc_inst_id_"),
    Index("act_idx_hi_op_log_rm_time", "removal_time_"),
    Index("act_idx_hi_op_log_root_pi", "root_proc_inst_id_"),
    Index("act_idx_hi_op_log_task", "task_id_"),
    Index("act_idx_hi_op_log_timestamp", "timestamp_"),
    Index("act_idx_hi_op_log_user_id", "user_id_"),
)
