"""How execution trees grow and shrink: the one way for all operations, whether what belongs to executions is loaded.

Source: ExecutionEntity#createExecution, #replace, #remove, PvmExecutionImpl#createConcurrentExecution,
#tryPruneLastConcurrentChild.
"""

from dataclasses import dataclass, field
from typing import Protocol

from process_engine.execution_tree.changes import Changes
from process_engine.execution_tree.deletion import Deletion
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.variables import Variables
from process_engine.ids import IdGenerator


class MovableRows(Protocol):
    """What belongs to executions beside variables, as far as it moves with them: loaded, or only noted."""

    def bits(self, execution: Execution) -> int:
        """What an execution has, as bits of CACHED_ENT_STATE_."""
        ...

    def move_activity(self, source: Execution, target: Execution) -> None:
        """Move what belongs to the activity that an execution is at."""
        ...

    def inherit(self, removed: Execution, heir: Execution) -> None:
        """Move what an execution still has when it goes to the one that replaced it."""
        ...


@dataclass(frozen=True, slots=True)
class NotedRows:
    """Rows that nobody loads: bits say that there are some, and it is noted that all of them move when they are saved.

    That is enough where trees only shrink.
    """

    replacements: list[tuple[Execution, Execution]]

    def bits(self, execution: Execution) -> int:
        """What was read of it, and what it took over."""
        return execution.content

    def move_activity(self, source: Execution, target: Execution) -> None:
        """Note that everything moves.

        Raises:
            TypeError: The tree grows, which divides what belongs to an execution.
        """
        if source.parent is not target:
            raise TypeError("what is not loaded cannot be divided between two executions")
        target.content |= source.content
        source.content = 0
        self.replacements.append((source, target))

    def inherit(self, removed: Execution, heir: Execution) -> None:
        """It moved before."""


@dataclass(slots=True)
class TreeEditor:
    """Changes the execution tree of a process instance, with what belongs to its executions.

    Attributes:
        deletion: Ends what goes, and knows what changes and which hooks are run.
        rows: What belongs to the executions beside variables.
        made: Executions that are new.
        stale_variable_bits: Executions that the engine believes to still have variables that moved away from them.
    """

    deletion: Deletion
    rows: MovableRows
    made: list[Execution] = field(default_factory=list[Execution])
    stale_variable_bits: set[str] = field(default_factory=set[str])

    @property
    def changes(self) -> Changes:
        """What is left to be saved."""
        return self.deletion.changes

    @property
    def variables(self) -> Variables:
        """Those of the executions."""
        return self.deletion.hooks.variables

    @property
    def new_id(self) -> IdGenerator:
        """Makes ids of rows."""
        return self.deletion.hooks.new_id

    # ------------------------------------------------------------ growing

    def create_execution(self, parent: Execution) -> Execution:
        """A new child, a scope's, in the activity instance of its parent."""
        child = Execution(
            id=self.new_id(),
            revision=None,
            process_instance_id=parent.process_instance_id,
            process_definition_id=parent.process_definition_id,
            root_process_instance_id=parent.root_process_instance_id,
            tenant_id=parent.tenant_id,
            definition=parent.definition,
            activity_id=parent.activity_id,
            activity_instance_id=parent.activity_instance_id,
            is_active=True,
            is_concurrent=False,
            is_scope=True,
            is_event_scope=False,
            is_suspended=parent.is_suspended,
            cached_state=0,
            sequence_counter=parent.sequence_counter,
        )
        child.move_to(parent)
        self.made.append(child)
        return child

    def create_concurrent_child(self, parent: Execution) -> Execution:
        """A new child beside others."""
        child = self.create_execution(parent)
        child.is_concurrent, child.is_scope = True, False
        return child

    def create_concurrent_execution(self, scope: Execution) -> Execution:
        """A new child beside all that the scope's execution runs; what it ran itself gets a child as well."""
        children = scope.tokens
        scope.bumps_revision = True
        if not children:
            self.replace(scope, self.create_concurrent_child(scope))
            scope.is_active, scope.activity_id = False, None
        elif len(children) == 1:
            wrapper = self.create_concurrent_child(scope)
            wrapper.is_active = False
            self._move_concurrent_local_variables(scope, wrapper)
            children[0].move_to(wrapper)
            scope.leave_activity_instance()
            scope.activity_id = None
        return self.create_concurrent_child(scope)

    def replace(self, replaced: Execution, execution: Execution) -> None:
        """Let an execution run what another ran; one of both is the other's parent."""
        self.rows.move_activity(replaced, execution)
        if replaced.parent is execution:
            self.variables.move(replaced, execution)
        else:
            self._move_concurrent_local_variables(replaced, execution)
        execution.activity_instance_id, execution.is_active = replaced.activity_instance_id, replaced.is_active
        execution.replaced_by, replaced.replaced_by = None, execution
        replaced.leave_activity_instance()

    def _move_concurrent_local_variables(self, source: Execution, target: Execution) -> None:
        """The engine moves them, but goes on believing that the execution where they were has variables."""
        variables = self.variables
        for variable in list(variables.local(source).values()):
            if variable.is_concurrent_local:
                del variables.local(source)[variable.name]
                variable.belong_to(target)
                variables.local(target)[variable.name] = variable
                self.stale_variable_bits.add(source.id)

    # ------------------------------------------------------------ shrinking

    def leave_scope(self, execution: Execution) -> None:
        """Remove the concurrent execution of what has left its scope, which may then run itself what is left.

        Source: ModificationUtil#handleChildRemovalInScope.
        """
        scope = execution.parent
        if execution.is_concurrent and scope is not None:
            self.remove(execution)
            self.prune(scope)
            scope.bumps_revision = True

    def prune(self, scope: Execution) -> None:
        """Let a scope's execution run itself what its last concurrent child ran."""
        if len(scope.tokens) != 1 or not scope.tokens[0].is_concurrent:
            return
        last = scope.tokens[0]
        scope.activity_id = last.activity_id
        self.replace(last, scope)
        for child in list(last.children):
            child.move_to(scope)
        self.remove(last)

    def remove(self, execution: Execution) -> None:
        """Remove an execution; what still belongs to it goes to the one that replaced it, if that is its parent."""
        heir = execution.replaced_by
        execution.content = self.rows.bits(execution)
        if execution.parent is not None and execution.parent.replaced_by is execution:
            execution.parent.replaced_by = None
        self.deletion.remove(execution)
        if heir is not None:
            self.rows.inherit(execution, heir)

    def cascade(self, execution: Execution) -> None:
        """Cancel an execution and everything below."""
        for each in execution.family():
            each.content = self.rows.bits(each)
        self.deletion.cascade(execution)
