"""Running instances and what belongs to them (ACT_RU_*).

Names are in lower case: the family's DDL is unquoted, so databases fold it.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    Named,
    String,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
)

from process_engine.schema.metadata import metadata


class RuAuthorizationColumns(TypedColumns):
    """Columns of ACT_RU_AUTHORIZATION."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int] = Column(Integer(), nullable=False)
    type_: Named[int] = Column(Integer(), nullable=False)
    group_id_: Named[str | None] = Column(String(255))
    user_id_: Named[str | None] = Column(String(255))
    resource_type_: Named[int] = Column(Integer(), nullable=False)
    resource_id_: Named[str | None] = Column(String(255))
    perms_: Named[int | None] = Column(Integer())
    removal_time_: Named[datetime | None] = Column(DateTime())
    root_proc_inst_id_: Named[str | None] = Column(String(64))


act_ru_authorization = Table(
    "act_ru_authorization",
    metadata,
    RuAuthorizationColumns,
    UniqueConstraint("type_", "group_id_", "resource_type_", "resource_id_", name="act_uniq_auth_group"),
    UniqueConstraint("type_", "user_id_", "resource_type_", "resource_id_", name="act_uniq_auth_user"),
    Index("act_idx_auth_group_id", "group_id_"),
    Index("act_idx_auth_resource_id", "resource_id_"),
    Index("act_idx_auth_rm_time", "removal_time_"),
    Index("act_idx_auth_root_pi", "root_proc_inst_id_"),
)


class RuEventSubscrColumns(TypedColumns):
    """Columns of ACT_RU_EVENT_SUBSCR."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    event_type_: Named[str] = Column(String(255), nullable=False)
    event_name_: Named[str | None] = Column(String(255))
    execution_id_: Named[str | None] = Column(String(64))
    proc_inst_id_: Named[str | None] = Column(String(64))
    activity_id_: Named[str | None] = Column(String(255))
    configuration_: Named[str | None] = Column(String(255))
    created_: Named[datetime] = Column(DateTime(), nullable=False)
    tenant_id_: Named[str | None] = Column(String(64))


act_ru_event_subscr = Table(
    "act_ru_event_subscr",
    metadata,
    RuEventSubscrColumns,
    ForeignKeyConstraint(["execution_id_"], ["act_ru_execution.id_"], name="act_fk_event_exec"),
    Index("act_idx_event_subscr", "execution_id_"),
    Index("act_idx_event_subscr_config_", "configuration_"),
    Index("act_idx_event_subscr_evt_name", "event_name_"),
    Index("act_idx_event_subscr_tenant_id", "tenant_id_"),
)


class RuExecutionColumns(TypedColumns):
    """Columns of ACT_RU_EXECUTION."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    proc_inst_id_: Named[str | None] = Column(String(64))
    business_key_: Named[str | None] = Column(String(255))
    parent_id_: Named[str | None] = Column(String(64))
    proc_def_id_: Named[str | None] = Column(String(64))
    super_exec_: Named[str | None] = Column(String(64))
    super_case_exec_: Named[str | None] = Column(String(64))
    case_inst_id_: Named[str | None] = Column(String(64))
    act_id_: Named[str | None] = Column(String(255))
    act_inst_id_: Named[str | None] = Column(String(64))
    is_active_: Named[bool | None] = Column(Boolean())
    is_concurrent_: Named[bool | None] = Column(Boolean())
    is_scope_: Named[bool | None] = Column(Boolean())
    is_event_scope_: Named[bool | None] = Column(Boolean())
    suspension_state_: Named[int | None] = Column(Integer())
    cached_ent_state_: Named[int | None] = Column(Integer())
    sequence_counter_: Named[int | None] = Column(BigInteger())
    tenant_id_: Named[str | None] = Column(String(64))
    proc_def_key_: Named[str | None] = Column(String(255))


act_ru_execution = Table(
    "act_ru_execution",
    metadata,
    RuExecutionColumns,
    ForeignKeyConstraint(["parent_id_"], ["act_ru_execution.id_"], name="act_fk_exe_parent"),
    ForeignKeyConstraint(["proc_def_id_"], ["act_re_procdef.id_"], name="act_fk_exe_procdef"),
    ForeignKeyConstraint(["proc_inst_id_"], ["act_ru_execution.id_"], name="act_fk_exe_procinst"),
    ForeignKeyConstraint(["super_exec_"], ["act_ru_execution.id_"], name="act_fk_exe_super"),
    Index("act_idx_exe_parent", "parent_id_"),
    Index("act_idx_exe_procdef", "proc_def_id_"),
    Index("act_idx_exe_procinst", "proc_inst_id_"),
    Index("act_idx_exe_root_pi", "root_proc_inst_id_"),
    Index("act_idx_exe_super", "super_exec_"),
    Index("act_idx_exec_buskey", "business_key_"),
    Index("act_idx_exec_tenant_id", "tenant_id_"),
)


