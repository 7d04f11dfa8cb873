"""Decides for one instance whether it can be migrated set-based, and what becomes of its rows. Pure.

Whatever is not as expected makes it a case for the execution tree, which knows what to make of it: nothing is refused
here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Never

from process_engine.execution_tree.continuations import continuation
from process_engine.model import Activity, TimerHandler
from process_engine.operations.migration.set_based.mapping import SetBasedMapping
from process_engine.operations.migration.set_based.rows import (
    ContentKind,
    ContentRow,
    ExecutionRow,
    Instance,
    RowUpdates,
)
from process_engine.schema.values import ASYNC_AFTER, IncidentType, JobHandler

TIMERS = (TimerHandler.BOUNDARY, TimerHandler.INTERMEDIATE, TimerHandler.EVENT_SUB_PROCESS)
SUBSCRIBED = ("message", "signal", "conditional")
FOLLOW_UP = "$followUpJobCreated"

JobDefinitions = Mapping[tuple[str, str], str]
"""Job definitions of the target, by activity and handler type."""


class NotSetBased(Exception):  # noqa: N818 - no error: the instance goes another way
    """How to migrate the instance does not follow from its rows alone, but from its execution tree."""


def set_based_updates(
    instance: Instance, mapping: SetBasedMapping, job_definitions: JobDefinitions
) -> RowUpdates | None:
    """What is written to migrate an instance; null if that does not follow from its rows alone."""
    try:
        return _Decision(instance, mapping, job_definitions).updates()
    except NotSetBased:
        return None


@dataclass(slots=True)
class _Decision:
    instance: Instance
    mapping: SetBasedMapping
    job_definitions: JobDefinitions
    executions: dict[str, ExecutionRow] = field(default_factory=dict[str, ExecutionRow])
    scopes: dict[str, str] = field(default_factory=dict[str, str])
    """Scopes of the source by the executions that run them."""
    waiting_between: set[str] = field(default_factory=set[str])
    """Executions that are between activities, with a job that goes on."""
    migrated_jobs: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """Activity and job definition that jobs get."""
    result: RowUpdates = field(default_factory=RowUpdates)

    def updates(self) -> RowUpdates:
        self.executions = {each.id: each for each in self.instance.executions}
        parents = {each.parent_id for each in self.instance.executions}
        for execution in self.instance.executions:
            _expect(not execution.is_event_scope and (execution.activity_id is None) == (execution.id in parents))
            if execution.activity_id is not None:
                self._place(execution, execution.activity_id)
        self._migrate_scopes()
        for row in self.instance.contents:
            self._content(row)
        self._expect_all_that_waits()
        for row in self.instance.contents:
            if row.kind is ContentKind.INCIDENT:
                self._incident(row)
        self.result.instances.append(self.instance.id)
        return self.result

    # ------------------------------------------------------------ executions

    def _place(self, execution: ExecutionRow, activity_id: str) -> None:
        """Find which executions run the scopes around a leaf."""
        source = self.mapping.source
        scopes = list(source.flow_scopes(activity_id)) if activity_id in source.activities else _refuse()
        if execution.activity_instance_id is None:
            _expect(activity_id in self.mapping.transitions)
            self.waiting_between.add(execution.id)
        else:
            target = self.mapping.activities.get(activity_id) or _refuse()
            self._activity_instance(execution.activity_instance_id, execution.id, target)
            if target.is_scope:
                scopes.insert(0, activity_id)
        runners = [each.id for each in self._upwards(execution) if each.is_scope]
        _expect(len(runners) == len(scopes))
        for runner, scope in zip(runners, scopes, strict=True):
            _expect(self.scopes.setdefault(runner, scope) == scope)

    def _upwards(self, execution: ExecutionRow) -> list[ExecutionRow]:
        found = [execution]
        while (parent_id := found[-1].parent_id) is not None:
            found.append(self.executions[parent_id])
        return found

    def _migrate_scopes(self) -> None:
        """Activity instances of scopes around others; the parent of a scope's execution holds their ids."""
        for execution_id, scope in self.scopes.items():
            execution = self.executions[execution_id]
            if scope == execution.activity_id or execution.parent_id is None:
                continue
            target = self.mapping.activities.get(scope) or _refuse()
            parent = self.executions[execution.parent_id]
            self._activity_instance(parent.activity_instance_id or _refuse(), execution_id, target)

    def _activity_instance(self, id_: str, execution_id: str, target: Activity) -> None:
        self.result.activity_instances.append((id_, execution_id, target.id, target.name, target.type))

    # ------------------------------------------------------------ what belongs to them

    def _content(self, row: ContentRow) -> None:
        match row.kind:
            case ContentKind.JOB:
                self._job(row)
            case ContentKind.SUBSCRIPTION:
                self._subscription(row)
            case ContentKind.TASK:
                self.result.tasks.append((row.id, row.execution_id, self._at_activity(row)))
            case ContentKind.EXTERNAL_TASK:
                self.result.external_tasks.append((row.id, row.execution_id, self._at_activity(row)))
            case ContentKind.INCIDENT:
                pass  # it needs to know what became of the jobs

    def _job(self, row: ContentRow) -> None:
        if row.type == JobHandler.ASYNC_CONTINUATION:
            target = self._continued(row)
            is_after, waiting = row.job_configuration == ASYNC_AFTER, row.configuration or ""
            configuration = continuation(self.mapping.target, target.id, waiting, is_after=is_after) or _refuse()
        else:
            _expect(row.type in TIMERS)
            target = self._event(row)
            configuration = _timer_configuration(target, row)
        definition = self.job_definitions.get((target.id, row.type or "")) or _refuse()
        self.migrated_jobs[row.id] = (target.id, definition)
        self.result.jobs.append((row.id, definition, configuration))

    def _continued(self, row: ContentRow) -> Activity:
        execution = self._execution(row)
        _expect(execution.id in self.waiting_between and execution.activity_id == row.activity_id)
        target = self.mapping.transitions[row.activity_id or ""]
        self.waiting_between.remove(execution.id)
        is_after = row.job_configuration == ASYNC_AFTER
        _expect(target.is_async_after if is_after else target.is_async_before)
        return target

    def _event(self, row: ContentRow) -> Activity:
        return self.mapping.events.get(row.activity_id or "") or _refuse()

    def _subscription(self, row: ContentRow) -> None:
        _expect(row.type in SUBSCRIBED)
        target = self._event(row)
        if target.id != row.activity_id:
            self.result.subscriptions.append((row.id, row.execution_id, target.id))

    def _at_activity(self, row: ContentRow) -> str:
        execution = self._execution(row)
        _expect(execution.activity_id == row.activity_id and execution.activity_instance_id is not None)
        return self.mapping.activities[row.activity_id or ""].id

    def _incident(self, row: ContentRow) -> None:
        if row.type == IncidentType.FAILED_JOB and row.configuration is not None:
            activity_id, definition = self.migrated_jobs.get(row.configuration) or _refuse()
        else:
            execution, definition = self._execution(row), None
            if row.type == IncidentType.FAILED_EXTERNAL_TASK and row.configuration is not None:
                _expect(any(row.configuration == id_ for id_, _, _ in self.result.external_tasks))
            _expect(execution.activity_id is not None and execution.activity_instance_id is not None)
            activity_id = self.mapping.activities[execution.activity_id or ""].id
        self.result.incidents.append((row.id, row.execution_id, activity_id, definition))

    def _execution(self, row: ContentRow) -> ExecutionRow:
        return self.executions.get(row.execution_id or "") or _refuse()

    def _expect_all_that_waits(self) -> None:
        """Each execution waits with what its scope declares, no more and no less: nothing is made anew."""
        _expect(not self.waiting_between)
        found = [
            (row.kind, row.execution_id or "", row.activity_id or "")
            for row in self.instance.contents
            if row.kind is ContentKind.SUBSCRIPTION
            or (row.kind is ContentKind.JOB and row.type != JobHandler.ASYNC_CONTINUATION)
        ]
        expected = [
            (kind, execution_id, event)
            for execution_id, scope in self.scopes.items()
            for kind, event in self.mapping.waiting[scope]
        ]
        _expect(sorted(found) == sorted(expected))


def _timer_configuration(target: Activity, row: ContentRow) -> str:
    """The event that fires, or the event sub process that starts, and whether the next timer was made before."""
    element = target.flow_scope_id if row.type == TimerHandler.EVENT_SUB_PROCESS else target.id
    suffix = FOLLOW_UP if (row.configuration or "").endswith(FOLLOW_UP) else ""
    return element + suffix


def _expect(condition: bool) -> None:
    if not condition:
        raise NotSetBased


def _refuse() -> Never:
    raise NotSetBased
