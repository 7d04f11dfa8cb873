"""A process instance that an operation changes: its execution tree with all that belongs to it, loaded."""

from dataclasses import dataclass, field
from datetime import datetime

from process_engine.execution_tree.changes import Changes, StartedActivity
from process_engine.execution_tree.definitions import DeployedDefinition
from process_engine.execution_tree.deletion import Deletion
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.hooks import Hooks
from process_engine.execution_tree.owned_rows import ExecutionRows
from process_engine.execution_tree.structure import TreeEditor


@dataclass(kw_only=True, slots=True)
class Tree:
    """A process instance that is changed.

    Attributes:
        instance: Its topmost execution.
        definition: The process definition that says what is made: timers, event subscriptions, jobs.
        rows: What belongs to its executions.
        hooks: What is run when scopes come and go.
        now: The time of the operation, in the zone of the engine's JVM.
        editor: Changes the executions.
        loaded: Its executions as they were read.
        called: Process instances that they call.
        before: Process definition and CACHED_ENT_STATE_ of its executions as they were read.
        started: Activity instances that were made.
    """

    instance: Execution
    definition: DeployedDefinition
    rows: ExecutionRows
    hooks: Hooks
    now: datetime
    editor: TreeEditor = field(init=False)
    loaded: tuple[Execution, ...] = field(init=False)
    called: tuple[Execution, ...] = field(init=False)
    before: dict[str, tuple[str, int]] = field(init=False)
    started: list[StartedActivity] = field(default_factory=list[StartedActivity])

    def __post_init__(self) -> None:
        self.loaded = tuple(self.instance.family())
        self.called = tuple(each.called for each in self.loaded if each.called is not None)
        self.before = {each.id: (each.process_definition_id, each.cached_state) for each in self.loaded}
        changes = Changes(executions=list(self.loaded), variables=self.rows.variables)
        self.editor = TreeEditor(Deletion(changes, self.hooks), self.rows)
