"""What is generated when activities of equal ids are mapped."""

from process_engine.model import ProcessDefinition
from process_engine.operations.migration.plan import MigrationInstruction, generate_instructions
from support.models import definition
from support.peer.blocks import Block, Event

WORK, NEXT = Block(id="work"), Block(id="next")


def generated(source: ProcessDefinition, target: ProcessDefinition, *, updates: bool = False) -> set[str]:
    instructions = generate_instructions(source, target, update_event_triggers=updates)
    return {f"{each.source_activity_id}{' update' if each.update_event_trigger else ''}" for each in instructions}


def test_activities_of_the_same_id_are_mapped() -> None:
    source, target = definition(WORK, NEXT), definition(WORK, Block(id="other"))

    instructions = generate_instructions(source, target)

    assert instructions == (MigrationInstruction("work", "work"),)


def test_an_activity_in_a_scope_that_is_not_mapped_is_not_mapped() -> None:
    source = definition(WORK)
    target = definition(Block(id="scope", kind="subProcess", inside=((WORK,),)))

    assert generated(source, target) == set()


def test_scopes_are_mapped_before_what_they_contain() -> None:
    nested = definition(Block(id="scope", kind="subProcess", inside=((WORK,),)), NEXT)

    instructions = generate_instructions(nested, nested)

    ids = [each.source_activity_id for each in instructions]
    assert sorted(ids) == ["next", "scope", "work"]
    assert ids.index("scope") < ids.index("work")


def test_an_activity_of_another_kind_is_not_mapped() -> None:
    source, target = definition(WORK), definition(Block(id="work", kind="receiveTask"))

    assert generated(source, target) == set()


def test_what_has_no_instances_to_migrate_is_mapped_only_if_it_is_asynchronous() -> None:
    plain = Block(id="work", kind="serviceTask")
    asynchronous = Block(id="next", kind="serviceTask", async_before=True)

    assert generated(definition(plain, asynchronous), definition(plain, asynchronous)) == {"next"}


def test_triggers_are_updated_where_something_waits() -> None:
    attached = (Event(id="timeout", on="timer"), Event(id="failure", on="error"))
    waiting = definition(WORK(attached=attached), Block(id="next", kind="receiveTask"))

    assert generated(waiting, waiting) == {"work", "timeout", "next"}
    assert generated(waiting, waiting, updates=True) == {"work", "timeout update", "next update"}


def test_the_trigger_of_a_condition_is_updated_always() -> None:
    waiting = definition(Block(id="work", kind="conditionalCatch"))

    assert generated(waiting, waiting) == {"work update"}


def test_an_event_attached_to_something_else_is_not_mapped() -> None:
    source = definition(WORK(attached=(Event(id="timeout", on="timer"),)), NEXT)
    target = definition(WORK, NEXT(attached=(Event(id="timeout", on="timer"),)))

    assert generated(source, target) == {"work", "next"}


def test_the_start_of_an_event_sub_process_is_mapped_with_it() -> None:
    process = definition(WORK, triggered=(Event(id="noticed", on="message", then=(NEXT,)),))

    assert generated(process, process, updates=True) == {"work", "noticedScope", "noticed update", "next"}


def test_the_body_of_a_loop_is_mapped_with_its_activity() -> None:
    loop = definition(WORK(loop="parallel"))

    assert generated(loop, loop) == {"work#multiInstanceBody", "work"}


def test_nothing_of_a_loop_is_mapped_to_one_of_the_other_kind() -> None:
    assert generated(definition(WORK(loop="parallel")), definition(WORK(loop="sequential"))) == set()


def test_a_gateway_with_fewer_ways_in_is_not_mapped() -> None:
    three = Block(id="split", kind="parallel", inside=((WORK,), (NEXT,), (Block(id="more"),)))
    two = Block(id="split", kind="parallel", inside=((WORK,), (NEXT,)))

    assert generated(definition(three), definition(two)) == {"split", "work", "next"}
    assert generated(definition(two), definition(three)) == {"split", "splitJoin", "work", "next"}


def test_compensation_handlers_are_not_mapped_but_their_events_are() -> None:
    process = definition(WORK(attached=(Event(id="undo", on="compensation"),)))

    assert generated(process, process) == {"work", "undo"}
