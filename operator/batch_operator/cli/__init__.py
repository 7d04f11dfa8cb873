"""The command line, `process-batch`. A command is imported only when it is called: most need no cluster."""

from importlib import import_module

import click

COMMANDS = {
    "run": "batch_operator.cli.run:run",
    "plan": "batch_operator.cli.plan:plan",
    "init": "batch_operator.cli.init:init",
    "status": "batch_operator.cli.ledger:status",
    "items": "batch_operator.cli.ledger:items",
    "failures": "batch_operator.cli.ledger:failures",
    "which": "batch_operator.cli.ledger:which",
    "ledger": "batch_operator.cli.ledger:ledger",
    "operator": "batch_operator.cli.services:operator",
    "worker": "batch_operator.cli.services:worker",
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
        module, name = COMMANDS[cmd_name].split(":")
        return getattr(import_module(module), name)


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="process-batch")
def main() -> None:
    """Batch operations on process instances of the Camunda 7 family, on the engine's own database.

    Exit status: 0 complete, 1 more items failed than is tolerated, 2 bad manifest or arguments, 3 could not run.
    """
