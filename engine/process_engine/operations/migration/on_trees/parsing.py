"""Builds the tree of what migrates from the executions of a process instance, what belongs to them, and the plan.

Whatever is not found to belong to an instance forbids the migration.

Source: MigratingInstanceParser, MigratingInstanceParseContext, ActivityInstanceHandler, TransitionInstanceHandler.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from process_engine.execution_tree.activity_tree import ActivityInstance, activity_tree
from process_engine.execution_tree.continuations import continuation
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.owned_rows import Job, OwnedRow
from process_engine.execution_tree.scopes import Scope
from process_engine.execution_tree.variables import Variable
from process_engine.model import behaviour_of
from process_engine.operations.migration.on_trees.dependents import (
    MigratingCalledCase,
    MigratingCalledInstance,
    MigratingExternalTask,
    MigratingIncident,
    MigratingJob,
    MigratingTask,
    MigratingVariable,
)
from process_engine.operations.migration.on_trees.instances import (
    MigratingActivityInstance,
    MigratingCompensation,
    MigratingEventScope,
    MigratingTransitionInstance,
)
from process_engine.operations.migration.on_trees.tree import MigratingTree
from process_engine.operations.migration.plan import MigrationInstruction
from process_engine.schema.values import ASYNC_AFTER, IncidentType


@dataclass(slots=True)
class Parsed:
    """All that migrates.

    Attributes:
        jobs: Timers and continuations that the plan maps, by id.
        dropped_jobs: Ids of those that it does not.
        consumed: Ids of rows that belong to something that migrates or goes.
    """

    tree: MigratingTree
    root: MigratingActivityInstance
    activity_instances: dict[str, MigratingActivityInstance] = field(
        default_factory=dict[str, MigratingActivityInstance]
    )
    transition_instances: list[MigratingTransitionInstance] = field(default_factory=list[MigratingTransitionInstance])
    event_scopes: list[MigratingEventScope] = field(default_factory=list[MigratingEventScope])
    compensations: list[MigratingCompensation] = field(default_factory=list[MigratingCompensation])
    jobs: dict[str, MigratingJob] = field(default_factory=dict[str, MigratingJob])
    dropped_jobs: set[str] = field(default_factory=set[str])
    external_tasks: dict[str, MigratingExternalTask] = field(default_factory=dict[str, MigratingExternalTask])
    consumed: set[str] = field(default_factory=set[str])

    def instruction(self, activity_id: str | None) -> MigrationInstruction | None:
        """What the plan says of an activity."""
        return None if activity_id is None else self.tree.mapping.instructions.get(activity_id)

    def source(self, activity_id: str) -> Scope:
        """A scope of the source definition."""
        return Scope.of(self.tree.mapping.source, activity_id)

    def target_of(self, instruction: MigrationInstruction | None) -> Scope | None:
        """What an instruction leads to."""
        if instruction is None:
            return None
        return Scope.of(self.tree.target.model, instruction.target_activity_id)

    def left_over(self, rows: Iterable[OwnedRow | Variable]) -> list[str]:
        """Ids of rows that belong to nothing that migrates or goes."""
        return sorted(each.id for each in rows if each.id not in self.consumed)


def parse_activity_instances(tree: MigratingTree) -> Parsed:
    """The activity and transition instances, with their tasks and variables."""
    read = activity_tree(tree.instance)
    source, target = tree.mapping.source, tree.target.model
    root = MigratingActivityInstance(
        id=read.id,
        execution=read.execution,
        source=Scope.of(source, source.key),
        target=Scope.of(target, target.key),
        current=Scope.of(source, source.key),
        is_active=read.execution.is_active and not read.children and not read.transitions,
    )
    parsed = Parsed(tree, root)
    for each in read.downwards():
        instance = root if each is read else _activity_instance(parsed, each)
        parsed.activity_instances[each.id] = instance
        _parse_behaviour(parsed, instance)
        for execution in each.transitions:
            _parse_transition(parsed, instance, execution)
        _add_variables(parsed, instance, _variables_of(tree, instance))
    return parsed


def _activity_instance(parsed: Parsed, read: ActivityInstance) -> MigratingActivityInstance:
    source, instruction = parsed.source(read.scope_id), parsed.instruction(read.scope_id)
    instance = MigratingActivityInstance(
        id=read.id,
        execution=read.execution,
        source=source,
        target=parsed.target_of(instruction),
        current=source,
        instruction=instruction,
        is_active=read.execution.is_active and not read.children and not read.transitions,
        runs_scope=source.is_scope,
    )
    if read.parent_id is not None:
        instance.set_parent(parsed.activity_instances.get(read.parent_id, parsed.root))
    return instance


def _parse_behaviour(parsed: Parsed, instance: MigratingActivityInstance) -> None:
    """What activities of a kind have of their own. Source: MigrationObserverBehavior#onParseMigratingInstance."""
    activity = None if instance.source is None else instance.source.activity
    if activity is None:
        return
    behaviour = behaviour_of(activity)
    if behaviour == "UserTaskActivityBehavior":
        _parse_tasks(parsed, instance)
    elif behaviour == "ExternalTaskActivityBehavior":
        _parse_external_tasks(parsed, instance)
    elif behaviour == "CallActivityBehavior":
        _parse_call(instance)
    elif behaviour == "CaseCallActivityBehavior":
        _parse_case_call(parsed, instance)
    elif behaviour == "ParallelMultiInstanceActivityBehavior":
        _forget_variables_of_ended(parsed, instance)


def _parse_tasks(parsed: Parsed, instance: MigratingActivityInstance) -> None:
    for task in parsed.tree.rows.tasks.of(instance.representative()):
        instance.dependents.append(MigratingTask(task, instance))
        parsed.consumed.add(task.id)
        parsed.consumed.update(variable.id for variable in task.variables)


