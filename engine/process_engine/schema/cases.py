"""Case instances and decisions (CMMN, DMN): part of the schema, read and written by no operation here.

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
    TypedColumns,
    UniqueConstraint,
)

from process_engine.schema.metadata import metadata


class HiCaseactinstColumns(TypedColumns):
    """Columns of ACT_HI_CASEACTINST."""

    id_: Named[str] = Column(String(64), primary_key=True)
    parent_act_inst_id_: Named[str | None] = Column(String(64))
    case_def_id_: Named[str] = Column(String(64), nullable=False)
    case_inst_id_: Named[str] = Column(String(64), nullable=False)
    case_act_id_: Named[str] = Column(String(255), nullable=False)
    task_id_: Named[str | None] = Column(String(64))
    call_proc_inst_id_: Named[str | None] = Column(String(64))
    call_case_inst_id_: Named[str | None] = Column(String(64))
    case_act_name_: Named[str | None] = Column(String(255))
    case_act_type_: Named[str | None] = Column(String(255))
    create_time_: Named[datetime] = Column(DateTime(), nullable=False)
    end_time_: Named[datetime | None] = Column(DateTime())
    duration_: Named[int | None] = Column(BigInteger())
    state_: Named[int | None] = Column(Integer())
    required_: Named[bool | None] = Column(Boolean())
    tenant_id_: Named[str | None] = Column(String(64))


act_hi_caseactinst = Table(
    "act_hi_caseactinst",
    metadata,
    HiCaseactinstColumns,
    Index("act_idx_hi_cas_a_i_comp", "case_act_id_", "end_time_", "id_"),
    Index("act_idx_hi_cas_a_i_create", "create_time_"),
    Index("act_idx_hi_cas_a_i_end", "end_time_"),
    Index("act_idx_hi_cas_a_i_tenant_id", "tenant_id_"),
)


class HiCaseinstColumns(TypedColumns):
    """Columns of ACT_HI_CASEINST."""

    id_: Named[str] = Column(String(64), primary_key=True)
    case_inst_id_: Named[str] = Column(String(64), nullable=False)
    business_key_: Named[str | None] = Column(String(255))
    case_def_id_: Named[str] = Column(String(64), nullable=False)
    create_time_: Named[datetime] = Column(DateTime(), nullable=False)
    close_time_: Named[datetime | None] = Column(DateTime())
    duration_: Named[int | None] = Column(BigInteger())
    state_: Named[int | None] = Column(Integer())
    create_user_id_: Named[str | None] = Column(String(255))
    super_case_instance_id_: Named[str | None] = Column(String(64))
    super_process_instance_id_: Named[str | None] = Column(String(64))
    tenant_id_: Named[str | None] = Column(String(64))


act_hi_caseinst = Table(
    "act_hi_caseinst",
    metadata,
    HiCaseinstColumns,
    UniqueConstraint("case_inst_id_", name="act_hi_caseinst_case_inst_id__key"),
    Index("act_idx_hi_cas_i_buskey", "business_key_"),
    Index("act_idx_hi_cas_i_close", "close_time_"),
    Index("act_idx_hi_cas_i_tenant_id", "tenant_id_"),
)


class HiDecInColumns(TypedColumns):
    """Columns of ACT_HI_DEC_IN."""

    id_: Named[str] = Column(String(64), primary_key=True)
    dec_inst_id_: Named[str] = Column(String(64), nullable=False)
    clause_id_: Named[str | None] = Column(String(64))
    clause_name_: Named[str | None] = Column(String(255))
    var_type_: Named[str | None] = Column(String(100))
    bytearray_id_: Named[str | None] = Column(String(64))
    double_: Named[float | None] = Column(Double[float]())
    long_: Named[int | None] = Column(BigInteger())
    text_: Named[str | None] = Column(String(4000))
    text2_: Named[str | None] = Column(String(4000))
    tenant_id_: Named[str | None] = Column(String(64))
    create_time_: Named[datetime | None] = Column(DateTime())
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    removal_time_: Named[datetime | None] = Column(DateTime())


act_hi_dec_in = Table(
    "act_hi_dec_in",
    metadata,
    HiDecInColumns,
    Index("act_idx_hi_dec_in_clause", "dec_inst_id_", "clause_id_"),
    Index("act_idx_hi_dec_in_inst", "dec_inst_id_"),
    Index("act_idx_hi_dec_in_rm_time", "removal_time_"),
    Index("act_idx_hi_dec_in_root_pi", "root_proc_inst_id_"),
)


class HiDecOutColumns(TypedColumns):
    """Columns of ACT_HI_DEC_OUT."""

    id_: Named[str] = Column(String(64), primary_key=True)
    dec_inst_id_: Named[str] = Column(String(64), nullable=False)
    clause_id_: Named[str | None] = Column(String(64))
    clause_name_: Named[str | None] = Column(String(255))
    rule_id_: Named[str | None] = Column(String(64))
    rule_order_: Named[int | None] = Column(Integer())
    var_name_: Named[str | None] = Column(String(255))
    var_type_: Named[str | None] = Column(String(100))
    bytearray_id_: Named[str | None] = Column(String(64))
    double_: Named[float | None] = Column(Double[float]())
    long_: Named[int | None] = Column(BigInteger())
    text_: Named[str | None] = Column(String(4000))
    text2_: Named[str | None] = Column(String(4000))
    tenant_id_: Named[str | None] = Column(String(64))
    create_time_: Named[datetime | None] = Column(DateTime())
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    removal_time_: Named[datetime | None] = Column(DateTime())


act_hi_dec_out = Table(
    "act_hi_dec_out",
    metadata,
    HiDecOutColumns,
    Index("act_idx_hi_dec_out_inst", "dec_inst_id_"),
    Index("act_idx_hi_dec_out_rm_time", "removal_time_"),
    Index("act_idx_hi_dec_out_root_pi", "root_proc_inst_id_"),
    Index("act_idx_hi_dec_out_rule", "rule_order_", "clause_id_"),
)


class HiDecinstColumns(TypedColumns):
    """Columns of ACT_HI_DECINST."""

    id_: Named[str] = Column(String(64), primary_key=True)
    dec_def_id_: Named[str] = Column(String(64), nullable=False)
    dec_def_key_: Named[str] = Column(String(255), nullable=False)
    dec_def_name_: Named[str | None] = Column(String(255))
    proc_def_key_: Named[str | None] = Column(String(255))
    proc_def_id_: Named[str | None] = Column(String(64))
    proc_inst_id_: Named[str | None] = Column(String(64))
    case_def_key_: Named[str | None] = Column(String(255))
    case_def_id_: Named[str | None] = Column(String(64))
    case_inst_id_: Named[str | None] = Column(String(64))
    act_inst_id_: Named[str | None] = Column(String(64))
    act_id_: Named[str | None] = Column(String(255))
    eval_time_: Named[datetime] = Column(DateTime(), nullable=False)
    removal_time_: Named[datetime | None] = Column(DateTime())
    collect_value_: Named[float | None] = Column(Double[float]())
    user_id_: Named[str | None] = Column(String(255))
    root_dec_inst_id_: Named[str | None] = Column(String(64))
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    dec_req_id_: Named[str | None] = Column(String(64))
    dec_req_key_: Named[str | None] = Column(String(255))
    tenant_id_: Named[str | None] = Column(String(64))


act_hi_decinst = Table(
    "act_hi_decinst",
    metadata,
    HiDecinstColumns,
    Index("act_idx_hi_dec_inst_act", "act_id_"),
    Index("act_idx_hi_dec_inst_act_inst", "act_inst_id_"),
    Index("act_idx_hi_dec_inst_ci", "case_inst_id_"),
    Index("act_idx_hi_dec_inst_id", "dec_def_id_"),
    Index("act_idx_hi_dec_inst_key", "dec_def_key_"),
    Index("act_idx_hi_dec_inst_pi", "proc_inst_id_"),
    Index("act_idx_hi_dec_inst_req_id", "dec_req_id_"),
    Index("act_idx_hi_dec_inst_req_key", "dec_req_key_"),
    Index("act_idx_hi_dec_inst_rm_time", "removal_time_"),
    Index("act_idx_hi_dec_inst_root_id", "root_dec_inst_id_"),
    Index("act_idx_hi_dec_inst_root_pi", "root_proc_inst_id_"),
    Index("act_idx_hi_dec_inst_tenant_id", "tenant_id_"),
    Index("act_idx_hi_dec_inst_time", "eval_time_"),
)


class RuCaseExecutionColumns(TypedColumns):
    """Columns of ACT_RU_CASE_EXECUTION."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    case_inst_id_: Named[str | None] = Column(String(64))
    super_case_exec_: Named[str | None] = Column(String(64))
    super_exec_: Named[str | None] = Column(String(64))
    business_key_: Named[str | None] = Column(String(255))
    parent_id_: Named[str | None] = Column(String(64))
    case_def_id_: Named[str | None] = Column(String(64))
    act_id_: Named[str | None] = Column(String(255))
    prev_state_: Named[int | None] = Column(Integer())
    current_state_: Named[int | None] = Column(Integer())
    required_: Named[bool | None] = Column(Boolean())
    tenant_id_: Named[str | None] = Column(String(64))


