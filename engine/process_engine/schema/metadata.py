"""The one metadata that all ACT_* tables belong to."""

from sqlalchemy import MetaData

metadata = MetaData()
