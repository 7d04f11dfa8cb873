"""Instances, activities, tasks, variables and incidents that were and are (ACT_HI_*).

Names are in lower case: the family's DDL is unquoted, so databases fold it.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    Named,
    String,
    Table,
    TypedColumns,
    UniqueConstraint,
)

from process_engine.schema.metadata import metadata


class HiActinstColumns(TypedColumns):
    """Columns of ACT_HI_ACTINST."""

    id_: Named[str] = Column(String(64), primary_key=True)
    parent_act_inst_id_: Named[str | None] = Column(String(64))
    proc_def_key_: Named[str | None] = Column(String(255))
    proc_def_id_: Named[str] = Column(String(64), nullable=False)
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    proc_inst_id_: Named[str] = Column(String(64), nullable=False)
    execution_id_: Named[str] = Column(String(64), nullable=False)
    act_id_: Named[str] = Column(String(255), nullable=False)
    task_id_: Named[str | None] = Column(String(64))
    call_proc_inst_id_: Named[str | None] = Column(String(64))
    call_case_inst_id_: Named[str | None] = Column(String(64))
    act_name_: Named[str | None] = Column(String(255))
    act_type_: Named[str] = Column(String(255), nullable=False)
    assignee_: Named[str | None] = Column(String(255))
    start_time_: Named[datetime] = Column(DateTime(), nullable=False)
    end_time_: Named[datetime | None] = Column(DateTime())
    duration_: Named[int | None] = Column(BigInteger())
    act_inst_state_: Named[int | None] = Column(Integer())
    sequence_counter_: Named[int | None] = Column(BigInteger())
    tenant_id_: Named[str | None] = Column(String(64))
    removal_time_: Named[datetime | None] = Column(DateTime())


act_hi_actinst = Table(
    "act_hi_actinst",
    metadata,
    HiActinstColumns,
    Index("act_idx_hi_act_inst_comp", "execution_id_", "act_id_", "end_time_", "id_"),
    Index("act_idx_hi_act_inst_end", "end_time_"),
    Index("act_idx_hi_act_inst_proc_def_key", "proc_def_key_"),
    Index("act_idx_hi_act_inst_procinst", "proc_inst_id_", "act_id_"),
    Index("act_idx_hi_act_inst_rm_time", "removal_time_"),
    Index("act_idx_hi_act_inst_start_end", "start_time_", "end_time_"),
    Index("act_idx_hi_act_inst_stats", "proc_def_id_", "proc_inst_id_", "act_id_", "end_time_", "act_inst_state_"),
    Index("act_idx_hi_act_inst_tenant_id", "tenant_id_"),
    Index("act_idx_hi_actinst_root_pi", "root_proc_inst_id_"),
    Index("act_idx_hi_ai_pdefid_end_time", "proc_def_id_", "end_time_"),
)


class HiDetailColumns(TypedColumns):
    """Columns of ACT_HI_DETAIL."""

    id_: Named[str] = Column(String(64), primary_key=True)
    type_: Named[str] = Column(String(255), nullable=False)
    proc_def_key_: Named[str | None] = Column(String(255))
    proc_def_id_: Named[str | None] = Column(String(64))
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    proc_inst_id_: Named[str | None] = Column(String(64))
    execution_id_: Named[str | None] = Column(String(64))
    case_def_key_: Named[str | None] = Column(String(255))
    case_def_id_: Named[str | None] = Column(String(64))
    case_inst_id_: Named[str | None] = Column(String(64))
    case_execution_id_: Named[str | None] = Column(String(64))
    task_id_: Named[str | None] = Column(String(64))
    act_inst_id_: Named[str | None] = Column(String(64))
    var_inst_id_: Named[str | None] = Column(String(64))
    name_: Named[str] = Column(String(255), nullable=False)
    var_type_: Named[str | None] = Column(String(64))
    rev_: Named[int | None] = Column(Integer())
    time_: Named[datetime] = Column(DateTime(), nullable=False)
    bytearray_id_: Named[str | None] = Column(String(64))
    double_: Named[float | None] = Column(Double[float]())
    long_: Named[int | None] = Column(BigInteger())
    text_: Named[str | None] = Column(String(4000))
    text2_: Named[str | None] = Column(String(4000))
    sequence_counter_: Named[int | None] = Column(BigInteger())
    tenant_id_: Named[str | None] = Column(String(64))
    operation_id_: Named[str | None] = Column(String(64))
    removal_time_: Named[datetime | None] = Column(DateTime())
    initial_: Named[bool | None] = Column(Boolean())


act_hi_detail = Table(
    "act_hi_detail",
    metadata,
    HiDetailColumns,
    Index("act_idx_hi_detail_act_inst", "act_inst_id_"),
    Index("act_idx_hi_detail_bytear", "bytearray_id_"),
    Index("act_idx_hi_detail_case_exec", "case_execution_id_"),
    Index("act_idx_hi_detail_case_inst", "case_inst_id_"),
    Index("act_idx_hi_detail_name", "name_"),
    Index("act_idx_hi_detail_proc_def_key", "proc_def_key_"),
    Index("act_idx_hi_detail_proc_inst", "proc_inst_id_"),
    Index("act_idx_hi_detail_rm_time", "removal_time_"),
    Index("act_idx_hi_detail_root_pi", "root_proc_inst_id_"),
    Index("act_idx_hi_detail_task_bytear", "bytearray_id_", "task_id_"),
    Index("act_idx_hi_detail_task_id", "task_id_"),
    Index("act_idx_hi_detail_tenant_id", "tenant_id_"),
    Index("act_idx_hi_detail_time", "time_"),
    Index("act_idx_hi_detail_var_inst_id", "var_inst_id_"),
)


class HiIncidentColumns(TypedColumns):
    """Columns of ACT_HI_INCIDENT."""

    id_: Named[str] = Column(String(64), primary_key=True)
    proc_def_key_: Named[str | None] = Column(String(255))
    proc_def_id_: Named[str | None] = Column(String(64))
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    proc_inst_id_: Named[str | None] = Column(String(64))
    execution_id_: Named[str | None] = Column(String(64))
    create_time_: Named[datetime] = Column(DateTime(), nullable=False)
    end_time_: Named[datetime | None] = Column(DateTime())
    incident_msg_: Named[str | None] = Column(String(4000))
    incident_type_: Named[str] = Column(String(255), nullable=False)
    activity_id_: Named[str | None] = Column(String(255))
    failed_activity_id_: Named[str | None] = Column(String(255))
    cause_incident_id_: Named[str | None] = Column(String(64))
    root_cause_incident_id_: Named[str | None] = Column(String(64))
    configuration_: Named[str | None] = Column(String(255))
    history_configuration_: Named[str | None] = Column(String(255))
    incident_state_: Named[int | None] = Column(Integer())
    tenant_id_: Named[str | None] = Column(String(64))
    job_def_id_: Named[str | None] = Column(String(64))
    annotation_: Named[str | None] = Column(String(4000))
    removal_time_: Named[datetime | None] = Column(DateTime())


act_hi_incident = Table(
    "act_hi_incident",
    metadata,
    HiIncidentColumns,
    Index("act_idx_hi_incident_create_time", "create_time_"),
    Index("act_idx_hi_incident_end_time", "end_time_"),
    Index("act_idx_hi_incident_proc_def_key", "proc_def_key_"),
    Index("act_idx_hi_incident_procinst", "proc_inst_id_"),
    Index("act_idx_hi_incident_rm_time", "removal_time_"),
    Index("act_idx_hi_incident_root_pi", "root_proc_inst_id_"),
    Index("act_idx_hi_incident_tenant_id", "tenant_id_"),
)


class HiProcinstColumns(TypedColumns):
    """Columns of ACT_HI_PROCINST."""

    id_: Named[str] = Column(String(64), primary_key=True)
    proc_inst_id_: Named[str] = Column(String(64), nullable=False)
    business_key_: Named[str | None] = Column(String(255))
    proc_def_key_: Named[str | None] = Column(String(255))
    proc_def_id_: Named[str] = Column(String(64), nullable=False)
    start_time_: Named[datetime] = Column(DateTime(), nullable=False)
    end_time_: Named[datetime | None] = Column(DateTime())
    removal_time_: Named[datetime | None] = Column(DateTime())
    duration_: Named[int | None] = Column(BigInteger())
    start_user_id_: Named[str | None] = Column(String(255))
    start_act_id_: Named[str | None] = Column(String(255))
    end_act_id_: Named[str | None] = Column(String(255))
    super_process_instance_id_: Named[str | None] = Column(String(64))
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    super_case_instance_id_: Named[str | None] = Column(String(64))
    case_inst_id_: Named[str | None] = Column(String(64))
    delete_reason_: Named[str | None] = Column(String(4000))
    tenant_id_: Named[str | None] = Column(String(64))
    state_: Named[str | None] = Column(String(255))
    restarted_proc_inst_id_: Named[str | None] = Column(String(64))


act_hi_procinst = Table(
    "act_hi_procinst",
    metadata,
    HiProcinstColumns,
    UniqueConstraint("proc_inst_id_", name="act_hi_procinst_proc_inst_id__key"),
    Index("act_idx_hi_pi_pdefid_end_time", "proc_def_id_", "end_time_"),
    Index("act_idx_hi_pro_i_buskey", "business_key_"),
    Index("act_idx_hi_pro_inst_end", "end_time_"),
    Index("act_idx_hi_pro_inst_proc_def_key", "proc_def_key_"),
    Index("act_idx_hi_pro_inst_proc_time", "start_time_", "end_time_"),
    Index("act_idx_hi_pro_inst_rm_time", "removal_time_"),
    Index("act_idx_hi_pro_inst_root_pi", "root_proc_inst_id_"),
    Index("act_idx_hi_pro_inst_tenant_id", "tenant_id_"),
    Index("act_idx_hi_pro_rst_pro_inst_id", "restarted_proc_inst_id_"),
)


class HiTaskinstColumns(TypedColumns):
    """Columns of ACT_HI_TASKINST."""

    id_: Named[str] = Column(String(64), primary_key=True)
    task_def_key_: Named[str | None] = Column(String(255))
    proc_def_key_: Named[str | None] = Column(String(255))
    proc_def_id_: Named[str | None] = Column(String(64))
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    proc_inst_id_: Named[str | None] = Column(String(64))
    execution_id_: Named[str | None] = Column(String(64))
    case_def_key_: Named[str | None] = Column(String(255))
    case_def_id_: Named[str | None] = Column(String(64))
    case_inst_id_: Named[str | None] = Column(String(64))
    case_execution_id_: Named[str | None] = Column(String(64))
    act_inst_id_: Named[str | None] = Column(String(64))
    name_: Named[str | None] = Column(String(255))
    parent_task_id_: Named[str | None] = Column(String(64))
    description_: Named[str | None] = Column(String(4000))
    owner_: Named[str | None] = Column(String(255))
    assignee_: Named[str | None] = Column(String(255))
    start_time_: Named[datetime] = Column(DateTime(), nullable=False)
    end_time_: Named[datetime | None] = Column(DateTime())
    duration_: Named[int | None] = Column(BigInteger())
    delete_reason_: Named[str | None] = Column(String(4000))
    priority_: Named[int | None] = Column(Integer())
    due_date_: Named[datetime | None] = Column(DateTime())
    follow_up_date_: Named[datetime | None] = Column(DateTime())
    tenant_id_: Named[str | None] = Column(String(64))
    removal_time_: Named[datetime | None] = Column(DateTime())
    task_state_: Named[str | None] = Column(String(64))


act_hi_taskinst = Table(
    "act_hi_taskinst",
    metadata,
    HiTaskinstColumns,
    Index("act_idx_hi_task_inst_end", "end_time_"),
    Index("act_idx_hi_task_inst_proc_def_key", "proc_def_key_"),
    Index("act_idx_hi_task_inst_rm_time", "removal_time_"),
    Index("act_idx_hi_task_inst_start", "start_time_"),
    Index("act_idx_hi_task_inst_tenant_id", "tenant_id_"),
    Index("act_idx_hi_taskinst_procinst", "proc_inst_id_"),
    Index("act_idx_hi_taskinst_root_pi", "root_proc_inst_id_"),
    Index("act_idx_hi_taskinstid_procinst", "id_", "proc_inst_id_"),
)


class HiVarinstColumns(TypedColumns):
    """Columns of ACT_HI_VARINST."""

    id_: Named[str] = Column(String(64), primary_key=True)
    proc_def_key_: Named[str | None] = Column(String(255))
    proc_def_id_: Named[str | None] = Column(String(64))
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    proc_inst_id_: Named[str | None] = Column(String(64))
    execution_id_: Named[str | None] = Column(String(64))
    act_inst_id_: Named[str | None] = Column(String(64))
    case_def_key_: Named[str | None] = Column(String(255))
    case_def_id_: Named[str | None] = Column(String(64))
    case_inst_id_: Named[str | None] = Column(String(64))
    case_execution_id_: Named[str | None] = Column(String(64))
    task_id_: Named[str | None] = Column(String(64))
    name_: Named[str] = Column(String(255), nullable=False)
    var_type_: Named[str | None] = Column(String(100))
    create_time_: Named[datetime | None] = Column(DateTime())
    rev_: Named[int | None] = Column(Integer())
    bytearray_id_: Named[str | None] = Column(String(64))
    double_: Named[float | None] = Column(Double[float]())
    long_: Named[int | None] = Column(BigInteger())
    text_: Named[str | None] = Column(String(4000))
    text2_: Named[str | None] = Column(String(4000))
    tenant_id_: Named[str | None] = Column(String(64))
    state_: Named[str | None] = Column(String(20))
    removal_time_: Named[datetime | None] = Column(DateTime())


act_hi_varinst = Table(
    "act_hi_varinst",
    metadata,
    HiVarinstColumns,
    Index("act_idx_hi_casevar_case_inst", "case_inst_id_"),
    Index("act_idx_hi_procvar_name_type", "name_", "var_type_"),
    Index("act_idx_hi_procvar_proc_inst", "proc_inst_id_"),
    Index("act_idx_hi_var_inst_proc_def_key", "proc_def_key_"),
    Index("act_idx_hi_var_inst_tenant_id", "tenant_id_"),
    Index("act_idx_hi_var_pi_name_type", "proc_inst_id_", "name_", "var_type_"),
    Index("act_idx_hi_varinst_act_inst_id", "act_inst_id_"),
    Index("act_idx_hi_varinst_bytear", "bytearray_id_"),
    Index("act_idx_hi_varinst_name", "name_"),
    Index("act_idx_hi_varinst_rm_time", "removal_time_"),
    Index("act_idx_hi_varinst_root_pi", "root_proc_inst_id_"),
)
