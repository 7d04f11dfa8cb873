"""Versions of processes between which plans are made: by name, two or more of each."""

from support.peer.blocks import Block, Event, Process

ON_BOUNDARY = ("timer", "cycle", "message", "signal", "conditional", "error", "escalation", "compensation")
ON_START = ("timer", "cycle", "message", "signal", "conditional", "error", "escalation")
CATCHING = ("timerCatch", "messageCatch", "signalCatch", "conditionalCatch")
ALONE = (
    *("userTask", "receiveTask", "plainReceiveTask", "externalTask", "callActivity", "caseCall", "serviceTask"),
    *("delegateTask", "scriptTask", "manualTask", "task", *CATCHING),
)


def process(*blocks: Block, triggered: tuple[Event, ...] = ()) -> Process:
    return Process(id="process", blocks=blocks, triggered=triggered)


def sub(id_: str, *blocks: Block, **more: object) -> Block:
    return Block(id=id_, kind="subProcess", inside=(blocks,))(**more)


def gateway(id_: str, kind: str, *branches: tuple[Block, ...]) -> Block:
    return Block(id=id_, kind=kind, inside=branches)


def on(id_: str, trigger: str, *then: Block, interrupts: bool = True) -> Event:
    return Event(id=id_, on=trigger, then=then, interrupts=interrupts)


A, B, C = Block(id="a"), Block(id="b"), Block(id="c")
ALL_ATTACHED = tuple(on(f"on-{trigger}", trigger, Block(id=f"after-{trigger}")) for trigger in ON_BOUNDARY[:-2])
STARTS = tuple(on(f"at-{trigger}", trigger, Block(id=f"in-{trigger}")) for trigger in ON_START)


def _other(trigger: str, triggers: tuple[str, ...]) -> str:
    return triggers[(triggers.index(trigger) + 1) % len(triggers)]


