"""The Java engine as the oracle: snapshots of scenarios, what it makes of them, whether it goes on from them."""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from support.peer import dumps
from support.peer.databases import Databases
from support.peer.labels import Labels
from support.peer.program import MODELS, JavaError, Shell, source_key
from support.peer.scenarios import Scenario

WORKER = os.environ.get("PYTEST_XDIST_WORKER")
PREFIX = f"peer_{WORKER}" if WORKER else "peer"
"""How names of databases begin: workers side by side may be on one server, and none touches what another made."""
LONGEST_NAME = 63
"""PostgreSQL cuts off what is longer, and does not find a name again that it has cut."""
COPY = f"{PREFIX}_copy_{os.getpid()}"
"""The database on which operations are run; others may use the server's snapshots at the same time."""


@dataclass(frozen=True)
class Snapshot:
    """A scenario's database before the operation.

    Attributes:
        scenario: What it is the snapshot of.
        server: Where it is.
        database: Its name; never written to again, only copied.
        operation: The scenario's operation with ids in the place of references; `items` are those that a synchronous
            method is given.
    """

    scenario: Scenario
    server: Databases
    database: str
    operation: dict[str, Any]

    @cached_property
    def tables(self) -> dumps.Tables:
        return dumps.read(self.server, self.database)

    @cached_property
    def labels(self) -> Labels:
        return Labels(self.tables)

    def normalised(self, tables: dumps.Tables) -> dumps.Tables:
        """A dump of a database that started from this snapshot, comparable with others that did."""
        return Labels(tables, self.labels).apply(tables)

    def of_good_items(self) -> "Snapshot":
        """The same snapshot and its operation, on those items only that can be done."""
        good = self.operation["good"]
        return replace(self, operation=self.operation | {"ids": good, "items": good})

    def as_batch(self) -> "Snapshot":
        """The same snapshot and its operation as a Batch does it: callers first, without what goes with them."""
        if "inBatch" not in self.operation:
            return self
        items = self.operation["inBatch"]
        return replace(self, operation=self.operation | {"ids": items, "items": items})

    def restore(self, database: str) -> None:
        self.server.copy(self.database, database)


class Oracle:
    """The Java engine on a server's databases."""

    def __init__(self, server: Databases, shell: Shell) -> None:
        self._server = server
        self._shell = shell

    def snapshot(self, scenario: Scenario) -> Snapshot:
        """The scenario's snapshot, set up by the Java engine if the server has none of this state of it.

        The operation is kept as the database's comment: it is written last, so a snapshot without one is unfinished.
        """
        key = f"_{scenario.key()[:6]}{source_key()[:6]}"
        stem = _stem(scenario.name, LONGEST_NAME - len(key))
        database = stem + key
        operation = self._server.comment(database)
        if operation is None:
            self._drop_older(stem, len(database))
            operation = self._set_up(scenario, database)
        return Snapshot(scenario, self._server, database, json.loads(operation))

    def apply(self, snapshot: Snapshot, database: str, *flags: str) -> JavaError | None:
        """Run the operation by the Java engine on a copy of the snapshot; the error it ended with, if it did."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(snapshot.operation, file)
            file.flush()
            try:
                self._shell("apply", file.name, *flags, database=database, engine=snapshot.scenario.engine)
            except JavaError as error:
                return error
        return None

    def carry_on(self, snapshot: Snapshot, database: str, *flags: str) -> dict[str, int]:
        """Work on all that is left until it has ended; the runtime rows that stay although nothing runs any more."""
        return self._shell("carry-on", *flags, database=database, engine=snapshot.scenario.engine)["leftovers"]

    def delete_batches(self, snapshot: Snapshot, database: str) -> None:
        """Let the Java engine remove all of its batches, and leave their history."""
        self._shell("delete-batches", database=database, engine=snapshot.scenario.engine)

    def suspend_batches(self, snapshot: Snapshot, database: str) -> None:
        """Let the Java engine suspend all of its batches."""
        self._shell("suspend-batches", database=database, engine=snapshot.scenario.engine)

    def empty(self, engine: Mapping[str, Any]) -> str:
        """A database with the Java engine's schema and nothing else; the history level is part of it."""
        settings = {"history": engine.get("history", "full")}
        database = f"{PREFIX}_empty_{settings['history']}_{source_key()[:6]}"
        if self._server.comment(database) is None:
            self._server.drop(database)
            self._server.create(database)
            self._shell("schema", database=database, engine=settings)
            self._server.set_comment(database, "complete")
        return database

    def fill(self, scenario: Scenario, database: str) -> str:
        """Set the scenario up in a database with the schema; the operation, its references resolved, as JSON."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "scenario.json"
            file.write_text(json.dumps(scenario.given))
            words = ("setup", file, "--models", MODELS)
            return json.dumps(self._shell(*words, database=database, engine=scenario.engine)["operation"])

    def _set_up(self, scenario: Scenario, database: str) -> str:
        self._server.copy(self.empty(scenario.engine), database)
        operation = self.fill(scenario, database)
        self._server.rewrite(database, "act_ru_%")
        self._server.set_comment(database, operation)
        return operation

    def _drop_older(self, stem: str, length: int) -> None:
        for name in self._server.names():
            if name.startswith(f"{stem}_") and len(name) == length:
                self._server.drop(name)


def _stem(name: str, length: int) -> str:
    """How the names of a scenario's databases begin, and no other scenario's; of a long name the end is its sum."""
    stem, name_sum = f"{PREFIX}_{name.replace('-', '_')}", hashlib.sha256(name.encode()).hexdigest()[:6]
    return stem if len(stem) <= length else f"{stem[: length - len(name_sum)]}{name_sum}"
