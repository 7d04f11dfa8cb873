"""What a batch is to do, and to what: the part of a manifest that the engine understands.

The same models stand in the manifest's spec and, as JSON, in the ledger. What one of them does not know it refuses:
a misspelt filter, or an `exclude` that is silently dropped, would widen the set.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Self, cast

from pydantic import Field, StringConstraints, model_validator

from process_engine.batch.operation_union import Operation
from process_engine.batch.policies import LARGEST_COUNT, FailurePolicy, OnJvmCode, UnknownIds
from process_engine.operation_base.manifest_model import ManifestModel, field_error
from process_engine.queries.kinds import MOST_IDS, Id
from process_engine.queries.models import (
    ExternalTaskQuery,
    HistoricProcessInstanceQuery,
    JobQuery,
    ProcessInstanceQuery,
)

LARGEST_CHUNK = 10_000

UserId = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255)]
EngineName = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=253, pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
]


# ---------------------------------------------------------------- the set

ItemIds = Annotated[tuple[Id, ...], Field(fail_fast=True, max_length=MOST_IDS)]


class _ListedIds(ManifestModel):
    process_instances: ItemIds = Field(default=(), description="Ids of process instances.")
    jobs: ItemIds = Field(default=(), description="Ids of jobs.")
    external_tasks: ItemIds = Field(default=(), description="Ids of external tasks.")

    def lists(self) -> Mapping[str, Sequence[str]]:
        """The lists that have an id, by their names in a manifest."""
        lists = {
            "processInstances": self.process_instances,
            "jobs": self.jobs,
            "externalTasks": self.external_tasks,
        }
        return {name: ids for name, ids in lists.items() if ids}

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        count = sum(len(ids) for ids in self.lists().values())
        if count > MOST_IDS:
            raise field_error("", f"has {count} ids in all; at most {MOST_IDS} are allowed, a larger set takes a query")
        return self


class Ids(_ListedIds):
    """Ids to work on, at most 3,000 in all; duplicates count once."""


class Exclude(_ListedIds):
    """Ids taken out of the set, at most 3,000 in all; a process instance takes its jobs and external tasks with it."""


class QuerySet(ManifestModel):
    """Queries whose results are united."""

    process_instances: ProcessInstanceQuery | None = Field(default=None, description="Running process instances.")
    historic_process_instances: HistoricProcessInstanceQuery | None = Field(
        default=None, description="Process instances of the history, running and ended."
    )
    jobs: JobQuery | None = Field(default=None, description="Jobs.")
    external_tasks: ExternalTaskQuery | None = Field(default=None, description="External tasks.")

    def queries(
        self,
    ) -> Mapping[str, ProcessInstanceQuery | HistoricProcessInstanceQuery | JobQuery | ExternalTaskQuery]:
        """The queries that are given, by their names in a manifest."""
        queries = {
            "processInstances": self.process_instances,
            "historicProcessInstances": self.historic_process_instances,
            "jobs": self.jobs,
            "externalTasks": self.external_tasks,
        }
        return {name: query for name, query in queries.items() if query is not None}

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        if not self.queries():
            raise field_error("", "has no query; give one, or leave it out")
        return self


# ---------------------------------------------------------------- the batch


class EngineRef(ManifestModel):
    """Which engine."""

    name: EngineName = Field(default="default", description="Name of a ProcessEngine of the same namespace.")


class BatchContent(ManifestModel):
    """What a batch does and to what; the part of a manifest's spec that the engine reads."""

    engine_ref: EngineRef = Field(
        default_factory=EngineRef,
        description="The engine whose database is worked on.",
        json_schema_extra={"default": {}},
    )
    operation: Operation = Field(description="What is done: type, and the member of that name with its options.")
    ids: Ids | None = Field(
        default=None, description="Ids to work on, at most 3,000 in all; united with what the queries find."
    )
    query: QuerySet | None = Field(
        default=None, description="Queries whose results are united with each other and with ids."
    )
    exclude: Exclude | None = Field(
        default=None, description="Ids taken out of the union; a process instance takes out its jobs and tasks."
    )
    unknown_ids: UnknownIds = Field(
        default=UnknownIds.SKIP,
        description="An id of ids that is not there is skipped, fails, or makes the whole Batch be rejected.",
    )
    user_id: UserId | None = Field(
        default=None,
        description="User of the engine in whose name the user operation log is written; left out, none is written.",
    )
    on_jvm_code: OnJvmCode = Field(
        default=OnJvmCode.FAIL,
        description="An item that needs Java code, a bean or a script to run fails, or is handed over to the Java "
        "engine that works on the same database.",
    )
    chunk_size: int = Field(
        default=500, strict=True, ge=1, le=LARGEST_CHUNK, description="Items in one transaction, about."
    )
    max_items: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=LARGEST_COUNT,
        description="Refuse to run when the set is larger than this. Left out, there is no limit.",
    )
    failure_policy: FailurePolicy = Field(
        default_factory=FailurePolicy,
        description="How many failures the batch bears.",
        json_schema_extra={"default": {}},
    )

    @model_validator(mode="after")
    def _has_a_set_that_the_operation_takes(self) -> Self:
        for field, given, taken in self._selectors():
            for name in given:
                if name not in taken:
                    listed = ", ".join(f"{field}.{each}" for each in taken)
                    rule = f"does not go with operation.type {self.operation.type}, which takes {listed}"
                    raise field_error(f"{field}.{name}", rule)
        if self.query is None and not (self.listed()):
            raise field_error("ids", "and query are both missing or empty; a Batch needs ids, a query, or both")
        return self

    def listed(self) -> Mapping[str, Sequence[str]]:
        """The lists of ids that are given, by name."""
        return self.ids.lists() if self.ids else {}

    def excluded(self) -> Mapping[str, Sequence[str]]:
        """The lists of excluded ids that are given, by name."""
        return self.exclude.lists() if self.exclude else {}

    def queries(
        self,
    ) -> Mapping[str, ProcessInstanceQuery | HistoricProcessInstanceQuery | JobQuery | ExternalTaskQuery]:
        """The queries that are given, by name."""
        return self.query.queries() if self.query else {}

    def _selectors(self) -> Iterator[tuple[str, Mapping[str, Any], Sequence[str]]]:
        takes = self.operation.kind.selectors
        yield "ids", self.listed(), takes.ids
        yield "query", self.queries(), takes.queries
        yield "exclude", self.excluded(), takes.ids

    def content_hash(self) -> str:
        """The identity of the batch beside its name: SHA-256 of what is frozen once the set is resolved.

        What is empty or not given does not count, so that an option which a later version adds changes no hash.
        """
        content = self.model_dump(mode="json", by_alias=True, include=set(FROZEN_FIELDS))
        content["operation"] = _without_refusals(content["operation"])
        canonical = json.dumps(_without_empty(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


VALUES = "variables"
"""The member of an operation's options that holds values of variables."""

FROZEN_FIELDS = ("engine_ref", "operation", "ids", "query", "exclude")
"""Fields that are frozen once the set is resolved, and over which the content hash goes."""


class BatchDefinition(BatchContent):
    """A batch by its name; the ledger holds it as JSON."""

    namespace: str = Field(max_length=63)
    name: str = Field(max_length=253)


def _without_empty(content: Mapping[str, Any]) -> dict[str, Any]:
    pruned = {
        name: _without_empty(cast("dict[str, Any]", value)) if isinstance(value, dict) else value
        for name, value in content.items()
    }
    return {name: value for name, value in pruned.items() if value not in ({}, [])}


def _without_refusals(operation: Mapping[str, Any]) -> dict[str, Any]:
    """An option that is false is one that is not given, for every operation; a variable's value is no option."""
    return {
        name: _without_refusals(cast("dict[str, Any]", value)) if isinstance(value, dict) and name != VALUES else value
        for name, value in operation.items()
        if value is not False
    }
