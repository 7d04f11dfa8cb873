"""The Java program around the real Operaton engine: built once outside of the checkout, then driven as one warm JVM."""

import errno
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from support.peer.databases import Databases

PEER = Path(__file__).resolve().parents[2] / "peer"
MODELS = PEER / "models"


class JavaError(Exception):
    """An error of the Java engine: the simple name of its exception, and its message."""

    def __init__(self, error: Mapping[str, str | None]) -> None:
        self.type = error["type"]
        self.message = error["message"]
        super().__init__(f"{self.type}: {self.message}")


def cache_directory() -> Path:
    """Where what is built goes: never into the checkout."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "process-batch" / "peer"


def source_files() -> list[Path]:
    return [PEER / "pom.xml", *sorted((PEER / "src").rglob("*.java"))]


@cache
def source_key() -> str:
    """Tells one state of the Java sources from another."""
    content = b"\0".join(file.read_bytes() for file in source_files())
    return hashlib.sha256(content).hexdigest()[:12]


def jar() -> Path:
    """The program, built if these sources were not built before."""
    built = cache_directory() / source_key()
    if not built.exists():
        cache_directory().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache_directory()) as folder:
            _build(Path(folder) / "build")
            _publish(Path(folder) / "build", built)
    return built / "target" / "peer.jar"


def _publish(folder: Path, built: Path) -> None:
    """Show it whole; a run beside this one may have done so before, with the same."""
    try:
        folder.rename(built)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
            raise


def _build(folder: Path) -> None:
    for file in source_files():
        copy = folder / file.relative_to(PEER)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    done = subprocess.run(["mvn", "-q", "-B", "package"], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"The peer's Java program could not be built:\n{done.stdout}{done.stderr}")


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