class RuFilterColumns(TypedColumns):
    """Columns of ACT_RU_FILTER."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int] = Column(Integer(), nullable=False)
    resource_type_: Named[str] = Column(String(255), nullable=False)
    name_: Named[str] = Column(String(255), nullable=False)
    owner_: Named[str | None] = Column(String(255))
    query_: Named[str] = Column(Text(), nullable=False)
    properties_: Named[str | None] = Column(Text())


act_ru_filter = Table(
    "act_ru_filter",
    metadata,
    RuFilterColumns,
)


class RuIdentitylinkColumns(TypedColumns):
    """Columns of ACT_RU_IDENTITYLINK."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    group_id_: Named[str | None] = Column(String(255))
    type_: Named[str | None] = Column(String(255))
    user_id_: Named[str | None] = Column(String(255))
    task_id_: Named[str | None] = Column(String(64))
    proc_def_id_: Named[str | None] = Column(String(64))
    tenant_id_: Named[str | None] = Column(String(64))


act_ru_identitylink = Table(
    "act_ru_identitylink",
    metadata,
    RuIdentitylinkColumns,
    ForeignKeyConstraint(["proc_def_id_"], ["act_re_procdef.id_"], name="act_fk_athrz_procedef"),
    ForeignKeyConstraint(["task_id_"], ["act_ru_task.id_"], name="act_fk_tskass_task"),
    Index("act_idx_athrz_procedef", "proc_def_id_"),
    Index("act_idx_ident_lnk_group", "group_id_"),
    Index("act_idx_ident_lnk_user", "user_id_"),
    Index("act_idx_tskass_task", "task_id_"),
)


class RuIncidentColumns(TypedColumns):
    """Columns of ACT_RU_INCIDENT."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int] = Column(Integer(), nullable=False)
    incident_timestamp_: Named[datetime] = Column(DateTime(), nullable=False)
    incident_msg_: Named[str | None] = Column(String(4000))
    incident_type_: Named[str] = Column(String(255), nullable=False)
    execution_id_: Named[str | None] = Column(String(64))
    activity_id_: Named[str | None] = Column(String(255))
    failed_activity_id_: Named[str | None] = Column(String(255))
    proc_inst_id_: Named[str | None] = Column(String(64))
    proc_def_id_: Named[str | None] = Column(String(64))
    cause_incident_id_: Named[str | None] = Column(String(64))
    root_cause_incident_id_: Named[str | None] = Column(String(64))
    configuration_: Named[str | None] = Column(String(255))
    tenant_id_: Named[str | None] = Column(String(64))
    job_def_id_: Named[str | None] = Column(String(64))
    annotation_: Named[str | None] = Column(String(4000))


act_ru_incident = Table(
    "act_ru_incident",
    metadata,
    RuIncidentColumns,
    ForeignKeyConstraint(["cause_incident_id_"], ["act_ru_incident.id_"], name="act_fk_inc_cause"),
    ForeignKeyConstraint(["execution_id_"], ["act_ru_execution.id_"], name="act_fk_inc_exe"),
    ForeignKeyConstraint(["job_def_id_"], ["act_ru_jobdef.id_"], name="act_fk_inc_job_def"),
    ForeignKeyConstraint(["proc_def_id_"], ["act_re_procdef.id_"], name="act_fk_inc_procdef"),
    ForeignKeyConstraint(["proc_inst_id_"], ["act_ru_execution.id_"], name="act_fk_inc_procinst"),
    ForeignKeyConstraint(["root_cause_incident_id_"], ["act_ru_incident.id_"], name="act_fk_inc_rcause"),
    Index("act_idx_inc_causeincid", "cause_incident_id_"),
    Index("act_idx_inc_configuration", "configuration_"),
    Index("act_idx_inc_exid", "execution_id_"),
    Index("act_idx_inc_job_def", "job_def_id_"),
    Index("act_idx_inc_procdefid", "proc_def_id_"),
    Index("act_idx_inc_procinstid", "proc_inst_id_"),
    Index("act_idx_inc_rootcauseincid", "root_cause_incident_id_"),
    Index("act_idx_inc_tenant_id", "tenant_id_"),
)


class RuTaskColumns(TypedColumns):
    """Columns of ACT_RU_TASK."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    execution_id_: Named[str | None] = Column(String(64))
    proc_inst_id_: Named[str | None] = Column(String(64))
    proc_def_id_: Named[str | None] = Column(String(64))
    case_execution_id_: Named[str | None] = Column(String(64))
    case_inst_id_: Named[str | None] = Column(String(64))
    case_def_id_: Named[str | None] = Column(String(64))
    name_: Named[str | None] = Column(String(255))
    parent_task_id_: Named[str | None] = Column(String(64))
    description_: Named[str | None] = Column(String(4000))
    task_def_key_: Named[str | None] = Column(String(255))
    owner_: Named[str | None] = Column(String(255))
    assignee_: Named[str | None] = Column(String(255))
    delegation_: Named[str | None] = Column(String(64))
    priority_: Named[int | None] = Column(Integer())
    create_time_: Named[datetime | None] = Column(DateTime())
    last_updated_: Named[datetime | None] = Column(DateTime())
    due_date_: Named[datetime | None] = Column(DateTime())
    follow_up_date_: Named[datetime | None] = Column(DateTime())
    suspension_state_: Named[int | None] = Column(Integer())
    tenant_id_: Named[str | None] = Column(String(64))
    task_state_: Named[str | None] = Column(String(64))


