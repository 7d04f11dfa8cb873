"""Deployments and definitions (ACT_RE_*).

Names are in lower case: the family's DDL is unquoted, so databases fold it.
"""

from datetime import datetime

from sqlalchemy import (
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


class ReCamformdefColumns(TypedColumns):
    """Columns of ACT_RE_CAMFORMDEF."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    key_: Named[str] = Column(String(255), nullable=False)
    version_: Named[int] = Column(Integer(), nullable=False)
    deployment_id_: Named[str | None] = Column(String(64))
    resource_name_: Named[str | None] = Column(String(4000))
    tenant_id_: Named[str | None] = Column(String(64))


act_re_camformdef = Table(
    "act_re_camformdef",
    metadata,
    ReCamformdefColumns,
)


class ReCaseDefColumns(TypedColumns):
    """Columns of ACT_RE_CASE_DEF."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    category_: Named[str | None] = Column(String(255))
    name_: Named[str | None] = Column(String(255))
    key_: Named[str] = Column(String(255), nullable=False)
    version_: Named[int] = Column(Integer(), nullable=False)
    deployment_id_: Named[str | None] = Column(String(64))
    resource_name_: Named[str | None] = Column(String(4000))
    dgrm_resource_name_: Named[str | None] = Column(String(4000))
    tenant_id_: Named[str | None] = Column(String(64))
    history_ttl_: Named[int | None] = Column(Integer())


act_re_case_def = Table(
    "act_re_case_def",
    metadata,
    ReCaseDefColumns,
    Index("act_idx_case_def_tenant_id", "tenant_id_"),
)


class ReDecisionDefColumns(TypedColumns):
    """Columns of ACT_RE_DECISION_DEF."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    category_: Named[str | None] = Column(String(255))
    name_: Named[str | None] = Column(String(255))
    key_: Named[str] = Column(String(255), nullable=False)
    version_: Named[int] = Column(Integer(), nullable=False)
    deployment_id_: Named[str | None] = Column(String(64))
    resource_name_: Named[str | None] = Column(String(4000))
    dgrm_resource_name_: Named[str | None] = Column(String(4000))
    dec_req_id_: Named[str | None] = Column(String(64))
    dec_req_key_: Named[str | None] = Column(String(255))
    tenant_id_: Named[str | None] = Column(String(64))
    history_ttl_: Named[int | None] = Column(Integer())
    version_tag_: Named[str | None] = Column(String(64))


act_re_decision_def = Table(
    "act_re_decision_def",
    metadata,
    ReDecisionDefColumns,
    ForeignKeyConstraint(["dec_req_id_"], ["act_re_decision_req_def.id_"], name="act_fk_dec_req"),
    Index("act_idx_dec_def_req_id", "dec_req_id_"),
    Index("act_idx_dec_def_tenant_id", "tenant_id_"),
)


class ReDecisionReqDefColumns(TypedColumns):
    """Columns of ACT_RE_DECISION_REQ_DEF."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    category_: Named[str | None] = Column(String(255))
    name_: Named[str | None] = Column(String(255))
    key_: Named[str] = Column(String(255), nullable=False)
    version_: Named[int] = Column(Integer(), nullable=False)
    deployment_id_: Named[str | None] = Column(String(64))
    resource_name_: Named[str | None] = Column(String(4000))
    dgrm_resource_name_: Named[str | None] = Column(String(4000))
    tenant_id_: Named[str | None] = Column(String(64))


act_re_decision_req_def = Table(
    "act_re_decision_req_def",
    metadata,
    ReDecisionReqDefColumns,
    Index("act_idx_dec_req_def_tenant_id", "tenant_id_"),
)


class ReDeploymentColumns(TypedColumns):
    """Columns of ACT_RE_DEPLOYMENT."""

    id_: Named[str] = Column(String(64), primary_key=True)
    name_: Named[str | None] = Column(String(255))
    deploy_time_: Named[datetime | None] = Column(DateTime())
    source_: Named[str | None] = Column(String(255))
    tenant_id_: Named[str | None] = Column(String(64))


act_re_deployment = Table(
    "act_re_deployment",
    metadata,
    ReDeploymentColumns,
    Index("act_idx_deployment_name", "name_"),
    Index("act_idx_deployment_tenant_id", "tenant_id_"),
)


class ReProcdefColumns(TypedColumns):
    """Columns of ACT_RE_PROCDEF."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    category_: Named[str | None] = Column(String(255))
    name_: Named[str | None] = Column(String(255))
    key_: Named[str] = Column(String(255), nullable=False)
    version_: Named[int] = Column(Integer(), nullable=False)
    deployment_id_: Named[str | None] = Column(String(64))
    resource_name_: Named[str | None] = Column(String(4000))
    dgrm_resource_name_: Named[str | None] = Column(String(4000))
    has_start_form_key_: Named[bool | None] = Column(Boolean())
    suspension_state_: Named[int | None] = Column(Integer())
    tenant_id_: Named[str | None] = Column(String(64))
    version_tag_: Named[str | None] = Column(String(64))
    history_ttl_: Named[int | None] = Column(Integer())
    startable_: Named[bool] = Column(Boolean(), nullable=False, server_default=text("true"))


act_re_procdef = Table(
    "act_re_procdef",
    metadata,
    ReProcdefColumns,
    Index("act_idx_procdef_deployment_id", "deployment_id_"),
    Index("act_idx_procdef_tenant_id", "tenant_id_"),
    Index("act_idx_procdef_ver_tag", "version_tag_"),
)
