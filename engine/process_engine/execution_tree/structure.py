"""How execution trees grow and shrink while instances are detached from them and attached elsewhere.

Source: ExecutionEntity#createExecution, #replace, #remove, PvmExecutionImpl#createConcurrentExecution,
#tryPruneLastConcurrentChild.
"""

from dataclasses import dataclass, field

from process_engine.execution_tree.changes import Changes
from process_engine.execution_tree.contents import Contents
from process_engine.execution_tree.deletion import Deletion
from process_engine.execution_tree.execution import Execution
from process_engine.ids import IdGenerator


@dataclass(slots=True)
class Structure:
    """The execution tree of one process instance, and what belongs to its executions.

    Attributes:
        made: Executions that are new.
        forgetful: Executions that the engine believes to still have variables that moved away from them.
    """

    changes: Changes
    contents: Contents
    deletion: Deletion
    new_id: IdGenerator
    made: list[Execution] = field(default_factory=list[Execution])
    forgetful: set[str] = field(default_factory=set[str])

    def create_execution(self, parent: Execution) -> Execution:
        """A new child, a scope's, in the activity instance of its parent."""
        child = Execution(
            self.new_id(),
            None,
            parent.process_instance_id,
            parent.process_definition_id,
            parent.root_process_instance_id,
            parent.tenant_id,
            parent.definition,
            parent.activity_id,
            parent.activity_instance_id,
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
        scope.is_touched = True
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
        self._move_activity(replaced, execution)
        if replaced.parent is execution:
            self.contents.variables.move(replaced, execution)
        else:
            self._move_concurrent_local_variables(replaced, execution)
        execution.activity_instance_id, execution.is_active = replaced.activity_instance_id, replaced.is_active
        execution.replaced_by, replaced.replaced_by = None, execution
        replaced.leave_activity_instance()

    def _move_activity(self, source: Execution, target: Execution) -> None:
        """Move what belongs to the activity that an execution is at."""
        contents = self.contents
        for task in contents.tasks.of(source):
            contents.tasks.move(task, target)
            task.process_definition_id = target.process_definition_id
            for variable in task.variables:
                variable.execution, variable.process_definition_id = target, target.process_definition_id
        for external_task in contents.external_tasks.of(source):
            contents.external_tasks.move(external_task, target)
        for job in contents.jobs.of(source):
            if source.activity_id is not None and job.activity_id == source.activity_id:
                contents.jobs.move(job, target)

    def _move_concurrent_local_variables(self, source: Execution, target: Execution) -> None:
        """The engine moves them, but goes on believing that the execution where they were has variables."""
        variables = self.contents.variables
        for variable in list(variables.local(source).values()):
            if variable.is_concurrent_local:
                del variables.local(source)[variable.name]
                variable.belong_to(target)
                variables.local(target)[variable.name] = variable
                self.forgetful.add(source.id)

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
        execution.content = self.contents.bits(execution)
        if execution.parent is not None and execution.parent.replaced_by is execution:
            execution.parent.replaced_by = None
        self.deletion.remove(execution)
        if heir is None:
            return
        contents = self.contents
        for subscription in contents.event_subscriptions.of(execution):
            contents.event_subscriptions.move(subscription, heir)
        if heir is execution.parent:
            for job in contents.jobs.of(execution):
                contents.jobs.move(job, heir)
            for incident in contents.incidents.of(execution):
                contents.incidents.move(incident, heir)

    def cascade(self, execution: Execution) -> None:
        """Cancel an execution and everything below."""
        for each in execution.family():
            each.content = self.contents.bits(each)
        self.deletion.cascade(execution)
