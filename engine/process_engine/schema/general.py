"""Properties, byte arrays and the schema's log (ACT_GE_*).

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
    LargeBinary,
    Named,
    String,
    Table,
    TypedColumns,
)

from process_engine.schema.metadata import metadata


class GeBytearrayColumns(TypedColumns):
    """Columns of ACT_GE_BYTEARRAY."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    name_: Named[str | None] = Column(String(255))
    deployment_id_: Named[str | None] = Column(String(64))
    bytes_: Named[bytes | None] = Column(LargeBinary())
    generated_: Named[bool | None] = Column(Boolean())
    tenant_id_: Named[str | None] = Column(String(64))
    type_: Named[int | None] = Column(Integer())
    create_time_: Named[datetime | None] = Column(DateTime())
    root_proc_inst_id_: Named[str | None] = Column(String(64))
    removal_time_: Named[datetime | None] = Column(DateTime())


act_ge_bytearray = Table(
    "act_ge_bytearray",
    metadata,
    GeBytearrayColumns,
    ForeignKeyConstraint(["deployment_id_"], ["act_re_deployment.id_"], name="act_fk_bytearr_depl"),
    Index("act_idx_bytear_depl", "deployment_id_"),
    Index("act_idx_bytearray_name", "name_"),
    Index("act_idx_bytearray_rm_time", "removal_time_"),
    Index("act_idx_bytearray_root_pi", "root_proc_inst_id_"),
)


class GePropertyColumns(TypedColumns):
    """Columns of ACT_GE_PROPERTY."""

    name_: Named[str] = Column(String(64), primary_key=True)
    value_: Named[str | None] = Column(String(300))
    rev_: Named[int | None] = Column(Integer())


act_ge_property = Table(
    "act_ge_property",
    metadata,
    GePropertyColumns,
)


class GeSchemaLogColumns(TypedColumns):
    """Columns of ACT_GE_SCHEMA_LOG."""

    id_: Named[str] = Column(String(64), primary_key=True)
    timestamp_: Named[datetime | None] = Column(DateTime())
    version_: Named[str | None] = Column(String(255))


act_ge_schema_log = Table(
    "act_ge_schema_log",
    metadata,
    GeSchemaLogColumns,
)
