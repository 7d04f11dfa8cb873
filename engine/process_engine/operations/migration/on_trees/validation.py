"""What forbids to migrate a process instance, all of it at once, before anything is changed.

Source: MigratingProcessInstanceValidationReportImpl, and the validators of org.operaton.bpm.engine.impl.migration
.validation.instance in the order of their configuration.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from process_engine.errors import ProcessEngineError
from process_engine.execution_tree.continuations import PROCESS_START
from process_engine.operations.migration.on_trees.dependents import (
    Dependent,
    MigratingVariable,
)
from process_engine.operations.migration.on_trees.instances import (
    MigratingActivityInstance,
    MigratingCompensation,
    MigratingEventScope,
    MigratingInstance,
    MigratingTransitionInstance,
)
from process_engine.operations.migration.on_trees.parsing import Parsed
from process_engine.operations.migration.plan.kinds import is_supported
from process_engine.schema.values import ASYNC_AFTER

NO_INSTRUCTION = "There is no migration instruction for this instance's activity"


@dataclass(frozen=True, slots=True)
class InstanceReport:
    """What is wrong with an activity instance or a transition instance.

    Attributes:
        id: Of the instance.
        source_scope_id: What it is at: the id of an activity, or of the process definition.
        failures: In the Java engine's words.
    """

    id: str
    source_scope_id: str
    failures: tuple[str, ...]


class MigratingProcessInstanceValidationError(ProcessEngineError):
    """A process instance cannot be migrated by a plan; the message says all that is wrong, as the Java engine's does.

    Attributes:
        process_instance_id: Of the instance.
        failures: What is wrong with it as a whole.
        activity_instances: What is wrong with its activity instances.
        transition_instances: What is wrong with its transition instances.
    """

    reason = "InvalidMigratingInstance"

    def __init__(self, report: "Report") -> None:
        super().__init__(str(report))
        self.process_instance_id = report.process_instance_id
        self.failures = tuple(report.failures)
        self.activity_instances = tuple(report.activity_instances)
        self.transition_instances = tuple(report.transition_instances)

    @property
    def rule(self) -> str:
        """What is wrong with which activities; ids in lists are those of one instance alone."""
        reports = (*self.activity_instances, *self.transition_instances)
        failures = [each.partition(": [")[0] for each in self.failures]
        failures += [f"{each.source_scope_id}: {failure}" for each in reports for failure in each.failures]
        return "; ".join(sorted(set(failures)))


@dataclass(slots=True)
class Report:
    """What is wrong with one process instance."""

    process_instance_id: str
    failures: list[str] = field(default_factory=list[str])
    activity_instances: list[InstanceReport] = field(default_factory=list[InstanceReport])
    transition_instances: list[InstanceReport] = field(default_factory=list[InstanceReport])

    def __str__(self) -> str:
        """The Java engine's text."""
        lines = [f"ENGINE-23004 Cannot migrate process instance '{self.process_instance_id}':"]
        lines += [f"\t{failure}" for failure in self.failures]
        for kind, reports in (("activity", self.activity_instances), ("transition", self.transition_instances)):
            for each in reports:
                lines.append(f"\tCannot migrate {kind} instance '{each.id}':")
                lines += [f"\t\t{failure}" for failure in each.failures]
        return "\n".join(lines) + "\n"


def validate(parsed: Parsed) -> None:
    """Raise what forbids the migration.

    Raises:
        MigratingProcessInstanceValidationError: Something does.
    """
    report = Report(parsed.tree.instance.id, list(_left_over(parsed)))
    found = {id_: list(_of_activity_instance(each)) for id_, each in parsed.activity_instances.items()}
    for event_scope in parsed.event_scopes:
        found[event_scope.closest_activity_instance.id or ""] += _of_event_scope(event_scope)
    for compensation in parsed.compensations:
        found[compensation.closest_activity_instance.id or ""] += _of_compensation(compensation)
    report.activity_instances = [
        InstanceReport(id_, _scope_id(parsed, parsed.activity_instances[id_]), tuple(failures))
        for id_, failures in found.items()
        if failures
    ]
    report.transition_instances = [
        InstanceReport(each.execution.id, _scope_id(parsed, each), failures)
        for each in parsed.transition_instances
        if (failures := tuple(_of_transition(each)))
    ]
    if report.failures or report.activity_instances or report.transition_instances:
        raise MigratingProcessInstanceValidationError(report)