act_ru_case_execution = Table(
    "act_ru_case_execution",
    metadata,
    RuCaseExecutionColumns,
    ForeignKeyConstraint(["case_def_id_"], ["act_re_case_def.id_"], name="act_fk_case_exe_case_def"),
    ForeignKeyConstraint(["case_inst_id_"], ["act_ru_case_execution.id_"], name="act_fk_case_exe_case_inst"),
    ForeignKeyConstraint(["parent_id_"], ["act_ru_case_execution.id_"], name="act_fk_case_exe_parent"),
    Index("act_idx_case_exe_case_def", "case_def_id_"),
    Index("act_idx_case_exe_case_inst", "case_inst_id_"),
    Index("act_idx_case_exe_parent", "parent_id_"),
    Index("act_idx_case_exec_buskey", "business_key_"),
    Index("act_idx_case_exec_tenant_id", "tenant_id_"),
)


class RuCaseSentryPartColumns(TypedColumns):
    """Columns of ACT_RU_CASE_SENTRY_PART."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    case_inst_id_: Named[str | None] = Column(String(64))
    case_exec_id_: Named[str | None] = Column(String(64))
    sentry_id_: Named[str | None] = Column(String(255))
    type_: Named[str | None] = Column(String(255))
    source_case_exec_id_: Named[str | None] = Column(String(64))
    standard_event_: Named[str | None] = Column(String(255))
    source_: Named[str | None] = Column(String(255))
    variable_event_: Named[str | None] = Column(String(255))
    variable_name_: Named[str | None] = Column(String(255))
    satisfied_: Named[bool | None] = Column(Boolean())
    tenant_id_: Named[str | None] = Column(String(64))


act_ru_case_sentry_part = Table(
    "act_ru_case_sentry_part",
    metadata,
    RuCaseSentryPartColumns,
    ForeignKeyConstraint(["case_exec_id_"], ["act_ru_case_execution.id_"], name="act_fk_case_sentry_case_exec"),
    ForeignKeyConstraint(["case_inst_id_"], ["act_ru_case_execution.id_"], name="act_fk_case_sentry_case_inst"),
    Index("act_idx_case_sentry_case_exec", "case_exec_id_"),
    Index("act_idx_case_sentry_case_inst", "case_inst_id_"),
)