act_ru_task = Table(
    "act_ru_task",
    metadata,
    RuTaskColumns,
    ForeignKeyConstraint(["case_def_id_"], ["act_re_case_def.id_"], name="act_fk_task_case_def"),
    ForeignKeyConstraint(["case_execution_id_"], ["act_ru_case_execution.id_"], name="act_fk_task_case_exe"),
    ForeignKeyConstraint(["execution_id_"], ["act_ru_execution.id_"], name="act_fk_task_exe"),
    ForeignKeyConstraint(["proc_def_id_"], ["act_re_procdef.id_"], name="act_fk_task_procdef"),
    ForeignKeyConstraint(["proc_inst_id_"], ["act_ru_execution.id_"], name="act_fk_task_procinst"),
    Index("act_idx_task_assignee", "assignee_"),
    Index("act_idx_task_case_def_id", "case_def_id_"),
    Index("act_idx_task_case_exec", "case_execution_id_"),
    Index("act_idx_task_create", "create_time_"),
    Index("act_idx_task_exec", "execution_id_"),
    Index("act_idx_task_last_updated", "last_updated_"),
    Index("act_idx_task_owner", "owner_"),
    Index("act_idx_task_procdef", "proc_def_id_"),
    Index("act_idx_task_procinst", "proc_inst_id_"),
    Index("act_idx_task_tenant_id", "tenant_id_"),
)


class RuVariableColumns(TypedColumns):
    """Columns of ACT_RU_VARIABLE."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    type_: Named[str] = Column(String(255), nullable=False)
    name_: Named[str] = Column(String(255), nullable=False)
    execution_id_: Named[str | None] = Column(String(64))
    proc_inst_id_: Named[str | None] = Column(String(64))
    proc_def_id_: Named[str | None] = Column(String(64))
    case_execution_id_: Named[str | None] = Column(String(64))
    case_inst_id_: Named[str | None] = Column(String(64))
    task_id_: Named[str | None] = Column(String(64))
    batch_id_: Named[str | None] = Column(String(64))
    bytearray_id_: Named[str | None] = Column(String(64))
    double_: Named[float | None] = Column(Double[float]())
    long_: Named[int | None] = Column(BigInteger())
    text_: Named[str | None] = Column(String(4000))
    text2_: Named[str | None] = Column(String(4000))
    var_scope_: Named[str | None] = Column(String(64))
    sequence_counter_: Named[int | None] = Column(BigInteger())
    is_concurrent_local_: Named[bool | None] = Column(Boolean())
    tenant_id_: Named[str | None] = Column(String(64))


act_ru_variable = Table(
    "act_ru_variable",
    metadata,
    RuVariableColumns,
    ForeignKeyConstraint(["batch_id_"], ["act_ru_batch.id_"], name="act_fk_var_batch"),
    ForeignKeyConstraint(["bytearray_id_"], ["act_ge_bytearray.id_"], name="act_fk_var_bytearray"),
    ForeignKeyConstraint(["case_execution_id_"], ["act_ru_case_execution.id_"], name="act_fk_var_case_exe"),
    ForeignKeyConstraint(["case_inst_id_"], ["act_ru_case_execution.id_"], name="act_fk_var_case_inst"),
    ForeignKeyConstraint(["execution_id_"], ["act_ru_execution.id_"], name="act_fk_var_exe"),
    ForeignKeyConstraint(["proc_inst_id_"], ["act_ru_execution.id_"], name="act_fk_var_procinst"),
    UniqueConstraint("var_scope_", "name_", name="act_uniq_variable"),
    Index("act_idx_batch_id", "batch_id_"),
    Index("act_idx_var_bytearray", "bytearray_id_"),
    Index("act_idx_var_case_exe", "case_execution_id_"),
    Index("act_idx_var_case_inst_id", "case_inst_id_"),
    Index("act_idx_var_exe", "execution_id_"),
    Index("act_idx_var_procinst", "proc_inst_id_"),
    Index("act_idx_variable_task_id", "task_id_"),
    Index("act_idx_variable_task_name_type", "task_id_", "name_", "type_"),
    Index("act_idx_variable_tenant_id", "tenant_id_"),
)
