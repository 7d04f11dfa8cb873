"""Users, groups and tenants (ACT_ID_*).

Names are in lower case: the family's DDL is unquoted, so databases fold it.
"""

from datetime import datetime

from sqlalchemy import (
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
    UniqueConstraint,
)

from process_engine.schema.metadata import metadata


class IdGroupColumns(TypedColumns):
    """Columns of ACT_ID_GROUP."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    name_: Named[str | None] = Column(String(255))
    type_: Named[str | None] = Column(String(255))


act_id_group = Table(
    "act_id_group",
    metadata,
    IdGroupColumns,
)


class IdInfoColumns(TypedColumns):
    """Columns of ACT_ID_INFO."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    user_id_: Named[str | None] = Column(String(64))
    type_: Named[str | None] = Column(String(64))
    key_: Named[str | None] = Column(String(255))
    value_: Named[str | None] = Column(String(255))
    password_: Named[bytes | None] = Column(LargeBinary())
    parent_id_: Named[str | None] = Column(String(255))


act_id_info = Table(
    "act_id_info",
    metadata,
    IdInfoColumns,
)


class IdMembershipColumns(TypedColumns):
    """Columns of ACT_ID_MEMBERSHIP."""

    user_id_: Named[str] = Column(String(64), primary_key=True)
    group_id_: Named[str] = Column(String(64), primary_key=True)


act_id_membership = Table(
    "act_id_membership",
    metadata,
    IdMembershipColumns,
    ForeignKeyConstraint(["group_id_"], ["act_id_group.id_"], name="act_fk_memb_group"),
    ForeignKeyConstraint(["user_id_"], ["act_id_user.id_"], name="act_fk_memb_user"),
    Index("act_idx_memb_group", "group_id_"),
    Index("act_idx_memb_user", "user_id_"),
)


class IdTenantColumns(TypedColumns):
    """Columns of ACT_ID_TENANT."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    name_: Named[str | None] = Column(String(255))


act_id_tenant = Table(
    "act_id_tenant",
    metadata,
    IdTenantColumns,
)


class IdTenantMemberColumns(TypedColumns):
    """Columns of ACT_ID_TENANT_MEMBER."""

    id_: Named[str] = Column(String(64), primary_key=True)
    tenant_id_: Named[str] = Column(String(64), nullable=False)
    user_id_: Named[str | None] = Column(String(64))
    group_id_: Named[str | None] = Column(String(64))


act_id_tenant_member = Table(
    "act_id_tenant_member",
    metadata,
    IdTenantMemberColumns,
    ForeignKeyConstraint(["tenant_id_"], ["act_id_tenant.id_"], name="act_fk_tenant_memb"),
    ForeignKeyConstraint(["group_id_"], ["act_id_group.id_"], name="act_fk_tenant_memb_group"),
    ForeignKeyConstraint(["user_id_"], ["act_id_user.id_"], name="act_fk_tenant_memb_user"),
    UniqueConstraint("tenant_id_", "group_id_", name="act_uniq_tenant_memb_group"),
    UniqueConstraint("tenant_id_", "user_id_", name="act_uniq_tenant_memb_user"),
    Index("act_idx_tenant_memb", "tenant_id_"),
    Index("act_idx_tenant_memb_group", "group_id_"),
    Index("act_idx_tenant_memb_user", "user_id_"),
)


class IdUserColumns(TypedColumns):
    """Columns of ACT_ID_USER."""

    id_: Named[str] = Column(String(64), primary_key=True)
    rev_: Named[int | None] = Column(Integer())
    first_: Named[str | None] = Column(String(255))
    last_: Named[str | None] = Column(String(255))
    email_: Named[str | None] = Column(String(255))
    pwd_: Named[str | None] = Column(String(255))
    salt_: Named[str | None] = Column(String(255))
    lock_exp_time_: Named[datetime | None] = Column(DateTime())
    attempts_: Named[int | None] = Column(Integer())
    picture_id_: Named[str | None] = Column(String(64))


act_id_user = Table(
    "act_id_user",
    metadata,
    IdUserColumns,
)
