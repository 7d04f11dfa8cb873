"""Hypothesis strategies: a process, another that edits make of it, and what became of its activities."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from support.peer.blocks import SCOPES, TASKS, Block, Event, Process

LEAVES = (
    "userTask",
    "userTask",
    "userTask",
    "receiveTask",
    "externalTask",
    "callActivity",
    "messageCatch",
    "timerCatch",
)
"""What instances wait at; user tasks are the most usual."""
ODD_LEAVES = (*LEAVES, "caseCall", "delegateTask", "task", "signalCatch", "conditionalCatch", "plainReceiveTask")
COMPOSITES = ("subProcess", "parallel", "exclusive", "choice", "transaction", "inclusive")
CHOICES = (("timer", "message"), ("message", "signal"), ("message", "timer", "conditional"))
ON_BOUNDARY = ("timer", "cycle", "message", "signal", "conditional", "compensation", "error")
ON_START = ("timer", "cycle", "message", "signal", "conditional", "error")
CAN_BE_WATCHED = (*TASKS, *SCOPES)
CAN_LOOP = ("userTask", "receiveTask", "externalTask", "callActivity", "subProcess")

Blocks = tuple[Block, ...]
Thing = TypeVar("Thing")


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two versions of a process.

    Attributes:
        renamed: By the id of an element in the source: its id in the target, if it was renamed.
    """

    source: Process
    target: Process
    renamed: Mapping[str, str]


@st.composite
def pairs(
    draw: DrawFn,
    *,
    leaves: Sequence[str] = ODD_LEAVES,
    extras: Sequence[str] = ("inputs", "timeout"),
    size: int = 3,
    edits: int = 5,
) -> Pair:
    """A process and what edits make of it.

    Args:
        draw: Given by Hypothesis.
        leaves: Kinds of blocks that have nothing inside.
        extras: What some user tasks have besides.
        size: How deep blocks are in each other, and how many one after another.
        edits: At most so many.
    """
    maker = _Maker(draw, leaves, extras)
    source = Process(id="process", blocks=maker.blocks(size), triggered=maker.events(ON_START))
    target = source
    for _ in range(draw(st.integers(1, edits))):
        target = _edited(target, maker)
    return Pair(source=source, target=target, renamed=maker.renamed)


@dataclass
class _Maker:
    """Makes blocks and events, with ids that nothing else has."""

    draw: DrawFn
    leaves: Sequence[str]
    extras: Sequence[str]
    number: int = 0
    renamed: dict[str, str] = field(default_factory=dict[str, str])

    def name(self, stem: str) -> str:
        self.number += 1
        return f"{stem}{self.number}"

    def rename(self, old: str, new: str) -> None:
        """Remember a new name under the name that the source has."""
        first = next((source for source, target in self.renamed.items() if target == old), old)
        self.renamed[first] = new

    def upto(self, last: int, first: int = 0) -> int:
        return self.draw(st.integers(first, last))

    def one(self, things: Sequence[Thing]) -> Thing:
        return self.draw(st.sampled_from(things))

    def is_rarely(self, one_of: int) -> bool:
        return self.upto(one_of - 1) == 0

    def blocks(self, size: int) -> Blocks:
        return tuple(self.block(size) for _ in range(self.upto(max(1, size), 1)))

    def block(self, size: int = 0) -> Block:
        is_leaf = not size or self.is_rarely(3)
        kind = self.one(self.leaves if is_leaf else COMPOSITES)
        block = Block(id=self.name(kind), kind=kind)
        if kind == "choice":
            return block(choices=tuple(self.event(on, interrupts=True) for on in self.one(CHOICES)))
        if not is_leaf:
            count = 1 if kind in SCOPES else self.upto(3, 2)
            block = block(inside=tuple(self.blocks(size - 1) for _ in range(count)))
        return self.decorated(block)

    def decorated(self, block: Block) -> Block:
        """The block with events, loops and the like now and then."""
        if block.kind in SCOPES:
            block = block(triggered=self.events(ON_START))
        if block.kind in CAN_BE_WATCHED:
            block = block(attached=self.events(ON_BOUNDARY))
        if block.kind in CAN_LOOP and self.is_rarely(6):
            block = block(loop=self.one(("parallel", "sequential")))
        if self.is_rarely(7):
            block = block(**{self.one(("async_before", "async_after")): True})
        if block.kind == "userTask" and self.is_rarely(7):
            block = block(extra=(self.one(self.extras),))
        return block

    def events(self, kinds: Sequence[str]) -> tuple[Event, ...]:
        """Mostly none; each kind of event once."""
        if self.upto(2):
            return ()
        chosen = self.draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=2, unique=True))
        return tuple(self.event(on) for on in chosen)

    def event(self, on: str, *, interrupts: bool = False) -> Event:
        interrupts = interrupts or on in ("error", "compensation") or bool(self.upto(1))
        then = (Block(id=self.name("after")),) if on != "compensation" and self.upto(1) else ()
        return Event(id=self.name(f"on{on.title()}"), on=on, interrupts=interrupts, then=then)


