"""The family's tables: declared, created, and recognised in a database that exists."""
