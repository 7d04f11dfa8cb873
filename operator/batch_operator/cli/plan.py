"""`process-batch plan`: what Batches would do, for a check on a pull request."""

import sys

import click

from batch_operator.cli.exits import Exit, exit_on_error
from batch_operator.cli.manifest_files import manifests_given, manifests_option
from batch_operator.cli.options import database_option, ledger_option, namespace_option, output_option, url_given
from batch_operator.cli.output import json_line
from batch_operator.cli.sites import EngineSites
from batch_operator.local.planning import Plan, plan_batch


@click.command()
@manifests_option
@database_option
@ledger_option
@namespace_option
@output_option("json")
@exit_on_error
def plan(
    *,
    filenames: tuple[str, ...],
    database_url: str | None,
    ledger_schema: str | None,
    namespace: str,
    output: str | None,
) -> None:
    """Count and sample what Batches would work on, and say what would fail and why. Nothing is changed.

    The first items of each set are tried out in a transaction that is rolled back. Exit status 1 when more would fail
    than is tolerated, 3 when a Batch would be refused.
    """
    manifests = manifests_given(filenames, namespace)
    sites = EngineSites(url_given(database_url), manifests, namespace, ledger_schema)
    sites.check()
    plans = [plan_batch(sites.of(batch), batch.spec, batch.definition(namespace)) for batch in manifests.batches]
    for each in plans:
        if output == "json":
            json_line(each.as_json())
        else:
            click.echo("\n".join(each.as_lines()))
    sys.exit(max(_exit_of(each) for each in plans))


def _exit_of(found: Plan) -> Exit:
    if found.refusal is not None:
        return Exit.COULD_NOT_RUN
    return Exit.ITEMS_FAILED if found.would_end_failed else Exit.COMPLETE
