"""Commands that run in a cluster: `operator` in its Deployment, `worker` in the pods of a Job."""

import os
import sys

import click


@click.command()
@click.option("--batch-id", required=True, help="Of the ledger.")
def worker(*, batch_id: str) -> None:
    """Run chunks of one batch until nothing is left; the environment says where its database is."""
    from batch_operator import worker as work  # noqa: PLC0415 - only when it is called
    from batch_operator.logs import log_json_lines  # noqa: PLC0415

    log_json_lines()
    sys.exit(work.run(batch_id, os.environ, work.stop_on_signals()))


@click.command()
@click.option("--namespace", help="Serve only this one; left out, the whole cluster.")
def operator(*, namespace: str | None) -> None:
    """Serve Batches and ProcessEngines of a cluster, until told to stop."""
    from batch_operator.controller import main as operator_main  # noqa: PLC0415 - no other command needs kopf

    operator_main.run(namespace)
