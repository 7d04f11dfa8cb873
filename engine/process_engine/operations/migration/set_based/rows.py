"""Rows of instances as they are read to be migrated, and as they are to be written. Plain values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class ExecutionRow(NamedTuple):
    """A row of ACT_RU_EXECUTION."""

    id: str
    instance_id: str
    parent_id: str | None
    definition_id: str
    activity_id: str | None
    activity_instance_id: str | None
    is_scope: bool
    is_event_scope: bool
    root_id: str | None
    tenant_id: str | None
    business_key: str | None


class ContentKind(StrEnum):
    """What belongs to an execution."""

    JOB = "job"
    SUBSCRIPTION = "subscription"
    INCIDENT = "incident"
    TASK = "task"
    EXTERNAL_TASK = "externalTask"


class ContentRow(NamedTuple):
    """A job, event subscription, incident, task or external task.

    Attributes:
        activity_id: Where it stands in the model; a job's is that of its job definition.
        type: The job's handler, the event's or the incident's type.
        configuration: The job handler's configuration; the incident's, which is the id of what failed.
        job_configuration: Of the job's definition.
    """

    kind: ContentKind
    id: str
    instance_id: str
    execution_id: str | None
    activity_id: str | None
    type: str | None
    configuration: str | None
    job_configuration: str | None


@dataclass(frozen=True, slots=True)
class Instance:
    """A process instance with all that is looked at."""

    id: str
    executions: Sequence[ExecutionRow]
    contents: Sequence[ContentRow]


ActivityInstanceRow = tuple[str, str, str, str | None, str]
"""Of ACT_HI_ACTINST: id, execution, and id, name and type of the activity that it gets."""
JobRow = tuple[str, str, str | None]
"""Of ACT_RU_JOB: id, job definition and handler configuration."""
IncidentRow = tuple[str, str | None, str, str | None]
"""Of ACT_RU_INCIDENT and its history: id, execution, activity and job definition."""
PlacedRow = tuple[str, str | None, str]
"""Of tasks, external tasks and event subscriptions: id, execution and activity."""


@dataclass(slots=True)
class RowUpdates:
    """What is written for the instances of a chunk; what all rows of a table have in common is not among it."""

    instances: list[str] = field(default_factory=list[str])
    activity_instances: list[ActivityInstanceRow] = field(default_factory=list[ActivityInstanceRow])
    jobs: list[JobRow] = field(default_factory=list[JobRow])
    subscriptions: list[PlacedRow] = field(default_factory=list[PlacedRow])
    incidents: list[IncidentRow] = field(default_factory=list[IncidentRow])
    tasks: list[PlacedRow] = field(default_factory=list[PlacedRow])
    external_tasks: list[PlacedRow] = field(default_factory=list[PlacedRow])

    def add(self, other: "RowUpdates") -> None:
        """Take over those of another instance."""
        self.instances += other.instances
        self.activity_instances += other.activity_instances
        self.jobs += other.jobs
        self.subscriptions += other.subscriptions
        self.incidents += other.incidents
        self.tasks += other.tasks
        self.external_tasks += other.external_tasks
