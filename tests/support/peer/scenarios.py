"""Scenarios: what is deployed, how instances get to their state, which operation is then compared."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from support.peer.program import MODELS, PEER

FOLDER = PEER / "scenarios"
OFFERED = ("cancellation", "historicDeletion", "jobRetries", "externalTaskRetries", "migration")
"""The operation types that our engine has; the scenarios of the others wait for theirs."""


@dataclass(frozen=True)
class Scenario:
    """One scenario as its file has it.

    Attributes:
        name: Unique among all files.
        given: All of its members.
    """

    name: str
    given: dict[str, Any]

    @property
    def operation_type(self) -> str:
        return self.given["operation"]["type"]

    @property
    def engine(self) -> dict[str, Any]:
        """What both engines are told: history level, and what stands in `ProcessEngine.spec.engine`."""
        return self.given.get("engine", {})

    @property
    def refused(self) -> bool:
        """The engine must refuse the operation and change nothing."""
        return self.given.get("refused", False)

    @property
    def only_synchronous(self) -> bool:
        """What the method is given no batch takes."""
        return self.given.get("onlySynchronous", False)

    @property
    def has_batch(self) -> bool:
        """The Java engine's batch, whose jobs it runs in any order, leaves what its method does with the list."""
        is_told_apart = "inBatch" in self.given["operation"] or self.given.get("javaBatchForgets", False)
        return not self.only_synchronous and not self.in_any_order and not is_told_apart

    @property
    def needs_jvm(self) -> bool:
        """Only the Java engine can do the operation: something in a model is to be run that is Java's."""
        return self.given.get("needsJvm", False)

    @property
    def needs_scripts(self) -> bool:
        """The Java engine needs a scripting engine for it, and the JVM of the tests has none."""
        return self.given.get("needsScripts", False)

    @property
    def stuck(self) -> bool:
        """The Java engine cannot carry on from what its own operation leaves."""
        return self.given.get("stuck", False)

    @property
    def in_any_order(self) -> bool:
        """The Java engine handles siblings in the order of its objects' addresses, and what it leaves depends on it."""
        return self.given.get("inAnyOrder", False)

    def key(self) -> str:
        """Tells this state of the scenario and of its models from another."""
        files = [model if isinstance(model, str) else model["file"] for model in self.given["deploy"]]
        content = json.dumps(self.given, sort_keys=True) + "".join((MODELS / file).read_text() for file in files)
        return hashlib.sha256(content.encode()).hexdigest()[:12]


def load(folder: Path = FOLDER) -> list[Scenario]:
    """All scenarios, by file and in their order in it."""
    found = [Scenario(given["name"], given) for file in sorted(folder.glob("*.yaml")) for given in _read(file)]
    names = [scenario.name for scenario in found]
    if len(set(names)) < len(names):
        raise ValueError(f"two scenarios have one name: {sorted({name for name in names if names.count(name) > 1})}")
    return found


def _read(file: Path) -> list[dict[str, Any]]:
    return yaml.safe_load(file.read_text())


def offered() -> list[Scenario]:
    """Those of the operations that our engine has."""
    return [scenario for scenario in load() if scenario.operation_type in OFFERED]
