"""Hypothesis strategies: a process, another that edits make of it, and what became of its activities."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

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
ON_BOUNDARY = ("timer", "cycle", "message", "signal", "conditional", "compensation", "error")
ON_START = ("timer", "cycle", "message", "signal", "conditional", "error")
CAN_BE_WATCHED = (*TASKS, *SCOPES)
CAN_LOOP = ("userTask", "receiveTask", "externalTask", "callActivity", "subProcess")
Blocks = tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two versions of a process.

    Attributes:
        renamed: By the id of an element in the source: its id in the target, if it was renamed.
    """

    source: Process
    target: Process
    renamed: Mapping[str, str]


@dataclass
class Names:
    """Ids that nothing else has."""

    number: int = 0
    renamed: dict[str, str] = field(default_factory=dict[str, str])

    def new(self, stem: str) -> str:
        self.number += 1
        return f"{stem}{self.number}"

    def rename(self, old: str, new: str) -> None:
        """Remember a new name under the name that the source has."""
        first = next((source for source, target in self.renamed.items() if target == old), old)
        self.renamed[first] = new


@st.composite
def pairs(draw: DrawFn, *, leaves: Sequence[str] = ODD_LEAVES, size: int = 3, edits: int = 5) -> Pair:
    """A process and what up to so many edits make of it.

    Args:
        draw: Given by Hypothesis.
        leaves: Kinds of blocks that have nothing inside.
        size: How deep blocks are in each other, and how many one after another.
        edits: At most so many.
    """
    names = Names()
    source = draw(processes(names, leaves, size))
    target = source
    for _ in range(draw(st.integers(1, edits))):
        target = _edited(draw, target, names, leaves)
    return Pair(source=source, target=target, renamed=names.renamed)


@st.composite
def processes(draw: DrawFn, names: Names, leaves: Sequence[str], size: int) -> Process:
    """A process with some blocks in and beside each other."""
    blocks = _sequence(draw, names, leaves, size)
    triggered = _events(draw, names, ON_START)
    return Process(id="process", blocks=blocks, triggered=triggered)


def _sequence(draw: DrawFn, names: Names, leaves: Sequence[str], size: int) -> Blocks:
    return tuple(_block(draw, names, leaves, size) for _ in range(draw(st.integers(1, max(1, size)))))


def _block(draw: DrawFn, names: Names, leaves: Sequence[str], size: int = 0) -> Block:
    is_leaf = not size or draw(st.integers(0, 2)) == 0
    kind = draw(st.sampled_from(leaves if is_leaf else COMPOSITES))
    block = Block(id=names.new(kind), kind=kind)
    if kind == "choice":
        events = (("timer", "message"), ("message", "signal"), ("message", "timer", "conditional"))
        choices = tuple(Event(id=names.new(on), on=on, then=_then(draw, names)) for on in draw(st.sampled_from(events)))
        return block(choices=choices)
    if not is_leaf:
        count = 1 if kind in SCOPES else draw(st.integers(2, 3))
        block = block(inside=tuple(_sequence(draw, names, leaves, size - 1) for _ in range(count)))
    return _decorated(draw, block, names)


def _decorated(draw: DrawFn, block: Block, names: Names) -> Block:
    if block.kind in SCOPES:
        block = block(triggered=_events(draw, names, ON_START))
    if block.kind in CAN_BE_WATCHED:
        block = block(attached=_events(draw, names, ON_BOUNDARY))
    if block.kind in CAN_LOOP and draw(st.integers(0, 5)) == 0:
        block = block(loop=draw(st.sampled_from(("parallel", "sequential"))))
    if draw(st.integers(0, 6)) == 0:
        block = block(**{draw(st.sampled_from(("async_before", "async_after"))): True})
    if block.kind == "userTask" and draw(st.integers(0, 6)) == 0:
        block = block(extra=(draw(st.sampled_from(("inputs", "timeout"))),))
    return block


def _then(draw: DrawFn, names: Names) -> Blocks:
    return (Block(id=names.new("after")),) if draw(st.booleans()) else ()


def _events(draw: DrawFn, names: Names, kinds: Sequence[str]) -> tuple[Event, ...]:
    """Mostly none; each kind of event once."""
    if draw(st.integers(0, 2)):
        return ()
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=2, unique=True))
    return tuple(_event(draw, names, on) for on in chosen)


def _event(draw: DrawFn, names: Names, on: str) -> Event:
    interrupts = on in ("error", "compensation") or draw(st.booleans())
    then = () if on == "compensation" else _then(draw, names)
    return Event(id=names.new(f"on{on.title()}"), on=on, interrupts=interrupts, then=then)


Edit = Callable[[DrawFn, Blocks, Names, Sequence[str]], Blocks]


def _edited(draw: DrawFn, process: Process, names: Names, leaves: Sequence[str]) -> Process:
    """One edit somewhere in the process, or of its own event sub processes."""
    if draw(st.integers(0, 7)) == 0:
        return replace(process, triggered=_events(draw, names, ON_START))
    return replace(process, blocks=_edited_in(draw, process.blocks, names, leaves))


