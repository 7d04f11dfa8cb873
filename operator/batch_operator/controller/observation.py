"""From documents and ledger rows to what `reconcile` sees."""

from pydantic import ValidationError

from batch_operator.controller.cluster import Cluster
from batch_operator.controller.jobs import read_job
from batch_operator.controller.problems import EngineProblemError, invalid
from batch_operator.controller.store import Kind, Store
from batch_operator.lifecycle.conditions import Reason
from batch_operator.lifecycle.documents import Document, name_of, namespace_of, part, parts, uid_of
from batch_operator.lifecycle.ledger_rows import ledger_row
from batch_operator.lifecycle.observed import LedgerRow, ObservedJob, Policy, Wanted
from batch_operator.resources.batch import BatchSpec
from process_engine.batch.definition import BatchDefinition
from process_engine.batch.ledger import Ledger


def generation_of(document: Document) -> int:
    """The generation of an object's spec."""
    return int(part(document, "metadata").get("generation", 0))


def bare(document: Document) -> Wanted:
    """What can be said of a Batch whose spec cannot be read."""
    return Wanted(
        namespace=namespace_of(document),
        name=name_of(document),
        uid=uid_of(document),
        generation=generation_of(document),
        content_hash="",
    )


def read_batch(document: Document, previewed: int | None) -> tuple[Wanted, BatchDefinition]:
    """A Batch's spec.

    Args:
        document: Of the API server.
        previewed: Items that a dry run of this operator found, if there was one.

    Raises:
        EngineProblemError: The spec breaks a rule.
    """
    try:
        spec = BatchSpec.model_validate(document.get("spec"))
        definition = spec.definition(namespace_of(document), name_of(document))
    except ValidationError as error:
        raise EngineProblemError(invalid(Reason.INVALID_SPEC, error)) from None
    policy = spec.failure_policy
    wanted = Wanted(
        namespace=definition.namespace,
        name=definition.name,
        uid=uid_of(document),
        generation=generation_of(document),
        content_hash=definition.content_hash(),
        suspend=spec.suspend,
        dry_run=spec.dry_run,
        resume=spec.resume,
        parallelism=spec.parallelism,
        ttl_seconds_after_finished=spec.ttl_seconds_after_finished,
        policy=Policy(
            tolerated_failed_items=policy.tolerated_failed_items,
            stop_after_failed_items=policy.stop_after_failed_items,
            max_attempts=policy.max_attempts,
        ),
        was_resolved=bool(part(document, "status").get("resolvedTime")),
        previewed=_previewed(document) if previewed is None else previewed,
    )
    return wanted, definition


def _previewed(document: Document) -> int | None:
    """The items that a dry run of this generation found, as an earlier operator wrote it down."""
    status = part(document, "status")
    is_shown = any(
        condition.get("reason") == Reason.DRY_RUN and condition.get("observedGeneration") == generation_of(document)
        for condition in parts(status, "conditions")
    )
    return int(part(status, "items").get("total", 0)) if is_shown and "sample" in status else None


def find_row(ledger: Ledger, wanted: Wanted) -> LedgerRow | None:
    """The ledger's row of a Batch's namespace and name."""
    row = ledger.find(wanted.namespace, wanted.name)
    return None if row is None else ledger_row(row)


def find_job(store: Store, cluster: Cluster, wanted: Wanted, row: LedgerRow) -> ObservedJob | None:
    """The Job that the ledger names for this object, asked for at the API server before it is believed to be gone."""
    if row.job_name is None or row.owner_uid != wanted.uid or row.closed:
        return None
    document = store.get(Kind.JOB, wanted.namespace, row.job_name)
    if document is None:
        document = cluster.get(Kind.JOB, wanted.namespace, row.job_name)
        if document is not None:
            store.put(Kind.JOB, document)
    return None if document is None else read_job(document)
