"""Which object is looked at next."""

import asyncio

import pytest

from batch_operator.controller.store import Key, Kind
from batch_operator.controller.wakeups import Wakeups

ONE: Key = (Kind.BATCH, "flows", "one")
TWO: Key = (Kind.BATCH, "flows", "two")
LATER = 3600.0


def soon(wakeups: Wakeups) -> Key | None:
    """The key that is due, if there is one."""

    async def take() -> Key | None:
        try:
            return await asyncio.wait_for(wakeups.take(), 0.05)
        except TimeoutError:
            return None

    return asyncio.run(take())


@pytest.fixture
def wakeups() -> Wakeups:
    return Wakeups()


def test_a_key_that_is_woken_up_often_is_looked_at_once(wakeups: Wakeups) -> None:
    for _ in range(5):
        wakeups.wake(ONE)

    assert soon(wakeups) == ONE
    wakeups.done(ONE)
    assert soon(wakeups) is None


def test_a_key_that_is_being_looked_at_waits_until_that_is_done(wakeups: Wakeups) -> None:
    wakeups.wake(ONE)
    assert soon(wakeups) == ONE

    wakeups.wake(ONE)
    assert soon(wakeups) is None

    wakeups.done(ONE)
    assert soon(wakeups) == ONE


def test_other_keys_do_not_wait_for_a_busy_one(wakeups: Wakeups) -> None:
    wakeups.wake(ONE)
    assert soon(wakeups) == ONE

    wakeups.wake(TWO)

    assert soon(wakeups) == TWO


def test_an_event_brings_a_later_look_forward_but_not_back(wakeups: Wakeups) -> None:
    wakeups.wake(ONE, LATER)
    assert soon(wakeups) is None

    wakeups.wake(ONE)
    wakeups.wake(ONE, LATER)

    assert soon(wakeups) == ONE


def test_a_key_that_is_held_is_not_looked_at_whatever_happens(wakeups: Wakeups) -> None:
    wakeups.hold(ONE, LATER)

    wakeups.wake(ONE)

    assert soon(wakeups) is None


def test_a_waiting_taker_notices_a_new_key(wakeups: Wakeups) -> None:
    async def scene() -> Key:
        taking = asyncio.create_task(wakeups.take())
        await asyncio.sleep(0)
        wakeups.wake(ONE)
        return await asyncio.wait_for(taking, 5)

    assert asyncio.run(scene()) == ONE
