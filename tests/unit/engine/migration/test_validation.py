"""What is wrong with plans is told all at once, in the Java engine's words."""

import pytest

from process_engine.errors import BadUserRequestError, MigrationPlanValidationError
from process_engine.model import ProcessDefinition
from process_engine.operations.migration.plan import (
    MigrationInstruction,
    MigrationPlan,
    MigrationPlanBuilder,
    validate_plan,
)
from process_engine.typed_values import TypedValue
from support.models import definition
from support.peer.blocks import Block, Event

WORK, NEXT, MORE = Block(id="work"), Block(id="next"), Block(id="more")
JAVA = TypedValue(
    value="rO0",
    type="Object",
    value_info={"serializationDataFormat": "application/x-java-serialized-object", "objectTypeName": "a.B"},
)


def builder(source: ProcessDefinition, target: ProcessDefinition) -> MigrationPlanBuilder:
    return MigrationPlanBuilder("process:1:s", "process:2:t", source, target)


def failures(source: ProcessDefinition, target: ProcessDefinition, *pairs: tuple[str, str]) -> list[list[str]]:
    """By instruction, what is wrong with it; it is nothing with those that are left out."""
    plan = builder(source, target)
    for pair in pairs:
        plan.map_activities(*pair)
    with pytest.raises(MigrationPlanValidationError) as raised:
        plan.build()
    return [list(failed) for _, failed in raised.value.instructions]


def test_a_plan_without_faults_is_built() -> None:
    source, target = definition(WORK), definition(NEXT)

    plan = builder(source, target).map_activities("work", "next").build()

    assert plan == MigrationPlan("process:1:s", "process:2:t", (MigrationInstruction("work", "next"),))


def test_generated_instructions_come_before_those_added() -> None:
    source, target = definition(WORK, NEXT), definition(WORK, MORE)

    plan = builder(source, target).map_activities("next", "more").map_equal_activities().build()

    assert plan.instructions == (MigrationInstruction("work", "work"), MigrationInstruction("next", "more"))


def test_all_that_is_wrong_is_in_one_message() -> None:
    source, target = definition(WORK, NEXT), definition(Block(id="work", kind="receiveTask"))
    plan = builder(source, target).map_activities("work", "work").map_activities("next", "gone")

    with pytest.raises(MigrationPlanValidationError) as raised:
        plan.set_variables({"object": JAVA}).build()

    assert isinstance(raised.value, BadUserRequestError)
    assert str(raised.value) == (
        "ENGINE-23001 Migration plan for process definition 'process:1:s' to 'process:2:t' is not valid:\n"
        "\t Migration instruction MigrationInstructionImpl{sourceActivityId='next', targetActivityId='gone', "
        "updateEventTrigger='false'} is not valid:\n"
        "\t\tTarget activity 'gone' does not exist\n"
        "\t Migration instruction MigrationInstructionImpl{sourceActivityId='work', targetActivityId='work', "
        "updateEventTrigger='false'} is not valid:\n"
        "\t\tActivities have incompatible types "
        "(UserTaskActivityBehavior is not compatible with ReceiveTaskActivityBehavior)\n"
        "\t Migration variable object is not valid:\n"
        "\t\tCannot set variable with name object. Java serialization format is prohibited\n"
    )


def test_an_engine_may_accept_javas_own_serialization() -> None:
    plan = MigrationPlan("s", "t", variables={"object": JAVA})
    process = definition(WORK)

    validate_plan(plan, process, process, java_serialization_enabled=True)


def test_ids_that_are_null_are_told_before_those_that_are_not_there() -> None:
    process = definition(WORK)
    instruction = MigrationInstruction(None, "gone")  # what a client that checks no types may give

    with pytest.raises(MigrationPlanValidationError) as raised:
        validate_plan(MigrationPlan("s", "t", (instruction,)), process, process)

    assert raised.value.instructions == ((instruction, ("Source activity id is null",)),)
    assert "sourceActivityId='null'" in str(raised.value)


def test_an_activity_is_mapped_once() -> None:
    process = definition(WORK, NEXT)

    text = (
        "There are multiple mappings for source activity id 'work': "
        "ValidatingMigrationInstructionImpl{sourceActivity=Activity(work), targetActivity=Activity(work)}, "
        "ValidatingMigrationInstructionImpl{sourceActivity=Activity(work), targetActivity=Activity(next)}"
    )
    assert failures(process, process, ("work", "work"), ("work", "next")) == [[text], [text]]


