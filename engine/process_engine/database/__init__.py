"""Databases: what all share, and one module for what each says or does in its own way.

- `database`: the questions that a database answers. A further one is a module
  with an answer to each, and an import here.
- `postgresql`, `sqlite`: the answers.
- `urls`: URLs and connections. `lists`, `tables`: many values, and many rows, in a constant number of parameters.
  `elements`: conditions and expressions that are compiled by each database's module.
"""

from process_engine.database.database import Database, database_named, database_of, known_databases
from process_engine.database.elements import (
    NOW,
    AnyRow,
    holds,
    in_parameter,
    in_subquery,
    in_values,
    list_of,
    milliseconds_since,
)
from process_engine.database.lists import StringList
from process_engine.database.postgresql import POSTGRESQL
from process_engine.database.sqlite import SQLITE
from process_engine.database.tables import row_values, values_parameter, values_table
from process_engine.database.urls import connect, database_url

__all__ = [
    "NOW",
    "POSTGRESQL",
    "SQLITE",
    "AnyRow",
    "Database",
    "StringList",
    "connect",
    "database_named",
    "database_of",
    "database_url",
    "holds",
    "in_parameter",
    "in_subquery",
    "in_values",
    "known_databases",
    "list_of",
    "milliseconds_since",
    "row_values",
    "values_parameter",
    "values_table",
]