SCOPES: dict[str, tuple[Process, ...]] = {
    "the same": (process(A, B), process(A, B)),
    "renamed": (process(A, B), process(A, C)),
    "a scope added": (process(A, B), process(sub("s", A), B), process(sub("s", A, B))),
    "scopes nested": (
        process(sub("s", sub("t", A, B)), C),
        process(sub("s", A, B), C),
        process(sub("t", sub("s", A, B)), C),
        process(sub("s", A), sub("t", B), C),
    ),
    "a task moved out of one of two scopes": (
        process(sub("s", A), sub("t", B)),
        process(sub("s", B), sub("t", A)),
        process(A, sub("s", B), sub("t", C)),
    ),
    "a scope with everything": (
        process(sub("s", A, attached=ALL_ATTACHED, triggered=STARTS), B),
        process(sub("s", A, attached=ALL_ATTACHED[:3], triggered=STARTS[:3]), B),
        process(sub("t", sub("s", A, triggered=STARTS[2:])), sub("u", B, attached=ALL_ATTACHED)),
    ),
    "a transaction": (
        process(Block(id="s", kind="transaction", inside=((A,),), attached=(on("cancelled", "cancel", B),))),
        process(sub("s", A), B),
        process(Block(id="s", kind="transaction", inside=((A,),)), B),
    ),
    "inputs and timeouts": (
        process(A(extra=("inputs",)), B(extra=("timeout",))),
        process(A, B),
        process(A(extra=("timeout",)), B(extra=("inputs", "timeout"))),
        process(sub("s", A(extra=("timeout",))), B(attached=(on("late", "timer"),))),
    ),
    "a timeout becomes that of another": (
        process(A(extra=("timeout",)), B),
        process(A, B(extra=("timeout",))),
        process(A(attached=(on("late", "timer"),)), B),
    ),
    "async": (
        process(A(async_before=True), Block(id="b", kind="serviceTask", async_after=True), Block(id="c", kind="task")),
        process(A, Block(id="b", kind="serviceTask"), Block(id="c", kind="task", async_before=True)),
        process(
            A(async_after=True),
            Block(id="b", kind="delegateTask", async_before=True),
            Block(id="c", kind="manualTask", async_after=True),
        ),
    ),
    "async scopes and gateways": (
        process(sub("s", A, async_before=True), gateway("g", "exclusive", (B,), (C,))(async_before=True)),
        process(sub("s", A, async_after=True), gateway("g", "exclusive", (B,), (C,))(async_after=True)),
        process(sub("s", A), gateway("g", "parallel", (B,), (C,))(async_before=True)),
    ),
}
EVENTS: dict[str, tuple[Process, ...]] = {
    f"{trigger} attached": (
        process(A(attached=(on("e", trigger, C),)), B),
        process(A(attached=(on("e", _other(trigger, ON_BOUNDARY), C),)), B),
        process(A, B(attached=(on("e", trigger, C),))),
        process(sub("s", A(attached=(on("e", trigger, C),))), B),
        process(sub("s", A, attached=() if trigger == "compensation" else (on("e", trigger, C),)), B),
    )
    for trigger in ON_BOUNDARY
} | {
    f"{trigger} starts": (
        process(A, triggered=(on("e", trigger, B),)),
        process(A, triggered=(on("e", _other(trigger, ON_START), B),)),
        process(sub("s", A, triggered=(on("e", trigger, B),))),
        process(sub("eScope", A(attached=(on("e", trigger, B),))), C),
        process(A, sub("eScope", B), C),
    )
    for trigger in ON_START
}
NESTED_EVENTS: dict[str, tuple[Process, ...]] = {
    "events that interrupt nothing": (
        process(
            A(attached=(on("e", "message", C, interrupts=False),)),
            triggered=(on("f", "timer", B, interrupts=False),),
        ),
        process(A(attached=(on("e", "message", C),)), triggered=(on("f", "timer", B),)),
    ),
    "an event sub process of another's start": (
        process(A, triggered=(on("e", "message", B), on("f", "message", C))),
        process(A, triggered=(on("f", "message", B), on("e", "message", C))),
    ),
    "an event of a scope in an event sub process": (
        process(A, triggered=(on("e", "signal", sub("s", B, attached=(on("f", "timer", C),))),)),
        process(A, triggered=(on("e", "signal", sub("s", B(attached=(on("f", "timer", C),)))),)),
    ),
    "waiting for one event of many": (
        process(A, Block(id="g", kind="choice", choices=(on("m", "message", B), on("t", "timer"), on("s", "signal")))),
        process(A, Block(id="g", kind="choice", choices=(on("m", "message", B), on("s", "timer"), on("t", "signal")))),
        process(Block(id="g", kind="choice", choices=(on("m", "message"), on("k", "conditional"))), B),
        process(Block(id="m", kind="messageCatch"), Block(id="t", kind="timerCatch"), Block(id="g")),
        process(sub("x", Block(id="g", kind="choice", choices=(on("m", "message"), on("h", "conditional")))), B),
    ),
    "compensation": (
        process(A(attached=(on("u", "compensation"),)), sub("s", B(attached=(on("v", "compensation"),)))),
        process(A(attached=(on("v", "compensation"),)), sub("s", B(attached=(on("u", "compensation"),)))),
        process(A(attached=(on("u", "compensation"),)), B, Block(id="s", kind="compensationThrow")),
        process(sub("s", A, triggered=(on("u", "compensation", C),)), B),
        process(sub("s", A, triggered=(on("w", "compensation", C),)), Block(id="throw", kind="compensationThrow")),
    ),
    "an event sub process for another scope": (
        process(sub("s", A, triggered=(on("e", "message", B),)), C),
        process(sub("s", A), C, triggered=(on("e", "message", B),)),
        process(sub("t", sub("s", A), triggered=(on("e", "message", B),)), C),
    ),
}
LOOPS: dict[str, tuple[Process, ...]] = {
    "a loop": (
        process(A(loop="parallel"), B),
        process(A(loop="sequential"), B),
        process(A, B(loop="parallel")),
        process(sub("s", A(loop="parallel")), B),
    ),
    "a scope in a loop": (
        process(sub("s", A, B, loop="parallel")),
        process(sub("s", A, loop="parallel"), B),
        process(sub("s", A(loop="parallel"), B)),
        process(sub("t", sub("s", A, B), loop="sequential")),
        process(sub("s", A, B)),
    ),
    "loops in loops": (
        process(sub("s", A(loop="sequential"), loop="parallel"), B),
        process(sub("s", A, loop="parallel"), B(loop="sequential")),
        process(sub("s", sub("t", A, loop="sequential"), loop="parallel"), B),
    ),
    "a loop with events": (
        process(A(loop="parallel", attached=ALL_ATTACHED), B),
        process(A(attached=ALL_ATTACHED), B),
        process(A(loop="sequential", attached=ALL_ATTACHED[:2]), B(loop="parallel", attached=ALL_ATTACHED[2:])),
        process(A(loop="parallel", extra=("timeout",), async_before=True), B),
    ),
    "a loop that is compensated": (
        process(A(loop="parallel", attached=(on("u", "compensation"),)), B),
        process(A(attached=(on("u", "compensation"),)), B),
        process(sub("s", A, loop="parallel", triggered=(on("u", "compensation", C),)), B),
    ),
    "calls in a loop": (
        process(Block(id="a", kind="callActivity", loop="parallel"), Block(id="b", kind="externalTask")),
        process(Block(id="a", kind="caseCall", loop="parallel"), Block(id="b", kind="externalTask", loop="sequential")),
        process(Block(id="a", kind="callActivity"), Block(id="b", kind="receiveTask", loop="parallel")),
    ),
}
GATEWAYS: dict[str, tuple[Process, ...]] = {
    **{
        kind: (
            process(gateway("g", kind, (A,), (B,)), C),
            process(gateway("g", kind, (A,), (B,), (C,))),
            process(gateway("h", kind, (A,), (B,)), C),
            process(A, Block(id="gJoin", kind=kind), B, Block(id="hJoin", kind=kind)),
        )
        for kind in ("parallel", "inclusive", "exclusive")
    },
    "one kind for the other": (
        process(gateway("g", "parallel", (A,), (B,))),
        process(gateway("g", "inclusive", (A,), (B,))),
        process(gateway("g", "exclusive", (A,), (B,))),
        process(Block(id="g"), Block(id="gJoin", kind="receiveTask")),
    ),
    "gateways in scopes": (
        process(sub("s", gateway("g", "parallel", (A,), (B,))), C),
        process(gateway("g", "parallel", (A,), (B,)), C),
        process(sub("t", gateway("g", "parallel", (A,), (sub("s", B),))), C),
        process(gateway("g", "parallel", (sub("s", gateway("h", "parallel", (A,), (C,))),), (B,))),
    ),
    "moved into a branch": (
        process(A, gateway("g", "inclusive", (B,), (C,))),
        process(gateway("g", "inclusive", (A, B), (C,))),
        process(gateway("g", "inclusive", (B,), (gateway("h", "parallel", (A,), (C,)),))),
    ),
}
KINDS: dict[str, tuple[Process, ...]] = {
    f"{kind} for another kind": (
        process(Block(id="a", kind=kind), B),
        process(Block(id="a", kind=_other(kind, ALONE)), B),
        process(sub("s", Block(id="a", kind=kind))),
    )
    for kind in ALONE
}
VERSIONS: dict[str, tuple[Process, ...]] = SCOPES | EVENTS | NESTED_EVENTS | LOOPS | GATEWAYS | KINDS
