"""The manifest of a `Batch` and the status that is written to it."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from batch_operator.resources.limits import LONGEST_EFFECTIVE_QUERY, MOST_SAMPLES
from batch_operator.resources.meta import ApiVersion, BatchName, Condition, Moment, ResourceMeta, Status
from process_engine.batch.definition import BatchContent, BatchDefinition
from process_engine.operation_base.manifest_model import ManifestModel

MOST_WORKERS = 64
LONGEST_TTL = 10 * 366 * 24 * 3600
DAY_SECONDS = 24 * 3600
LARGEST_COUNT = 2**53 - 1

BatchId = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]


class BatchSpec(BatchContent):
    """What is done to which set, and how.

    operation, ids, query, exclude and engineRef are frozen once the set is resolved (status.resolvedTime).
    """

    parallelism: int = Field(
        default=2, strict=True, ge=1, le=MOST_WORKERS, description="Workers; may be changed while the Batch runs."
    )
    suspend: bool = Field(
        default=False,
        strict=True,
        description="Workers finish their chunk and stop; false goes on. Given at the start, the resolved set waits.",
    )
    dry_run: bool = Field(
        default=False,
        strict=True,
        description="Resolve, count and sample; change nothing. May be set from true to false, which runs the Batch.",
    )
    ttl_seconds_after_finished: int = Field(
        default=DAY_SECONDS,
        strict=True,
        ge=0,
        le=LONGEST_TTL,
        description="Seconds after which the ended child Job is removed; the Batch and its ledger stay.",
    )
    resume: BatchId | None = Field(
        default=None,
        description="Goes on with the unfinished batch of this id, which the ledger has from an earlier object of this "
        "name.",
    )

    def definition(self, namespace: str, name: str) -> BatchDefinition:
        """The part that the engine understands, under the Batch's name."""
        content = {field: getattr(self, field) for field in BatchContent.model_fields}
        return BatchDefinition.model_validate({"namespace": namespace, "name": name} | content)


class BatchMeta(ResourceMeta):
    """Metadata of a Batch; its name becomes part of its Jobs' names and labels."""

    name: BatchName


class Batch(ManifestModel):
    """A `Batch` as it is written in a manifest."""

    api_version: ApiVersion
    kind: Literal["Batch"]
    metadata: BatchMeta
    spec: BatchSpec
    status: Mapping[str, Any] | None = None

    def definition(self, default_namespace: str) -> BatchDefinition:
        """The part that the engine understands."""
        return self.spec.definition(self.metadata.namespace or default_namespace, self.metadata.name)


# ---------------------------------------------------------------- status

Count = Annotated[int, Field(ge=0, le=LARGEST_COUNT)]
SampleIds = Annotated[tuple[Annotated[str, Field(max_length=64)], ...], Field(max_length=MOST_SAMPLES)]


class Items(Status):
    """Items by outcome; total is the sum of the others."""

    total: Count | None = Field(default=None, description="Items of the set.")
    pending: Count | None = Field(default=None, description="Not begun.")
    running: Count | None = Field(default=None, description="In a chunk that a worker has claimed.")
    succeeded: Count | None = Field(default=None, description="Rows were changed.")
    failed: Count | None = Field(default=None, description="An error; process-batch failures tells each.")
    skipped: Count | None = Field(default=None, description="There was nothing to do.")
    handed_over: Count | None = Field(default=None, description="The Java engine is at them.")


class FailureGroup(Status):
    """Failed items with the same error."""

    reason: str | None = Field(default=None, max_length=1024, description="The error.")
    count: Count | None = Field(default=None, description="Items that failed with it.")
    sample_ids: SampleIds | None = Field(default=None, description="Some of them.")


class JobReference(Status):
    """The Job whose pods work on the Batch."""

    name: str | None = Field(default=None, max_length=63, description="Its name.")
    uid: str | None = Field(default=None, max_length=64, description="Its uid.")


class Sample(Status):
    """What a dry run found."""

    ids: SampleIds | None = Field(default=None, description="Some items of the set.")
    unknown_ids: SampleIds | None = Field(default=None, description="Some ids of spec.ids that are not there.")


class BatchStatus(Status):
    """What became of the Batch so far; written by the operator."""

    observed_generation: Annotated[int, Field(ge=-1, le=LARGEST_COUNT)] | None = Field(
        default=None, description="Generation of the spec that this status is about."
    )
    conditions: Annotated[tuple[Condition, ...], Field(max_length=16)] | None = Field(
        default=None,
        description="Resolved, Reconciling, Ready, Stalled, Complete, Failed and Suspended; the reason of Ready says "
        "what the Batch is doing.",
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"]},
    )
    items: Items | None = Field(default=None, description="Items by outcome.")
    progress: str | None = Field(default=None, max_length=8, description="Items with an outcome, in percent.")
    start_time: Moment | None = Field(default=None, description="When the first chunk was claimed.")
    resolved_time: Moment | None = Field(default=None, description="When the set was frozen.")
    completion_time: Moment | None = Field(default=None, description="When the last item got its outcome.")
    last_progress_time: Moment | None = Field(default=None, description="When an item got an outcome last.")
    items_per_second: Count | None = Field(default=None, description="Pace of the last minute; of all, when finished.")
    estimated_completion_time: Moment | None = Field(default=None, description="At that pace.")
    failures: Annotated[tuple[FailureGroup, ...], Field(max_length=MOST_SAMPLES)] | None = Field(
        default=None, description="Failed items by error, the most frequent first."
    )
    effective_query: str | None = Field(
        default=None,
        max_length=LONGEST_EFFECTIVE_QUERY,
        description="What was understood of ids and queries, with the guards that were added, as JSON.",
    )
    sample: Sample | None = Field(default=None, description="What a dry run found.")
    job_ref: JobReference | None = Field(default=None, description="The Job whose pods work on the Batch.")
    batch_id: str | None = Field(default=None, max_length=64, description="Id of the batch in the ledger.")
    resolved_hash: str | None = Field(default=None, max_length=128, description="Hash of the frozen set.")