# ---------------------------------------------------------------- edits

Edit = Callable[[Blocks, _Maker], Blocks]


def _edited(process: Process, maker: _Maker) -> Process:
    """One edit somewhere in the process, or of its own event sub processes."""
    if maker.is_rarely(8):
        return replace(process, triggered=maker.events(ON_START))
    return replace(process, blocks=_edited_in(process.blocks, maker))


def _edited_in(blocks: Blocks, maker: _Maker) -> Blocks:
    """One edit of these blocks, or of some inside of them."""
    places = [(block, number) for block in blocks for number in range(len(block.inside))]
    if not places or maker.upto(1):
        return maker.one(EDITS)(blocks, maker)
    around, number = maker.one(places)
    inner = _edited_in(around.inside[number], maker)
    changed = around(inside=(*around.inside[:number], inner, *around.inside[number + 1 :]))
    return tuple(changed if block is around else block for block in blocks)


def _one_changed(blocks: Blocks, maker: _Maker, change: Callable[[Block], Block]) -> Blocks:
    at = maker.upto(len(blocks) - 1)
    return (*blocks[:at], change(blocks[at]), *blocks[at + 1 :])


def _renamed(blocks: Blocks, maker: _Maker) -> Blocks:
    def rename(block: Block) -> Block:
        renamed = block(id=maker.name("renamed"))
        maker.rename(block.id, renamed.id)
        if block.has_join:
            maker.rename(f"{block.id}Join", f"{renamed.id}Join")
        return renamed

    return _one_changed(blocks, maker, rename)


def _wrapped(blocks: Blocks, maker: _Maker) -> Blocks:
    """Some neighbours are put into a scope of their own."""
    at = maker.upto(len(blocks) - 1)
    upto = maker.upto(len(blocks), at + 1)
    scope = Block(id=maker.name("scope"), kind="subProcess", inside=(blocks[at:upto],))
    return (*blocks[:at], maker.decorated(scope), *blocks[upto:])


def _unwrapped(blocks: Blocks, maker: _Maker) -> Blocks:
    scopes = [block for block in blocks if block.kind in SCOPES]
    if not scopes:
        return blocks
    gone = maker.one(scopes)
    return tuple(each for block in blocks for each in (gone.inside[0] if block is gone else (block,)))


def _watched(blocks: Blocks, maker: _Maker) -> Blocks:
    """An event attached more, or one less."""

    def change(block: Block) -> Block:
        if block.kind not in CAN_BE_WATCHED:
            return block
        if block.attached and maker.upto(1):
            return block(attached=block.attached[1:])
        there = {event.on for event in block.attached}
        missing = [on for on in ON_BOUNDARY if on not in there]
        return block(attached=(*block.attached, maker.event(maker.one(missing))))

    return _one_changed(blocks, maker, change)


def _triggered(blocks: Blocks, maker: _Maker) -> Blocks:
    """Other event sub processes."""

    def change(block: Block) -> Block:
        return block(triggered=maker.events(ON_START)) if block.kind in SCOPES else block

    return _one_changed(blocks, maker, change)


def _beside(blocks: Blocks, maker: _Maker) -> Blocks:
    """A block becomes one of several branches."""

    def change(block: Block) -> Block:
        return Block(id=maker.name("fork"), kind="parallel", inside=((block,), (maker.block(),)))

    return _one_changed(blocks, maker, change)


def _flagged(blocks: Blocks, maker: _Maker) -> Blocks:
    """A loop, or an asynchronous continuation, appears or vanishes."""

    def change(block: Block) -> Block:
        if block.kind == "choice":
            return block(async_before=not block.async_before)
        if block.kind in CAN_LOOP and maker.upto(1):
            return block(loop=maker.one((None, "parallel", "sequential")))
        name = maker.one(("async_before", "async_after"))
        return block(**{name: not getattr(block, name)})

    return _one_changed(blocks, maker, change)


def _inserted(blocks: Blocks, maker: _Maker) -> Blocks:
    at = maker.upto(len(blocks))
    return (*blocks[:at], maker.block(), *blocks[at:])


def _left_out(blocks: Blocks, maker: _Maker) -> Blocks:
    if len(blocks) < 2:
        return blocks
    at = maker.upto(len(blocks) - 1)
    return (*blocks[:at], *blocks[at + 1 :])


EDITS: tuple[Edit, ...] = (
    *(_renamed, _wrapped, _unwrapped, _watched, _triggered, _beside, _flagged, _inserted, _left_out),
)
