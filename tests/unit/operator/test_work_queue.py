"""Which object is reconciled next."""

import asyncio

import pytest

from batch_operator.controller.store import Key, Kind
from batch_operator.controller.work_queue import WorkQueue

ONE: Key = (Kind.BATCH, "flows", "one")
TWO: Key = (Kind.BATCH, "flows", "two")
LATER = 3600.0


def soon(queue: WorkQueue) -> Key | None:
    """The key that is due, if there is one."""

    async def take() -> Key | None:
        try:
            return await asyncio.wait_for(queue.take(), 0.05)
        except TimeoutError:
            return None

    return asyncio.run(take())


@pytest.fixture
def queue() -> WorkQueue:
    return WorkQueue()


def test_a_key_that_is_added_often_is_taken_once(queue: WorkQueue) -> None:
    for _ in range(5):
        queue.add(ONE)

    assert soon(queue) == ONE
    queue.done(ONE)
    assert soon(queue) is None


def test_a_key_that_is_taken_waits_until_that_is_done(queue: WorkQueue) -> None:
    queue.add(ONE)
    assert soon(queue) == ONE

    queue.add(ONE)
    assert soon(queue) is None

    queue.done(ONE)
    assert soon(queue) == ONE


def test_other_keys_do_not_wait_for_a_busy_one(queue: WorkQueue) -> None:
    queue.add(ONE)
    assert soon(queue) == ONE

    queue.add(TWO)

    assert soon(queue) == TWO


def test_an_event_brings_a_later_turn_forward_but_not_back(queue: WorkQueue) -> None:
    queue.add(ONE, LATER)
    assert soon(queue) is None

    queue.add(ONE)
    queue.add(ONE, LATER)

    assert soon(queue) == ONE


def test_a_key_that_is_held_is_not_taken_whatever_happens(queue: WorkQueue) -> None:
    queue.hold(ONE, LATER)

    queue.add(ONE)

    assert soon(queue) is None


def test_a_waiting_taker_notices_a_new_key(queue: WorkQueue) -> None:
    async def scene() -> Key:
        taking = asyncio.create_task(queue.take())
        await asyncio.sleep(0)
        queue.add(ONE)
        return await asyncio.wait_for(taking, 5)

    assert asyncio.run(scene()) == ONE
