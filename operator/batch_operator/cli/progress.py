"""How far a Batch is: a bar on a terminal, lines elsewhere."""

import time
from typing import Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from process_engine.batch.ledger import Counts

LINE_SECONDS = 5.0


class ProgressDisplay(Protocol):
    """Shows how far a Batch is."""

    def update(self, counts: Counts) -> None:
        """Take over where it is now."""
        ...

    def close(self) -> None:
        """Leave what was shown last."""
        ...


def progress_of(name: str, *, to_stderr: bool) -> ProgressDisplay:
    """A bar on a terminal, lines elsewhere."""
    console = Console(stderr=to_stderr)
    return _Bar(name, console) if console.is_terminal else _Lines(name, to_stderr=to_stderr)


class _Bar:
    def __init__(self, name: str, console: Console) -> None:
        # Refreshed by hand: a thread of its own would be in the way of workers that are forked
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=40),
            MofNCompleteColumn(),
            TextColumn("{task.fields[failed]} failed{task.fields[elsewhere]}"),
            TimeElapsedColumn(),
            console=console,
            auto_refresh=False,
        )
        self._name = name
        self._task: TaskID | None = None

    def update(self, counts: Counts) -> None:
        if self._task is None:
            self._progress.start()
            self._task = self._progress.add_task(self._name, total=counts.total, failed=0, elsewhere="")
        self._progress.update(
            self._task,
            completed=counts.settled,
            total=counts.total,
            failed=counts.failed,
            elsewhere=_elsewhere(counts),
            refresh=True,
        )

    def close(self) -> None:
        self._progress.stop()


class _Lines:
    def __init__(self, name: str, *, to_stderr: bool) -> None:
        self._name = name
        self._to_stderr = to_stderr
        self._next = 0.0
        self._last = ""

    def update(self, counts: Counts) -> None:
        line = f"{counts.settled} of {counts.total} items, {counts.failed} failed{_elsewhere(counts)}"
        if line != self._last and (time.monotonic() >= self._next or counts.settled == counts.total):
            self._next, self._last = time.monotonic() + LINE_SECONDS, line
            click.echo(f"{self._name}: {line}", err=self._to_stderr)

    def close(self) -> None:
        return


def _elsewhere(counts: Counts) -> str:
    return f", {counts.handed_over} with the Java engine" if counts.handed_over else ""