def test_a_call_of_a_process_may_become_that_of_a_case() -> None:
    source = definition(Block(id="work", kind="callActivity"))
    target = definition(Block(id="work", kind="caseCall"))

    assert builder(source, target).map_activities("work", "work").build().instructions


def test_a_loop_cannot_appear_around_an_activity() -> None:
    text = (
        "Target activity 'work' is a descendant of multi-instance body 'work#multiInstanceBody' "
        "that is not mapped from the source process definition."
    )

    assert failures(definition(WORK), definition(WORK(loop="parallel")), ("work", "work")) == [[text]]


def test_a_loop_is_mapped_with_its_activity() -> None:
    loop = definition(WORK(loop="parallel"))

    body = "work#multiInstanceBody"
    assert failures(loop, loop, (body, body)) == [
        [
            "Must map the inner activity of a multi-instance body when the body is mapped",
            "Cannot remove the inner activity of a multi-instance body when the body is mapped",
        ]
    ]


def test_tokens_at_gateways_must_fit() -> None:
    two = definition(
        Block(id="split", kind="parallel", inside=((WORK,), (NEXT,))),
        Block(id="again", kind="parallel", inside=((MORE,), (Block(id="rest"),))),
    )
    one = definition(Block(id="join", kind="parallel"))

    fewer = (
        "The target gateway must have at least the same number of incoming sequence flows that the source gateway has"
    )
    only = "Only one gateway can be mapped to gateway 'join'"
    assert failures(two, one, ("splitJoin", "join"), ("againJoin", "join")) == [[fewer, only], [fewer, only]]


def test_the_scope_around_a_gateway_is_mapped() -> None:
    source = definition(Block(id="scope", kind="subProcess", inside=((Block(id="join", kind="parallel"),),)))

    text = "The gateway's flow scope 'scope' must be mapped"
    assert failures(source, definition(Block(id="join", kind="parallel")), ("join", "join")) == [[text]]


def test_an_event_goes_with_what_it_is_attached_to() -> None:
    source = definition(WORK(attached=(Event(id="late", on="timer"),)), NEXT)
    target = definition(WORK, NEXT(attached=(Event(id="late", on="timer"),)))

    text = "The source activity's event scope (work) must be mapped to the target activity's event scope (next)"
    assert failures(source, target, ("work", "work"), ("late", "late")) == [[text]]
    assert builder(source, target).map_activities("work", "next").map_activities("late", "late").build()


def test_process_definitions_are_named_by_their_ids() -> None:
    source = definition(WORK(attached=(Event(id="late", on="timer"),)))
    target = definition(WORK, triggered=(Event(id="late", on="timer"),))

    with pytest.raises(MigrationPlanValidationError, match=r"target activity's event scope \(process:2:t\)"):
        builder(source, target).map_activities("late", "late").build()


def test_a_task_may_lose_its_timeouts() -> None:
    source, target = definition(WORK(extra=("timeout",))), definition(WORK)

    assert builder(source, target).map_activities("work", "work").build().instructions


def test_only_what_waits_is_updated() -> None:
    process = definition(WORK)

    with pytest.raises(MigrationPlanValidationError, match="the activity does not define a persistent event trigger"):
        builder(process, process).map_activities("work", "work", update_event_trigger=True).build()


def test_an_activity_stays_inside_of_what_its_scope_becomes() -> None:
    nested = definition(Block(id="scope", kind="subProcess", inside=((WORK,),)), NEXT)

    text = (
        "The closest mapped ancestor 'scope' is mapped to scope 'scope' which is not an ancestor of target scope 'next'"
    )
    assert failures(nested, nested, ("scope", "scope"), ("work", "next")) == [[text]]


@pytest.mark.parametrize("kind", ["conditionalCatch", "attached"])
def test_conditions_are_always_those_of_the_target(kind: str) -> None:
    attached = WORK(attached=(Event(id="event", on="conditional"),))
    process = definition(attached if kind == "attached" else Block(id="event", kind=kind), NEXT)
    more = [("work", "work")] if kind == "attached" else []

    text = "Conditional event has to migrate with update event trigger."
    assert failures(process, process, *more, ("event", "event")) == [[text]]
