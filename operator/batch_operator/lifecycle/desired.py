"""From a manifest to what is desired of a Batch."""

from batch_operator.lifecycle.observed import Desired
from batch_operator.resources.batch import BatchSpec
from process_engine.batch.definition import BatchDefinition


def desired_of(spec: BatchSpec, definition: BatchDefinition, *, uid: str, generation: int = 1) -> Desired:
    """As a manifest says it."""
    return Desired(
        namespace=definition.namespace,
        name=definition.name,
        uid=uid,
        generation=generation,
        content_hash=definition.content_hash(),
        suspend=spec.suspend,
        dry_run=spec.dry_run,
        resume=spec.resume,
        parallelism=spec.parallelism,
        ttl_seconds_after_finished=spec.ttl_seconds_after_finished,
        policy=spec.failure_policy,
    )
