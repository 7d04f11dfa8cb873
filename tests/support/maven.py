"""The Java programs of the rigs: built by Maven outside of the checkout, once for each state of their sources."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


def cache_directory(rig: str) -> Path:
    """Where what is built and written for a rig goes: never into the checkout."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "process-batch" / rig


@dataclass(frozen=True)
class JavaProgram:
    """A Maven project in a folder of the tests.

    Attributes:
        folder: Where its `pom.xml` and its `src` are.
    """

    folder: Path

    @cached_property
    def key(self) -> str:
        """Tells one state of the sources from another."""
        return hashlib.sha256(b"\0".join(file.read_bytes() for file in self._sources)).hexdigest()[:12]

    @cached_property
    def target(self) -> Path:
        """What Maven makes of it; built, if these sources were not built before.

        Whoever comes while it is built waits and finds it, and one program is built at a time: two runs of Maven may
        spoil the repository that they both download to.
        """
        built = cache_directory("java") / f"{self.folder.name}-{self.key}"
        if not built.exists():
            with _lock(built.parent), tempfile.TemporaryDirectory(dir=built.parent) as folder:
                if not built.exists():
                    _build(self.folder, self._sources, Path(folder) / "build")
                    (Path(folder) / "build").rename(built)
        return built / "target"

    @property
    def _sources(self) -> Sequence[Path]:
        return [self.folder / "pom.xml", *sorted(file for file in (self.folder / "src").rglob("*") if file.is_file())]


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(sources: Path, files: Sequence[Path], folder: Path) -> None:
    for file in files:
        copy = folder / file.relative_to(sources)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    done = subprocess.run(["mvn", "-q", "-B", "package"], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"The Java program of {sources} could not be built:\n{done.stdout}{done.stderr}")
