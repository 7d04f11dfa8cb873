"""Which pairs of definitions, and which instances, are migrated with a statement a table, and how rows change."""

import pytest

from process_engine.operations.migration.plan import MigrationInstruction, MigrationPlan
from process_engine.operations.migration.set_based.instances import set_based_updates
from process_engine.operations.migration.set_based.mapping import SetBasedMapping, set_based_mapping
from process_engine.operations.migration.set_based.rows import (
    ContentKind,
    ContentRow,
    ExecutionRow,
    Instance,
    RowUpdates,
)
from support.models import process

TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
TASK = '<userTask id="task"/>'
LATE = f'<boundaryEvent id="late" attachedToRef="task">{TIMER}</boundaryEvent>'
OTHER = f'<boundaryEvent id="other" attachedToRef="task">{TIMER}</boundaryEvent>'
START_LATER = f'<subProcess id="event" triggeredByEvent="true"><startEvent id="fires">{TIMER}</startEvent></subProcess>'


def mapping_of(source: str, target: str, *pairs: str, updates: str = "") -> SetBasedMapping | None:
    """What of a plan is set-based between two processes; a pair is an id, or two with an arrow."""
    return set_based_mapping(plan_of(*pairs, updates=updates), process(source), process(target))


def plan_of(*pairs: str, updates: str = "") -> MigrationPlan:
    instructions = []
    for pair in pairs:
        source, _, target = pair.partition(">")
        instructions.append(MigrationInstruction(source, target or source, source == updates))
    return MigrationPlan("p:1", "p:2", tuple(instructions))


def fitting(source: str, target: str, *pairs: str, updates: str = "") -> dict[str, str]:
    mapping = mapping_of(source, target, *pairs, updates=updates)
    assert mapping is not None
    return {id_: activity.id for id_, activity in mapping.activities.items()}


def in_scope(*inside: str, id_: str = "sub") -> str:
    return f'<subProcess id="{id_}">{"".join(inside)}</subProcess>'


# ---------------------------------------------------------------- pairs


def test_an_activity_that_gets_another_name_is_set_based() -> None:
    assert fitting(TASK, '<userTask id="renamed"/>', "task>renamed") == {"task": "renamed"}


def test_an_activity_in_a_mapped_scope_is_set_based_with_its_events() -> None:
    inside = in_scope(TASK, LATE)

    assert fitting(inside, inside, "sub", "task", "late") == {"sub": "sub", "task": "task"}


@pytest.mark.parametrize(
    ("source", "target", "pairs"),
    [
        pytest.param(TASK, in_scope(TASK), ("task",), id="a scope is added around it"),
        pytest.param(in_scope(TASK), TASK, ("task",), id="its scope goes"),
        pytest.param(in_scope(TASK), in_scope(TASK), ("task",), id="its scope is not mapped"),
        pytest.param(TASK, TASK + LATE, ("task",), id="it becomes a scope"),
        pytest.param(TASK + LATE, TASK, ("task",), id="it is no scope any more"),
        pytest.param(TASK + LATE, TASK + LATE, ("task",), id="its event is not mapped, and made anew"),
        pytest.param(TASK + LATE, TASK + LATE + OTHER, ("task", "late"), id="an event is added"),
        pytest.param(TASK + LATE + OTHER, TASK + LATE, ("task", "late"), id="an event goes"),
        pytest.param(TASK, '<receiveTask id="task"/>', ("task",), id="it is of another kind"),
    ],
)
def test_an_activity_is_not_set_based_where(source: str, target: str, pairs: tuple[str, ...]) -> None:
    assert "task" not in fitting(source, target, *pairs)


def test_an_activity_whose_trigger_is_updated_is_not_set_based() -> None:
    assert fitting(TASK + LATE, TASK + LATE, "task", "late", updates="late") == {}


def test_multi_instance_activities_are_not_set_based() -> None:
    many = '<userTask id="task"><multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>'
    many += "</multiInstanceLoopCharacteristics></userTask>"

    assert fitting(many, many, "task", "task#multiInstanceBody") == {}


def test_nothing_is_set_based_where_the_process_itself_gets_an_event() -> None:
    assert mapping_of(TASK, TASK + START_LATER, "task") is None


def test_nothing_is_set_based_from_a_definition_to_itself() -> None:
    same = MigrationPlan("p:1", "p:1", plan_of("task").instructions)

    assert set_based_mapping(same, process(TASK), process(TASK)) is None


# ---------------------------------------------------------------- instances


def execution(id_: str, activity: str | None, instance: str | None, parent: str | None = None, *,
              is_scope: bool = True, is_event_scope: bool = False) -> ExecutionRow:  # fmt: skip
    return ExecutionRow(id_, "i", parent, "p:1", activity, instance, is_scope, is_event_scope, "i", None, None)


def content(kind: ContentKind, execution_id: str, activity: str | None, type_: str | None = None,
            configuration: str | None = None, job_configuration: str | None = None) -> ContentRow:  # fmt: skip
    return ContentRow(kind, kind.value, "i", execution_id, activity, type_, configuration, job_configuration)