def _parse_external_tasks(parsed: Parsed, instance: MigratingActivityInstance) -> None:
    for task in parsed.tree.rows.external_tasks.of(instance.representative()):
        migrating = MigratingExternalTask(task, instance)
        instance.dependents.append(migrating)
        parsed.external_tasks[task.id] = migrating
        parsed.consumed.add(task.id)


def _parse_call(instance: MigratingActivityInstance) -> None:
    """A called instance stays with a scope's execution; another execution may be replaced."""
    called = instance.representative().called
    if instance.source is not None and not instance.source.is_scope and called is not None:
        instance.dependents.append(MigratingCalledInstance(called))


def _parse_case_call(parsed: Parsed, instance: MigratingActivityInstance) -> None:
    """Likewise for a called case."""
    if instance.source is not None and not instance.source.is_scope:
        cases = parsed.tree.rows.cases.of(instance.representative())
        instance.dependents += [MigratingCalledCase(case) for case in cases]


def _forget_variables_of_ended(parsed: Parsed, instance: MigratingActivityInstance) -> None:
    """Variables of inner instances that have ended stay where they are."""
    if instance.source is None:
        return
    inner = parsed.tree.mapping.source.inner_of(instance.source.id)
    for execution in instance.representative().family():
        if execution is not instance.execution and execution.activity_id == inner.id and not execution.is_active:
            parsed.consumed.update(each.id for each in parsed.tree.rows.variables.local(execution).values())


def _parse_transition(parsed: Parsed, parent: MigratingActivityInstance, execution: Execution) -> None:
    jobs = [job for job in parsed.tree.rows.jobs.of(execution) if job.is_async_continuation]
    if not jobs or execution.activity_id is None:
        return  # an inner instance of a body that has ended looks like one that waits
    source, instruction = parsed.source(execution.activity_id), parsed.instruction(execution.activity_id)
    transition = MigratingTransitionInstance(
        execution=execution,
        is_active=execution.is_active,
        source=source,
        target=parsed.target_of(instruction),
        current=source,
        instruction=instruction,
        waiting_job=jobs[-1],
    )
    transition.set_parent(parent)
    parsed.transition_instances.append(transition)
    for job in jobs:
        parsed.consumed.add(job.id)
        if transition.target is not None:
            definition = parsed.tree.target.job_definition(transition.target.id, job.handler_type)
            transition.job = MigratingJob(job, transition.target, _goes_on_with(job, transition.target), definition)
            parsed.jobs[job.id] = transition.job
    _add_variables(parsed, transition, _variables_of_transition(parsed.tree, execution))


def _goes_on_with(job: Job, target: Scope) -> str:
    """HANDLER_CFG_ at the target; where it cannot be told, validation says so."""
    is_after = job.job_configuration == ASYNC_AFTER
    return continuation(target.definition, target.id, job.handler_configuration, is_after=is_after) or ""


def _variables_of(tree: MigratingTree, instance: MigratingActivityInstance) -> list[Variable]:
    execution = instance.representative()
    is_scope = instance.source is not None and instance.source.is_scope
    found = _variables(tree, execution, with_all=is_scope or execution.is_concurrent)
    if execution.parent is not None and is_scope:
        found += _variables(tree, execution.parent, with_all=execution.parent.is_concurrent)
    return found


def _variables_of_transition(tree: MigratingTree, execution: Execution) -> list[Variable]:
    return _variables(tree, execution, with_all=execution.is_concurrent)


def _variables(tree: MigratingTree, execution: Execution, *, with_all: bool) -> list[Variable]:
    """The variables of an execution, all or those local to it as a concurrent one."""
    local = tree.rows.variables.local(execution).values()
    return [variable for variable in local if with_all or variable.is_concurrent_local]


def _add_variables(
    parsed: Parsed, instance: MigratingActivityInstance | MigratingTransitionInstance, variables: Iterable[Variable]
) -> None:
    execution = instance.representative()
    for variable in variables:
        parsed.consumed.add(variable.id)
        is_of_wrapper = variable.execution is execution.parent and variable.is_concurrent_local
        is_local = is_of_wrapper or execution.is_concurrent
        instance.dependents.append(MigratingVariable(variable, is_local, parsed.tree.rows.away))


def parse_incidents(parsed: Parsed) -> None:
    """The incidents of jobs, external tasks and activity instances.

    Source: IncidentInstanceHandler.
    """
    for incident in parsed.tree.rows.incidents.all:
        if incident.configuration is not None and incident.type == IncidentType.FAILED_JOB:
            _parse_job_incident(parsed, MigratingIncident(incident, None), incident.configuration)
        elif incident.configuration is not None and incident.type == IncidentType.FAILED_EXTERNAL_TASK:
            external_task = parsed.external_tasks.get(incident.configuration)
            if external_task is not None:
                parsed.consumed.add(incident.id)
                external_task.incidents.append(MigratingIncident(incident, external_task.owner.target))
        elif incident.execution is not None:
            instance = parsed.activity_instances.get(incident.execution.activity_instance_id or "")
            if instance is not None:
                parsed.consumed.add(incident.id)
                instance.dependents.append(MigratingIncident(incident, instance.target))


def _parse_job_incident(parsed: Parsed, migrating: MigratingIncident, job_id: str) -> None:
    job = parsed.jobs.get(job_id)
    if job is not None:
        migrating.target = job.target
        migrating.job_definition_id = None if job.job_definition is None else job.job_definition.id
        job.incidents.append(migrating)
    if job is not None or job_id in parsed.dropped_jobs:
        parsed.consumed.add(migrating.row.id)
