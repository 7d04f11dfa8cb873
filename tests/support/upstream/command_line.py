"""Runs upstream tests by hand, and makes the catalogue."""

import time
from pathlib import Path

import click

from support.maven import cache_directory
from support.postgres import running_server
from support.upstream import catalogue, java, suite


@click.group()
def main() -> None:
    """Run tests of the Java engine's own suite, with our engine doing its operations."""


@main.command()
@click.argument("tests", nargs=-1)
@click.option("--operation", type=click.Choice(suite.OPERATIONS), help="Only tests that use it.")
@click.option(
    "--only", type=click.Choice(suite.OPERATIONS), multiple=True, help="Hand over only these; ours otherwise."
)
@click.option("--no-jvm-calls", is_flag=True, help="Only tests that a process outside of the JVM can pass.")
@click.option("--mode", type=click.Choice(["foreign", "java", "loopback"]), default="foreign")
@click.option("--foreign", default=str(suite.ENGINE), help="Command that starts the foreign engine.")
def run(
    tests: tuple[str, ...], operation: str | None, only: tuple[str, ...], mode: str, foreign: str, **flags: bool
) -> None:
    """Run TESTS: all, Class, or Class#method."""
    chosen = [
        entry
        for entry in catalogue.entries()
        if (not tests or catalogue.named(entry, tests))
        and (operation is None or operation in entry["operations"])
        and (not flags["no_jvm_calls"] or catalogue.possible(entry))
    ]
    last = suite.named_in_readme()
    chosen.sort(key=lambda entry: suite.name(entry) in last)
    _run(catalogue.selection(chosen), suite.Run(mode, foreign, only or suite.OURS))


@main.command("catalogue")
@click.option("--loopback", type=click.Path(path_type=Path), help="Results with --mode loopback, to be noted there.")
@click.option("--nothing", type=click.Path(path_type=Path), help="Those of an engine that does nothing, likewise.")
@click.option("--results", type=click.Path(path_type=Path), help="Of an earlier run of this command.")
def make_catalogue(loopback: Path | None, nothing: Path | None, results: Path | None) -> None:
    """Run every candidate with the Java engine alone and write catalogue.json."""
    selection: java.Selection = [(name, []) for name in catalogue.candidates(java.suite())]
    baseline = java.read(results) if results else _run(selection, suite.Run("java", "", ()))
    catalogue.write(baseline, *(java.read(path) if path else None for path in (loopback, nothing)))


def _run(selection: java.Selection, how: suite.Run) -> list[java.Result]:
    folder = cache_directory("upstream")
    out, log = folder / "results.jsonl", folder / "run.log"
    folder.mkdir(parents=True, exist_ok=True)
    log.write_text("")
    start = time.monotonic()
    with running_server() as server:
        results = how(selection, server, log)
    java.write(out, results)
    for each in results:
        if each["status"] != "passed":
            click.echo(f"{each['status']:12} {suite.name(each)} {each['exception']}")
    click.echo(suite.summary(results))
    click.echo(f"{len(results)} tests in {time.monotonic() - start:.0f} s, results in {out}")
    return results
