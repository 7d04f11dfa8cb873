"""Orders: a process whose instances stand at different activities, in three versions.

Activities of later versions have other ids, so that a row shows which version it is of even where it names no process
definition.
"""

from collections.abc import Iterator
from typing import Any

from support.peer.blocks import Block, Event, Process, blocks_of
from support.peer.live.frame import Stock
from support.peer.versions import gateway, on, sub

KEY = "live-order"
RENAMED, ADDED_SCOPE = "New", "wrap"
REMINDER = "remind"
"""Beginning of what happens only if somebody is slow."""


def _task(id_: str, *attached: Event, **more: Any) -> Block:
    return Block(id=id_, attached=attached, **more)


def _outside(id_: str, kind: str = "externalTask", *attached: Event, **more: Any) -> Block:
    return Block(id=id_, kind=kind, attached=attached, **more)


WAYS: dict[str, tuple[Block, ...]] = {
    "one": (
        _task("one", on("late", "year")),
        _task("two", on(f"{REMINDER}Soon", "second", _task(f"{REMINDER}Them"), interrupts=False)),
        _task("three", on("asked", "message")),
    ),
    "work": (
        _outside("work", "serviceTask", async_before=True, async_after=True),
        _outside("pause", "secondCatch"),
        _outside("workMore", "serviceTask", async_before=True),
        _task("check", async_before=True),
    ),
    "pack": (_outside("pack"), _outside("ship", "externalTask", on("lost", "year")), _outside("bill")),
    "fork": (
        gateway(
            "fork",
            "parallel",
            (_task("beside"),),
            (_outside("weigh"),),
            (_outside("count", "serviceTask", async_before=True),),
            (sub("scope", _task("each", loop="parallel")),),
        ),
        _task("after"),
    ),
    "calling": (
        gateway("calling", "parallel", (_outside("call", "callActivity"),), (_task("meanwhile"),)),
        _outside("callEach", "callActivity", loop="parallel"),
    ),
    "turn#multiInstanceBody": (_task("turn", loop="sequential"),),
    "attempt": (_outside("attempt", "readyTask", async_before=True), _task("attempted")),
    "receive": (
        _outside("receive", "receiveTask"),
        Block(id="either", choices=(on("never", "year"), on("receiveEither", "message"))),
    ),
}
"""By where they begin: the branches of the process. What the names of messages begin with is what the engine sends."""
FURTHER = ("two", "three", "workMore", "ship", "bill", "after", "attempted")
"""Where instances are started besides."""


def _new(block: Block) -> Block:
    """The block in the next version; those with loops keep their ids, which the Java engine needs to count the done."""
    return block(
        id=new_id(block.id),
        inside=tuple(tuple(map(_new, branch)) for branch in block.inside),
        choices=tuple(map(_new_event, block.choices)),
        attached=tuple(map(_new_event, block.attached)),
    )


def _new_event(event: Event) -> Event:
    return Event(id=new_id(event.id), on=event.on, interrupts=event.interrupts, then=tuple(map(_new, event.then)))


SOURCE = Process(id=KEY, blocks=(gateway("choice", "exclusive", *WAYS.values()),))
LOOPS = {block.id for block in blocks_of(SOURCE) if block.loop}


def new_id(id_: str) -> str:
    """An element's id in later versions."""
    return id_ if id_ in LOOPS else id_ + RENAMED


SAME_SCOPES = Process(id=KEY, blocks=tuple(map(_new, SOURCE.blocks)))
SCOPE_ADDED = Process(id=KEY, blocks=(sub(ADDED_SCOPE, *SAME_SCOPES.blocks),))
VERSIONS = {"the same scopes": 2, "a scope added": 3}
CALLED = Process(id="called", blocks=(_outside("look"),))

STARTS = (*WAYS, *FURTHER)
STOCK = Stock(
    files={
        "called.bpmn": CALLED.bpmn(),
        "order-1.bpmn": SOURCE.bpmn(),
        "order-2.bpmn": SAME_SCOPES.bpmn(),
        "order-3.bpmn": SCOPE_ADDED.bpmn(),
    },
    deploy=("called.bpmn", "order-1.bpmn"),
    starts=[{"key": KEY, "before": activity} for activity in STARTS],
    later=("order-2.bpmn", "order-3.bpmn"),
    failing_jobs=("attempt",),
    failing_external_tasks=True,
)


def spec(version: int) -> dict[str, Any]:
    """The Batch into a version."""
    instructions = [{"sourceActivityId": old, "targetActivityId": new} for old, new in _mapped()]
    migration = {
        "source": {"key": KEY, "version": 1},
        "target": {"key": KEY, "version": version},
        "instructions": instructions,
    }
    return {"operation": {"type": "Migration", "migration": migration}}


def _mapped() -> Iterator[tuple[str, str]]:
    """All that instances can be at, and what waits for events there."""
    for block in blocks_of(SOURCE):
        new = new_id(block.id)
        if block.has_join:
            yield f"{block.id}Join", f"{new}Join"
        if block.kind != "exclusive":
            yield block.id, new
        if block.loop:
            yield f"{block.id}#multiInstanceBody", f"{new}#multiInstanceBody"
        for event in (*block.attached, *block.choices):
            yield event.id, new_id(event.id)
