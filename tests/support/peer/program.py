"""The Java program around the real Operaton engine: built once outside of the checkout, then driven as one warm JVM."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from support.maven import JavaProgram
from support.peer.databases import Databases

PEER = Path(__file__).resolve().parents[2] / "peer"
MODELS = PEER / "models"
PROGRAM = JavaProgram(PEER)


class JavaError(Exception):
    """An error of the Java engine: the simple name of its exception, and its message."""

    def __init__(self, error: Mapping[str, str | None]) -> None:
        self.type = error["type"]
        self.message = error["message"]
        super().__init__(f"{self.type}: {self.message}")


def source_key() -> str:
    """Tells one state of the Java sources from another."""
    return PROGRAM.key


def jar() -> Path:
    """The program, built if these sources were not built before."""
    return PROGRAM.target / "peer.jar"


class Shell:
    """One JVM that answers one verb after another."""

    def __init__(self, server: Databases) -> None:
        self._server = server

    def __enter__(self) -> Self:
        java = os.environ.get("PROCESS_BATCH_TEST_JAVA", "java")
        command = [java, "-Xmx3g", "-XX:+UseSerialGC", "-jar", str(jar()), "shell"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.communicate()

    def __call__(self, *words: object, database: str, engine: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Run a verb on a database.

        Args:
            words: The verb and what follows it, as the program's usage has it.
            database: On the shell's server.
            engine: What a scenario says of its engine.

        Raises:
            JavaError: The engine refused or failed.
        """
        options = ["--url", self._server.jdbc_url(database), "--engine", json.dumps(engine or {})]
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([*map(str, words), *options]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise JavaError(answer["error"])
        return answer
