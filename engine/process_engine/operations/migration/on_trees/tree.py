"""A process instance that migrates: its execution tree, the plan, and what history says anew."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from process_engine.execution_tree.changes import ActivityRecord
from process_engine.execution_tree.definitions import DeployedDefinition
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.tree import Tree
from process_engine.execution_tree.variables import Variable
from process_engine.model import ProcessDefinition
from process_engine.operations.migration.plan import MigrationInstruction


@dataclass(frozen=True, slots=True)
class PlanMapping:
    """What a plan says of activities: the first instruction of an activity counts."""

    instructions: Mapping[str, MigrationInstruction]
    source: ProcessDefinition
    target: DeployedDefinition


@dataclass(slots=True)
class Recorded:
    """What history says anew of what migrated, as it was at that moment: executions may be replaced afterwards.

    Attributes:
        tasks: By task, its execution.
        incidents: By incident, its columns.
    """

    instances: list[Execution] = field(default_factory=list[Execution])
    activities: dict[str, ActivityRecord] = field(default_factory=dict[str, ActivityRecord])
    tasks: dict[str, str | None] = field(default_factory=dict[str, str | None])
    variables: dict[str, Variable] = field(default_factory=dict[str, Variable])
    incidents: dict[str, tuple[str | None, ...]] = field(default_factory=dict[str, tuple[str | None, ...]])


@dataclass(kw_only=True, slots=True)
class MigratingTree(Tree):
    """A process instance that migrates; its definition is the plan's target, which says what is made."""

    mapping: PlanMapping
    recorded: Recorded = field(default_factory=Recorded)

    @property
    def target(self) -> DeployedDefinition:
        """The definition that it migrates to."""
        return self.definition

    def give_variable(self, variable: Variable, execution: Execution) -> None:
        """Let a variable belong to an execution; one of its name that is there takes the value, and no history."""
        local = self.rows.variables.local(execution)
        existing = local.get(variable.name)
        if existing is not None and existing is not variable:
            existing.value, existing.is_changed = variable.value, True
            self.rows.variables.dropped.append(variable)
            return
        variable.belong_to(execution)
        local[variable.name] = variable

    def adopt(self, execution: Execution) -> None:
        """Let an execution be of the target definition."""
        execution.process_definition_id = self.target.id
        execution.definition = self.target.model


def refusal_of(target: DeployedDefinition) -> str:
    """How errors begin that say why an instance was not migrated."""
    return f"An instance cannot be migrated to {target.id}"
