"""What is said where only a JVM can go on: to callers of the engine, and to those who write manifests."""

import pytest

from process_engine.errors import BadUserRequestError, JvmCodeError, OutsideListenersError, WayOut
from process_engine.operation_base.jvm_code import with_ways_out

FIELDS = ("skipCustomListeners", "skipIoMappings", "onJvmCode", "spec.engine")


def test_the_engine_names_each_code_once_and_no_field_of_a_manifest() -> None:
    error = JvmCodeError.for_codes("An instance of p:1 cannot be cancelled", ["a listener", "a bean", "a listener"])

    assert str(error) == (
        "An instance of p:1 cannot be cancelled without the Java engine, which would run: a listener; a bean"
    )
    assert error.ways_out == (WayOut.SKIP_CUSTOM_LISTENERS, WayOut.SKIP_IO_MAPPINGS)


def test_a_manifest_reads_which_fields_leave_the_code_out() -> None:
    error = with_ways_out(JvmCodeError.for_codes("An instance of p:1 cannot be cancelled", ["a listener"]))

    assert str(error) == (
        "An instance of p:1 cannot be cancelled without the Java engine, which would run: a listener. "
        "skipCustomListeners or skipIoMappings leaves it out, onJvmCode: HandOver lets the Java engine do it"
    )
    assert (error.reason, error.rule) == ("NeedsJvm", str(error))


def test_a_manifest_reads_that_variables_may_be_left_out() -> None:
    error = JvmCodeError.because(
        "An instance cannot be migrated to p:2", "a condition holds", ways_out=[WayOut.SET_NO_VARIABLES]
    )

    assert str(with_ways_out(error)) == (
        "An instance cannot be migrated to p:2 without the Java engine: a condition holds. "
        "Leave the plan's variables out, or let the Java engine do it with onJvmCode: HandOver"
    )


@pytest.mark.parametrize(
    ("is_skippable", "rule", "field_rule"),
    [
        (True, "only skip_custom_listeners skips them", "only skipCustomListeners skips them"),
        (False, "nothing skips them", "nothing skips them"),
    ],
)
def test_listeners_of_plugins_are_named_in_the_words_of_whoever_reads_it(
    is_skippable: bool, rule: str, field_rule: str
) -> None:
    error = OutsideListenersError("An instance cannot be cancelled", "Here", is_skippable=is_skippable)

    assert str(error) == (
        "An instance cannot be cancelled without the Java engine: listeners_outside_model is Here, plugins add "
        f"listeners to every activity, and {rule}"
    )
    assert not any(field in str(error) for field in FIELDS)
    assert str(with_ways_out(error)) == (
        "An instance cannot be cancelled without the Java engine: spec.engine.listenersOutsideModel is Here, plugins "
        f"add listeners to every activity, and {field_rule}. onJvmCode: HandOver lets the Java engine do it"
    )


@pytest.mark.parametrize("error", [BadUserRequestError("wrong"), JvmCodeError("The timer of 'a' needs it")])
def test_an_error_without_a_way_out_stays_as_it_is(error: JvmCodeError | BadUserRequestError) -> None:
    assert with_ways_out(error) is error


def test_ways_out_are_told_once() -> None:
    error = with_ways_out(JvmCodeError.for_codes("It cannot be done", ["a bean"]))

    assert with_ways_out(error) is error
