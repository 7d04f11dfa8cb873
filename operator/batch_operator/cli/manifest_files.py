"""The option that names manifests, and the reading of them."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from batch_operator.manifests import Manifests, read_manifests

STANDARD_INPUT = "-"
Command = TypeVar("Command", bound=Callable[..., Any])


def manifests_option(command: Command) -> Command:
    """`-f`."""
    return click.option(
        "-f",
        "--filename",
        "filenames",
        multiple=True,
        required=True,
        metavar="FILE",
        help="Manifests: a YAML file of one or more documents, a folder of them, or - for standard input.",
    )(command)


def manifests_given(filenames: tuple[str, ...], namespace: str) -> Manifests:
    """Read the files and folders of `-f`."""
    sources: dict[str, str] = {}
    for filename in filenames:
        for path in _files(filename):
            sources[path] = _text(path)
    return read_manifests(sources, namespace)


def _files(filename: str) -> list[str]:
    if filename == STANDARD_INPUT or not Path(filename).is_dir():
        return [filename]
    found = [path for path in Path(filename).iterdir() if path.suffix in (".yaml", ".yml", ".json")]
    return sorted(str(path) for path in found)


def _text(path: str) -> str:
    if path == STANDARD_INPUT:
        return sys.stdin.read()
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}", param_hint="-f") from None
    except UnicodeDecodeError:
        raise click.BadParameter(f"{path}: is not text in UTF-8", param_hint="-f") from None
