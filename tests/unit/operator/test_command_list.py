"""The list of commands is shown without loading any of them."""

import subprocess
import sys

import click
import pytest

from batch_operator.cli import COMMANDS, main


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_of_a_command_what_its_own_help_begins_with(name: str) -> None:
    command = main.get_command(click.Context(main), name)

    assert command is not None
    assert (command.help or "").replace("\n", " ").startswith(COMMANDS[name].short_help.rstrip("."))


def test_the_list_of_commands_loads_no_database_no_models_and_no_operation() -> None:
    program = "import sys\nfrom batch_operator.cli import main\ntry:\n main(['--help'])\nfinally:\n print(*sys.modules)"

    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout

    loaded = set(printed.splitlines()[-1].split())
    assert "run " in printed
    assert not loaded & {"sqlalchemy", "pydantic", "kopf", "kubernetes", "rich", "process_engine"}
