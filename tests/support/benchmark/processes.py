"""A program from its start to its end, and what it took."""

import os
import subprocess
import tempfile
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Ended:
    """A program that has ended, and those that it started and waited for.

    Attributes:
        seconds: That passed.
        cpu_seconds: That processors worked, for it and in the kernel.
        peak_mebibytes: Its largest resident set.
        output: What it printed.
    """

    seconds: float
    cpu_seconds: float
    peak_mebibytes: float
    output: str


def run_to_end(*words: object, environment: Mapping[str, str], ends_well: Collection[int] = (0,)) -> Ended:
    """Run a program.

    Raises:
        RuntimeError: Its exit status is another than those that are expected.
    """
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as told:
        begun = time.perf_counter()
        process = subprocess.Popen([*map(str, words)], stdout=output, stderr=told, env=os.environ | dict(environment))
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (output, told):
            file.seek(0)
        if process.returncode not in ends_well:
            raise RuntimeError(f"{words} ended with {process.returncode}:\n{told.read()}")
        return Ended(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output.read())
