"""The JVM that runs tests of the Java engine's suite: built once outside of the checkout, replaced when it hangs."""

import json
import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.maven import JavaProgram

PROGRAM = JavaProgram(Path(__file__).resolve().parents[2] / "upstream")

Selection = list[tuple[str, list[str]]]
"""Classes with the methods to run; no methods are all of them."""

Result = dict[str, Any]
"""What a test did: class, method, status, operations and so on; a JSON line of the Java program."""


@dataclass(frozen=True)
class Database:
    """An empty database in which the Java engine makes its schema."""

    jdbc_url: str
    user: str
    password: str = ""


def built() -> Path:
    """The folder with the program's classes and libraries, built if these sources were not built before."""
    return PROGRAM.target


def suite() -> Path:
    """The archive with the Java engine's tests."""
    (archive,) = (built() / "lib").glob("camunda-engine-*-tests.jar")
    return archive


def run(selection: Selection, database: Database, options: Mapping[str, str], log: Path) -> list[Result]:
    """Run tests in one JVM, or in several where one hangs.

    Args:
        selection: What to run.
        database: Where.
        options: The system properties ``foreign.*`` of the Java program.
        log: Gets what JVM and engines say.
    """
    results: list[Result] = []
    while selection:
        with tempfile.NamedTemporaryFile("w+", suffix=".jsonl") as lines:
            code = _run_once(selection, database, options, log, lines.name)
            done = read(Path(lines.name))
        results += done
        if code == 0:
            break
        rest = remaining(selection, done)
        if rest == selection:
            raise RuntimeError(f"The JVM ended with {code} before its first test, see {log}")
        selection = rest
    return results


def _run_once(selection: Selection, database: Database, options: Mapping[str, str], log: Path, out: str) -> int:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as tests, log.open("a") as messages:
        for name, methods in selection:
            tests.write("".join(f"{name}#{method}\n" for method in methods) or f"{name}\n")
        tests.flush()
        command = [*_java(database, options), "upstream.Runner", tests.name, out]
        return subprocess.run(command, stdout=messages, stderr=messages, check=False).returncode


def _java(database: Database, options: Mapping[str, str]) -> list[str]:
    return [
        *shlex.split(os.environ.get("PROCESS_BATCH_TEST_JAVA", "java")),
        "-Xmx2g",
        "-Duser.timezone=UTC",
        "-cp",
        os.pathsep.join([str(built() / "classes"), str(built() / "lib" / "*")]),
        f"-Drig.jdbc.url={database.jdbc_url}",
        f"-Drig.jdbc.user={database.user}",
        f"-Drig.jdbc.password={database.password}",
        *(f"-Dforeign.{name}={value}" for name, value in options.items()),
    ]


def remaining(selection: Selection, done: Sequence[Result]) -> Selection:
    """What has not run yet. Of a class selected as a whole nothing is taken up again."""
    seen = {(test["class"], base_name(test["method"])) for test in done}
    classes = {name for name, _ in seen}
    rest: Selection = []
    for name, methods in selection:
        left = [method for method in methods if (name, method) not in seen]
        if left or (not methods and name not in classes):
            rest.append((name, left))
    return rest


def read(path: Path) -> list[Result]:
    """The JSON lines of a run; a line that a killed JVM cut off is left out."""
    results: list[Result] = []
    for line in path.read_text().splitlines():
        try:
            results.append(json.loads(line))
        except ValueError:
            continue
    return results


def base_name(method: str | None) -> str:
    """A method's name without its parameters, which are not named the same in every run."""
    return re.sub(r"\[.*", "", method or "", flags=re.DOTALL)


def write(path: Path, results: Sequence[Result]) -> None:
    """Keep results as `read` reads them."""
    path.write_text("".join(json.dumps(each) + "\n" for each in results))