def _edited_in(draw: DrawFn, blocks: Blocks, names: Names, leaves: Sequence[str]) -> Blocks:
    """One edit of these blocks, or of some inside of them."""
    places = [(block, number) for block in blocks for number in range(len(block.inside))]
    if not places or draw(st.booleans()):
        return draw(st.sampled_from(EDITS))(draw, blocks, names, leaves)
    around, number = draw(st.sampled_from(places))
    inner = _edited_in(draw, around.inside[number], names, leaves)
    changed = around(inside=(*around.inside[:number], inner, *around.inside[number + 1 :]))
    return tuple(changed if block is around else block for block in blocks)


def _renamed(draw: DrawFn, blocks: Blocks, names: Names, _leaves: Sequence[str]) -> Blocks:
    def rename(block: Block) -> Block:
        renamed = block(id=names.new("renamed"))
        names.rename(block.id, renamed.id)
        if block.has_join:
            names.rename(f"{block.id}Join", f"{renamed.id}Join")
        return renamed

    return _one_changed(draw, blocks, rename)


def _wrapped(draw: DrawFn, blocks: Blocks, names: Names, _leaves: Sequence[str]) -> Blocks:
    """Some neighbours are put into a scope of their own."""
    at = draw(st.integers(0, len(blocks) - 1))
    upto = draw(st.integers(at + 1, len(blocks)))
    scope = Block(id=names.new("scope"), kind="subProcess", inside=(blocks[at:upto],))
    return (*blocks[:at], _decorated(draw, scope, names), *blocks[upto:])


def _unwrapped(draw: DrawFn, blocks: Blocks, _names: Names, _leaves: Sequence[str]) -> Blocks:
    scopes = [block for block in blocks if block.kind in SCOPES]
    if not scopes:
        return blocks
    gone = draw(st.sampled_from(scopes))
    return tuple(each for block in blocks for each in (gone.inside[0] if block is gone else (block,)))


def _attached(draw: DrawFn, blocks: Blocks, names: Names, _leaves: Sequence[str]) -> Blocks:
    """An event more, or one less, or one that waits for something else."""

    def change(block: Block) -> Block:
        if block.kind not in CAN_BE_WATCHED:
            return block
        there = {event.on for event in block.attached}
        missing = [on for on in ON_BOUNDARY if on not in there]
        if block.attached and draw(st.booleans()):
            return block(attached=block.attached[1:])
        return block(attached=(*block.attached, _event(draw, names, draw(st.sampled_from(missing)))))

    return _one_changed(draw, blocks, change)


def _triggers(draw: DrawFn, blocks: Blocks, names: Names, _leaves: Sequence[str]) -> Blocks:
    def change(block: Block) -> Block:
        return block(triggered=_events(draw, names, ON_START)) if block.kind in SCOPES else block

    return _one_changed(draw, blocks, change)


def _beside(draw: DrawFn, blocks: Blocks, names: Names, leaves: Sequence[str]) -> Blocks:
    """A block becomes one of several branches."""

    def change(block: Block) -> Block:
        other = (_block(draw, names, leaves),)
        return Block(id=names.new("fork"), kind="parallel", inside=((block,), other))

    return _one_changed(draw, blocks, change)


def _flags(draw: DrawFn, blocks: Blocks, _names: Names, _leaves: Sequence[str]) -> Blocks:
    def change(block: Block) -> Block:
        if block.kind == "choice":
            return block(async_before=not block.async_before)
        if block.kind in CAN_LOOP and draw(st.booleans()):
            return block(loop=draw(st.sampled_from((None, "parallel", "sequential"))))
        name = draw(st.sampled_from(("async_before", "async_after")))
        return block(**{name: not getattr(block, name)})

    return _one_changed(draw, blocks, change)


def _inserted(draw: DrawFn, blocks: Blocks, names: Names, leaves: Sequence[str]) -> Blocks:
    at = draw(st.integers(0, len(blocks)))
    return (*blocks[:at], _block(draw, names, leaves), *blocks[at:])


def _left_out(draw: DrawFn, blocks: Blocks, _names: Names, _leaves: Sequence[str]) -> Blocks:
    if len(blocks) < 2:
        return blocks
    at = draw(st.integers(0, len(blocks) - 1))
    return (*blocks[:at], *blocks[at + 1 :])


EDITS: tuple[Edit, ...] = (
    _renamed,
    _wrapped,
    _unwrapped,
    _attached,
    _triggers,
    _beside,
    _flags,
    _inserted,
    _left_out,
)


def _one_changed(draw: DrawFn, blocks: Blocks, change: Callable[[Block], Block]) -> Blocks:
    at = draw(st.integers(0, len(blocks) - 1))
    return (*blocks[:at], change(blocks[at]), *blocks[at + 1 :])
