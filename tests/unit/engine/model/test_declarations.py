"""What a scope declares, and what waits for events in the database."""

from process_engine.model import (
    TimerHandler,
    behaviour_of,
    event_subscription_declarations,
    has_persistent_trigger,
    timeout_listener_declarations,
    timer_declarations,
)
from support.models import definition
from support.peer.blocks import Block, Event

WORK = Block(id="work")


def test_a_scope_declares_the_timers_of_its_boundary_events() -> None:
    attached = (Event(id="late", on="timer"), Event(id="again", on="cycle", interrupts=False))
    process = definition(WORK(attached=attached))

    late, again = timer_declarations(process, "work")

    assert (late.activity_id, late.handler, late.handler_configuration) == ("late", TimerHandler.BOUNDARY, "late")
    assert (late.job_configuration, late.is_interrupting, late.repeats) == ("DURATION: PT1H", True, False)
    assert (again.job_configuration, again.is_interrupting, again.repeats) == ("CYCLE: R3/PT10M", False, True)


def test_a_timer_that_interrupts_never_repeats() -> None:
    process = definition(WORK(attached=(Event(id="again", on="cycle"),)))

    assert [timer.repeats for timer in timer_declarations(process, "work")] == [False]


def test_the_timer_of_an_event_sub_process_names_both_its_start_and_the_sub_process() -> None:
    process = definition(WORK, triggered=(Event(id="late", on="timer", interrupts=False),))

    (timer,) = timer_declarations(process, "process")

    assert (timer.activity_id, timer.handler_configuration) == ("late", "lateScope")
    assert timer.handler is TimerHandler.EVENT_SUB_PROCESS
    assert not timer.is_interrupting


def test_events_behind_a_gateway_wait_in_its_scope() -> None:
    choices = (Event(id="late", on="timer"), Event(id="news", on="message"))
    process = definition(Block(id="choice", kind="choice", choices=choices))

    assert [timer.handler for timer in timer_declarations(process, "choice")] == [TimerHandler.INTERMEDIATE]
    assert [each.event_name for each in event_subscription_declarations(process, "choice")] == ["news"]


def test_a_timeout_listener_is_no_timer_of_an_event() -> None:
    process = definition(WORK(extra=("timeout",)))

    (listener,) = timeout_listener_declarations(process, "work")

    assert (listener.activity_id, listener.listener_id) == ("work", "late")
    assert listener.handler_configuration == "work$taskListener~late"
    assert timer_declarations(process, "work") == ()


def test_compensation_and_errors_are_not_declared() -> None:
    attached = (Event(id="undo", on="compensation"), Event(id="failure", on="error"))
    process = definition(WORK(attached=attached))

    assert event_subscription_declarations(process, "work") == ()
    assert not has_persistent_trigger(process, process.activity("undo"))


def test_what_waits_in_the_database_is_a_persistent_trigger() -> None:
    process = definition(Block(id="receive", kind="receiveTask"), WORK(extra=("timeout",)), Block(id="plain"))

    assert [name for name, each in process.activities.items() if has_persistent_trigger(process, each)] == [
        "receive",
        "work",
    ]


def test_a_start_in_an_event_sub_process_behaves_unlike_others() -> None:
    process = definition(WORK, triggered=(Event(id="news", on="message"), Event(id="true", on="conditional")))

    names = {name: behaviour_of(activity) for name, activity in process.activities.items()}
    assert names["processStart"] == "NoneStartEventActivityBehavior"
    assert names["news"] == "EventSubProcessStartEventActivityBehavior"
    assert names["true"] == "EventSubProcessStartConditionalEventActivityBehavior"
