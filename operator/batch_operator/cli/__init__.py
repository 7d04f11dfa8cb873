"""The command line, `process-batch`. A command is imported only when it is called, with what it needs and no more."""

from importlib import import_module
from typing import NamedTuple

import click


class _Place(NamedTuple):
    """Where a command is, and the first sentence of its help, so that all can be listed without loading any."""

    module: str
    name: str
    short_help: str


COMMANDS = {
    "run": _Place("run", "run", "Run Batches without a cluster, in the order in which they are written."),
    "plan": _Place("plan", "plan", "Count and sample what Batches would work on, and say what would fail and why."),
    "init": _Place("init", "init", "Make an engine's tables in an empty database, for example sqlite:///engine.db."),
    "status": _Place("ledger", "status", "Show how far Batches are; without a name, all of the namespace."),
    "items": _Place("ledger", "items", "List all items of Batches with what became of them."),
    "failures": _Place("ledger", "failures", "List the failed items of Batches with their errors."),
    "which": _Place("ledger", "which", "List which Batches touched a process instance, a job or an external task."),
    "ledger": _Place("ledger", "ledger", "The ledger's tables."),
    "operator": _Place("services", "operator", "Serve Batches and ProcessEngines of a cluster, until told to stop."),
    "worker": _Place("services", "worker", "Run chunks of one batch until nothing is left."),
}


class _Commands(click.Group):
    """Commands that are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of their importance."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        place = COMMANDS[cmd_name]
        return getattr(import_module(f"{__name__}.{place.module}"), place.name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.short_help) for name, place in COMMANDS.items()])


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="process-batch")
def main() -> None:
    """Batch operations on process instances of the Camunda 7 family, on the engine's own database.

    Exit status: 0 complete, 1 more items failed than is tolerated, 2 bad manifest or arguments, 3 could not run.
    """