def _scope_id(parsed: Parsed, instance: MigratingInstance) -> str:
    at = instance.source
    return parsed.tree.instance.process_definition_id if at is None or at.is_process else at.id


def _left_over(parsed: Parsed) -> Iterator[str]:
    rows = parsed.tree.rows
    variables = [each for local in rows.variables.by_execution.values() for each in local.values()]
    task_variables = [each for task in rows.tasks.all for each in task.variables]
    kinds = {
        "tasks": rows.tasks.all,
        "externalTask": rows.external_tasks.all,
        "incidents": rows.incidents.all,
        "jobs": rows.jobs.all,
        "event subscriptions": rows.event_subscriptions.all,
        "variables": [*variables, *task_variables],
    }
    for kind, each_of_kind in kinds.items():
        if ids := parsed.left_over(each_of_kind):
            yield f"Process instance contains not migrated {kind}: [{', '.join(ids)}]"


def _of_activity_instance(instance: MigratingActivityInstance) -> Iterator[str]:
    activity = None if instance.source is None else instance.source.activity
    if activity is None:
        if not instance.children:
            yield NO_INSTRUCTION
        return
    if instance.instruction is None and not instance.children:
        yield NO_INSTRUCTION
    yield from _variable_conflicts(instance)
    if not is_supported(activity):
        yield "The type of the source activity is not supported for activity instance migration"


def _variable_conflicts(instance: MigratingActivityInstance) -> Iterable[str]:
    source, target = instance.source, instance.target
    if source is None or target is None or not source.is_scope or target.is_scope:
        return ()
    return [
        f"The variable '{name}' exists in both, this scope and concurrent local in the parent scope. Migrating to a "
        "non-scope activity would overwrite one of them."
        for name, count in _variables_by_name(instance.dependents).items()
        if count > 1
    ]


def _variables_by_name(dependents: Sequence[Dependent]) -> dict[str, int]:
    """How many variables of each name there are among dependents."""
    counts: dict[str, int] = {}
    for dependent in dependents:
        if isinstance(dependent, MigratingVariable):
            counts[dependent.variable.name] = counts.get(dependent.variable.name, 0) + 1
    return counts


def _of_event_scope(instance: MigratingEventScope) -> Iterator[str]:
    handler = instance.compensation.source
    if handler is None:
        return
    start = f"Cannot migrate subscription for compensation handler '{handler.id}'. There is no migration instruction"
    if instance.compensation.instruction is None and not instance.children:
        yield f"{start} for the compensation start event"
    is_triggered = handler.activity is not None and handler.activity.is_triggered_by_event
    if is_triggered and instance.compensation.target is None and instance.children:
        yield f"{start} for the compensation start event."


def _of_compensation(instance: MigratingCompensation) -> Iterator[str]:
    if instance.instruction is None and instance.source is not None:
        yield (
            f"Cannot migrate subscription for compensation handler '{instance.source.id}'. There is no migration "
            "instruction for the compensation boundary event"
        )


def _of_transition(instance: MigratingTransitionInstance) -> Iterator[str]:
    target, job = instance.target, instance.waiting_job
    if instance.instruction is None:
        yield NO_INSTRUCTION
    activity = None if target is None else target.activity
    if target is None or activity is None or job is None:
        return
    is_after = job.job_configuration == ASYNC_AFTER
    operation, _, flow_id = job.handler_configuration.partition("$")
    outgoing = target.definition.outgoing(target.id)
    if is_after and len(outgoing) > 1:
        yield from _of_flow(flow_id, {flow.id for flow in outgoing})
    if operation == PROCESS_START and not target.flow_scope.is_process:
        yield "A transition instance that instantiates the process can only be migrated to a process-level flow node"
    if is_after and not activity.is_async_after:
        yield "Target activity is not asyncAfter"
    if not is_after and not activity.is_async_before:
        yield "Target activity is not asyncBefore"


def _of_flow(flow_id: str, outgoing: set[str | None]) -> Iterator[str]:
    if not flow_id:
        yield (
            "Transition instance is assigned to no sequence flow and target activity has more than one outgoing "
            "sequence flow"
        )
    elif flow_id not in outgoing:
        yield "Transition instance is assigned to a sequence flow that cannot be matched in the target activity"
