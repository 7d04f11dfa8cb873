"""A process instance that migrates: its execution tree and what its migration leaves to be saved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from process_engine.execution_tree.changes import ActivityEnd
from process_engine.execution_tree.contents import Contents
from process_engine.execution_tree.ends import Ends
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.variables import Variable
from process_engine.model import ProcessDefinition
from process_engine.operations.migration.on_trees.structure import Structure
from process_engine.operations.migration.plan import MigrationInstruction


@dataclass(frozen=True, slots=True)
class JobDefinition:
    """A row of ACT_RU_JOBDEF."""

    id: str
    activity_id: str | None
    type: str
    configuration: str | None
    suspension_state: int
    priority: int | None
    tenant_id: str | None
    deployment_id: str | None


@dataclass(frozen=True, slots=True)
class Target:
    """The process definition that instances migrate to."""

    id: str
    definition: ProcessDefinition
    deployment_id: str | None
    job_definitions: tuple[JobDefinition, ...]

    @property
    def key(self) -> str:
        """ACT_RE_PROCDEF.KEY_."""
        return self.definition.key

    def job_definition(self, activity_id: str | None, job_type: str | None) -> JobDefinition | None:
        """That of an activity and a type of jobs."""
        found = (each for each in self.job_definitions if (each.activity_id, each.type) == (activity_id, job_type))
        return next(found, None)


@dataclass(frozen=True, slots=True)
class PlanMapping:
    """What a plan says of activities: the first instruction of an activity counts."""

    instructions: Mapping[str, MigrationInstruction]
    source: ProcessDefinition
    target: Target


@dataclass(slots=True)
class Recorded:
    """What history says anew of what migrated, as it was at that moment: executions may be replaced afterwards.

    Attributes:
        tasks: By task, its execution.
        incidents: By incident, its columns.
    """

    instances: list[Execution] = field(default_factory=list[Execution])
    activities: dict[str, ActivityEnd] = field(default_factory=dict[str, ActivityEnd])
    started: list["StartedActivity"] = field(default_factory=list["StartedActivity"])
    tasks: dict[str, str | None] = field(default_factory=dict[str, str | None])
    variables: dict[str, Variable] = field(default_factory=dict[str, Variable])
    incidents: dict[str, tuple[str | None, ...]] = field(default_factory=dict[str, tuple[str | None, ...]])


@dataclass(frozen=True, slots=True)
class StartedActivity:
    """An activity instance that was made."""

    record: ActivityEnd
    execution: Execution
    sequence_counter: int


@dataclass(slots=True)
class Tree:
    """A process instance that migrates.

    Attributes:
        loaded: Its executions as they were read.
        called: Process instances that they call.
        before: Process definition and CACHED_ENT_STATE_ of its executions as they were read.
    """

    instance: Execution
    structure: Structure
    ends: Ends
    mapping: PlanMapping
    now: datetime
    loaded: tuple[Execution, ...]
    called: tuple[Execution, ...]
    before: dict[str, tuple[str, int]]
    recorded: Recorded = field(default_factory=Recorded)

    @property
    def contents(self) -> Contents:
        """What belongs to its executions."""
        return self.structure.contents

    @property
    def target(self) -> Target:
        """The definition it migrates to."""
        return self.mapping.target

    def give_variable(self, variable: Variable, execution: Execution) -> None:
        """Let a variable belong to an execution; one of its name that is there takes the value, and no history."""
        local = self.contents.variables.local(execution)
        existing = local.get(variable.name)
        if existing is not None and existing is not variable:
            existing.value, existing.is_changed = variable.value, True
            self.contents.variables.dropped.append(variable)
            return
        variable.belong_to(execution)
        local[variable.name] = variable

    def adopt(self, execution: Execution) -> None:
        """Let an execution be of the target definition."""
        execution.process_definition_id = self.target.id
        execution.definition = self.target.definition
