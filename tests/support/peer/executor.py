"""A Java engine with its job executor on, in a program of its own: the one that a hand-over is meant for."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from support.peer.databases import Databases
from support.peer.program import jar
from support.peer.scenarios import Scenario

GOOD, BAD, PLAIN = 5, 1, 2
JAVA_CODE = Scenario(
    "hand-over-java-code",
    {
        "deploy": ["archived.bpmn", "plain.bpmn"],
        "setup": [
            {"start": {"key": "archived", "as": "good", "n": GOOD}},
            {"start": {"key": "archived", "as": "bad", "vars": {"archiveClosed": True}}},
            {"start": {"key": "plain", "as": "plain", "n": PLAIN}},
        ],
        "operation": {"type": "cancellation", "ids": ["@bad"]},
    },
)
"""Instances that run Java code when they are cancelled, of which one fails, and some that run none."""


@contextmanager
def job_executor(server: Databases, database: str, engine: Mapping[str, Any] | None = None) -> Iterator[None]:
    """Let it work on a database until the block ends."""
    java = os.environ.get("PROCESS_BATCH_TEST_JAVA", "java")
    options = ["--url", server.jdbc_url(database), "--engine", json.dumps(engine or {})]
    command = [java, "-Xmx512m", "-XX:+UseSerialGC", "-jar", str(jar()), "execute", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            started = process.stdout.readline()
            assert '"started":true' in started, started
            yield
        finally:
            process.stdin.close()