def updates_of(
    source: str,
    target: str,
    pairs: tuple[str, ...],
    executions: list[ExecutionRow],
    *contents: ContentRow,
    definitions: dict[tuple[str, str], str] | None = None,
) -> RowUpdates | None:
    mapping = mapping_of(source, target, *pairs)
    assert mapping is not None
    return set_based_updates(Instance("i", executions, contents), mapping, definitions or {})


AT_TASK = [execution("i", "task", "task:1")]
IN_SCOPE = [execution("i", None, "sub:1"), execution("s", None, "sub:1", "i"), execution("t", "task", "task:1", "s")]


def test_task_and_activity_instance_get_the_target_id() -> None:
    task = content(ContentKind.TASK, "i", "task")

    found = updates_of(TASK, '<userTask id="new" name="New"/>', ("task>new",), AT_TASK, task)

    assert found is not None
    assert found.tasks == [("task", "i", "new")]
    assert found.activity_instances == [("task:1", "i", "new", "New", "userTask")]


def test_scopes_are_told_from_the_execution_above_theirs() -> None:
    timer = content(ContentKind.JOB, "t", "late", "timer-transition", "late")
    inside = in_scope(TASK, LATE)

    found = updates_of(
        inside, inside, ("sub", "task", "late"), IN_SCOPE, timer, definitions={("late", "timer-transition"): "d"}
    )

    assert found is not None
    assert [row[:3] for row in found.activity_instances] == [("task:1", "t", "task"), ("sub:1", "s", "sub")]
    assert found.jobs == [("job", "d", "late")]


@pytest.mark.parametrize(
    ("target", "before", "after"),
    [
        ('<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="task"/>', "transition-create-scope", "x"),
        ("", "transition-create-scope", "activity-start-create-scope"),
        ("", "process-start", "process-start"),
    ],
)
def test_a_job_before_an_activity_goes_on_as_the_target_does(target: str, before: str, after: str) -> None:
    waiting = '<serviceTask id="task" camunda:asyncBefore="true" camunda:class="C"/>'
    job = content(ContentKind.JOB, "i", "task", "async-continuation", before, "async-before")

    found = updates_of(
        waiting, target + waiting, ("task",), [execution("i", "task", None)], job,
        definitions={("task", "async-continuation"): "d"},
    )  # fmt: skip

    assert found is not None
    assert found.jobs == [("job", "d", before if after == "x" else after)]
    assert found.activity_instances == []


def test_an_incident_of_a_job_goes_where_its_job_goes() -> None:
    timer = content(ContentKind.JOB, "i2", "late", "timer-transition", "late")
    incident = content(ContentKind.INCIDENT, "i2", "late", "failedJob", "job")
    executions = [execution("i", None, "i"), execution("i2", "task", "task:1", "i")]

    found = updates_of(
        TASK + LATE, TASK + LATE, ("task", "late"), executions, timer, incident,
        definitions={("late", "timer-transition"): "d"},
    )  # fmt: skip

    assert found is not None
    assert found.incidents == [("incident", "i2", "late", "d")]


EVENT_SCOPE = execution("e", "sub", None, "i", is_event_scope=True)


@pytest.mark.parametrize(
    "contents",
    [
        pytest.param((), id="its timer has fired"),
        pytest.param((content(ContentKind.JOB, "t", "late", "timer-transition", "late"),) * 2, id="it has two timers"),
        pytest.param(
            (content(ContentKind.JOB, "t", None, "timer-transition", "late"),), id="the job has no definition"
        ),
        pytest.param((content(ContentKind.JOB, "t", "late", "message-of-a-plugin"),), id="a job is of another kind"),
    ],
)
def test_an_instance_is_not_set_based_where(contents: tuple[ContentRow, ...]) -> None:
    inside = in_scope(TASK, LATE)
    definitions = {("late", "timer-transition"): "d"}

    assert updates_of(inside, inside, ("sub", "task", "late"), IN_SCOPE, *contents, definitions=definitions) is None


def test_an_instance_with_an_unmapped_leaf_is_not_set_based() -> None:
    assert updates_of(TASK, TASK, (), AT_TASK) is None


def test_an_instance_that_keeps_what_compensation_needs_is_not_set_based() -> None:
    executions = [execution("i", None, "i"), execution("t", "task", "task:1", "i", is_scope=False), EVENT_SCOPE]

    assert updates_of(TASK, TASK, ("task",), executions) is None


def test_an_instance_with_an_incident_of_its_own_kind_on_no_activity_is_not_set_based() -> None:
    executions = [execution("i", None, "i"), *(execution(x, "task", f"task:{x}", "i", is_scope=False) for x in "ab")]

    assert updates_of(TASK, TASK, ("task",), executions, content(ContentKind.INCIDENT, "i", None, "custom")) is None


def test_a_job_that_the_target_does_not_know_makes_an_instance_not_set_based() -> None:
    timer = content(ContentKind.JOB, "t", "late", "timer-transition", "late")
    inside = in_scope(TASK, LATE)

    assert updates_of(inside, inside, ("sub", "task", "late"), IN_SCOPE, timer) is None
