"""`process-batch run`: the Batches of some manifests, one after the other, on this machine."""

import logging
import os
import sys
import threading

import click

from batch_operator.cli.exits import Exit, end, exit_on_error
from batch_operator.cli.manifest_files import manifests_given, manifests_option
from batch_operator.cli.options import database_option, ledger_option, namespace_option, output_option, url_given
from batch_operator.cli.output import result_line, verdict
from batch_operator.cli.progress import progress_of
from batch_operator.cli.sites import EngineSites
from batch_operator.environment import patience_of_environment
from batch_operator.lifecycle.conditions import Phase, Reason
from batch_operator.local.results import Result
from batch_operator.local.runs import run_batch
from batch_operator.resources.batch import Batch
from batch_operator.worker import stop_on_signals


@click.command()
@manifests_option
@database_option
@ledger_option
@namespace_option
@click.option(
    "--workers", type=click.IntRange(1, 64), help="Workers; left out, the Batch's parallelism. On SQLite always one."
)
@output_option("json")
@exit_on_error
def run(
    *,
    filenames: tuple[str, ...],
    database_url: str | None,
    ledger_schema: str | None,
    namespace: str,
    workers: int | None,
    output: str | None,
) -> None:
    """Run Batches without a cluster, in the order in which they are written.

    What a cluster's operator would do with them: the set is resolved once into the ledger, then run by the chunk.
    Interrupted (exit status 130) and called again, it goes on from the ledger; a Batch that has finished is not run
    again.
    """
    # What a worker warns of, a chunk that is split, stands in the ledger and would disturb the progress bar
    logging.basicConfig(level=logging.ERROR, format="process-batch: %(message)s")
    manifests = manifests_given(filenames, namespace)
    sites = EngineSites(url_given(database_url), manifests, namespace, ledger_schema)
    sites.check()
    stop = stop_on_signals()
    results: list[Result] = []
    try:
        for batch in manifests.batches:
            if stop.is_set():
                break
            results.append(_run(sites, batch, stop, workers, to_stderr=output == "json"))
    finally:
        if output == "json":
            for result in results:
                result_line(result)
    if stop.is_set() and not _all_ended(results, len(manifests.batches)):
        end(Exit.INTERRUPTED, "stopped; called again, it goes on from the ledger")
    sys.exit(max(exit_of(result) for result in results))


def _all_ended(results: list[Result], number: int) -> bool:
    return len(results) == number and all(result.state.phase is not Phase.WORKING for result in results)


def _run(sites: EngineSites, batch: Batch, stop: threading.Event, workers: int | None, *, to_stderr: bool) -> Result:
    definition = batch.definition(sites.namespace)
    progress = progress_of(batch.metadata.name, to_stderr=to_stderr)
    try:
        result = run_batch(
            sites.of(batch), batch.spec, definition, stop, progress.update, workers, patience_of_environment(os.environ)
        )
    finally:
        progress.close()
    verdict(result, to_stderr=to_stderr)
    return result


def exit_of(result: Result) -> Exit:
    """The exit status that a Batch calls for."""
    state = result.state
    if state.phase in (Phase.COMPLETE, Phase.DRY_RUN):
        return Exit.COMPLETE
    if state.phase is Phase.FAILED or state.reason is Reason.TOO_MANY_FAILURES:
        return Exit.ITEMS_FAILED
    return Exit.COULD_NOT_RUN
