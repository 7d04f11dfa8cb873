"""Block-structured processes: each part has one way in and one way out, so any of them can be put anywhere.

They are written as BPMN that the Java engine runs; ids of what a block needs besides are made from its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="peer">'
)
EVENTS = {
    "timer": "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>",
    "cycle": "<timerEventDefinition><timeCycle>R3/PT10M</timeCycle></timerEventDefinition>",
    "second": "<timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition>",
    "year": "<timerEventDefinition><timeDuration>P1Y</timeDuration></timerEventDefinition>",
    "message": '<messageEventDefinition messageRef="message-{id}"/>',
    "signal": '<signalEventDefinition signalRef="signal-{id}"/>',
    "conditional": "<conditionalEventDefinition><condition>${{go}}</condition></conditionalEventDefinition>",
    "error": '<errorEventDefinition errorRef="error"/>',
    "escalation": '<escalationEventDefinition escalationRef="escalation"/>',
    "compensation": "<compensateEventDefinition/>",
    "cancel": "<cancelEventDefinition/>",
}
"""By what a catching event waits for."""
TASKS = {
    "userTask": ("userTask", ""),
    "receiveTask": ("receiveTask", 'messageRef="message-{id}"'),
    "plainReceiveTask": ("receiveTask", ""),
    "externalTask": ("serviceTask", 'camunda:type="external" camunda:topic="topic"'),
    "callActivity": ("callActivity", 'calledElement="called"'),
    "caseCall": ("callActivity", 'camunda:caseRef="called"'),
    "serviceTask": ("serviceTask", 'camunda:expression="${{true}}"'),
    "readyTask": ("serviceTask", 'camunda:expression="${{ready}}"'),
    "delegateTask": ("serviceTask", 'camunda:class="not.There"'),
    "scriptTask": ("scriptTask", 'scriptFormat="juel"'),
    "manualTask": ("manualTask", ""),
    "task": ("task", ""),
}
"""By kind: the tag and attributes of what stands alone."""
CATCHING = {
    "timerCatch": "timer",
    "secondCatch": "second",
    "messageCatch": "message",
    "signalCatch": "signal",
    "conditionalCatch": "conditional",
}
SCOPES = {"subProcess": "subProcess", "transaction": "transaction"}
SPLITTING = {
    "parallel": "parallelGateway",
    "inclusive": "inclusiveGateway",
    "exclusive": "exclusiveGateway",
}
"""By kind: the gateways before and behind several branches."""
EXTRA = {
    "inputs": (
        '<camunda:inputOutput><camunda:inputParameter name="in">${go}</camunda:inputParameter></camunda:inputOutput>'
    ),
    "timeout": (
        '<camunda:taskListener event="timeout" id="late" expression="${true}">'
        "<timerEventDefinition><timeDuration>PT2H</timeDuration></timerEventDefinition></camunda:taskListener>"
    ),
}


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event that is attached to a block, starts an event sub process, or stands behind an event-based gateway.

    Attributes:
        then: What follows.
    """

    id: str
    on: str
    interrupts: bool = True
    then: tuple["Block", ...] = ()


@dataclass(frozen=True, kw_only=True)
class Block:
    """A part of a process.

    Attributes:
        id: Of the activity, or of the gateway before the branches; the one behind them has ``Join`` added.
        inside: What a scope contains, or the branches of a gateway.
        choices: The events behind an event-based gateway.
        attached: Boundary events.
        triggered: Event sub processes of a scope, by their start events; their ids have ``Scope`` added.
        loop: ``parallel`` or ``sequential``, if it is multi-instance.
        extra: Keys of `EXTRA`.
    """

    id: str
    kind: str = "userTask"
    inside: tuple[tuple["Block", ...], ...] = ()
    choices: tuple[Event, ...] = ()
    attached: tuple[Event, ...] = ()
    triggered: tuple[Event, ...] = ()
    loop: str | None = None
    async_before: bool = False
    async_after: bool = False
    extra: tuple[str, ...] = ()

    @property
    def has_join(self) -> bool:
        """Whether its branches meet at a gateway behind them."""
        return bool(self.choices or (self.inside and self.kind in SPLITTING))

    def __call__(self, **changes: object) -> Self:
        """The same with something changed."""
        return replace(self, **changes)


@dataclass(frozen=True, kw_only=True)
class Process:
    """A process: its blocks one after another, and its event sub processes."""

    id: str
    blocks: tuple[Block, ...]
    triggered: tuple[Event, ...] = ()

    def bpmn(self) -> str:
        """The BPMN file."""
        writer = _Writer()
        writer.scope(self.id, self.blocks, self.triggered)
        process = f'<process id="{self.id}" isExecutable="true">{"".join(writer.lines)}</process>'
        return f"{HEAD}{''.join(sorted(writer.roots))}{process}</definitions>"


@dataclass
class _Writer:
    lines: list[str] = field(default_factory=list[str])
    roots: set[str] = field(default_factory=set[str])
    associations: list[str] = field(default_factory=list[str])

    def scope(
        self, scope_id: str, blocks: Sequence[Block], triggered: Sequence[Event], start: str | None = None
    ) -> None:
        """What is in a process or sub process; the schema wants associations last."""
        outside, self.associations = self.associations, []
        start_id = start or f"{scope_id}Start"
        if start is None:
            self.lines.append(f'<startEvent id="{start_id}"/>')
        last = self.sequence(start_id, blocks)
        self.lines.append(f'<endEvent id="{scope_id}End"/>')
        self.flow(last, f"{scope_id}End")
        for event in triggered:
            self.event_sub_process(event)
        self.lines += self.associations
        self.associations = outside

    def sequence(self, before: str, blocks: Sequence[Block]) -> str:
        """Blocks one after another; the id of the last element."""
        for block in blocks:
            self.block(block)
            self.flow(before, block.id)
            before = f"{block.id}Join" if block.has_join else block.id
        return before

    def flow(self, source: str, target: str) -> None:
        self.lines.append(f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}"/>')

    def block(self, block: Block) -> None:
        if block.kind in SPLITTING:
            self.branches(block)
        elif block.choices:
            self.choices(block)
        elif block.kind in SCOPES:
            self.element(SCOPES[block.kind], "", block)
        elif block.kind in CATCHING:
            self.lines.append(f'<intermediateCatchEvent id="{block.id}"{_flags(block)}>')
            self.lines.append(f"{self.definition(CATCHING[block.kind], block.id)}</intermediateCatchEvent>")
        elif block.kind == "compensationThrow":
            self.lines.append(f'<intermediateThrowEvent id="{block.id}"{_flags(block)}>')
            self.lines.append("<compensateEventDefinition/></intermediateThrowEvent>")
        else:
            tag, attributes = TASKS[block.kind]
            self.element(tag, self.attributes(attributes, block.id), block)
        for event in block.attached:
            self.boundary_event(event, block.id)

    def attributes(self, attributes: str, block_id: str) -> str:
        if "message-" in attributes:
            self.roots.add(f'<message id="message-{block_id}" name="{block_id}"/>')
        return attributes.format(id=block_id)

    def element(self, tag: str, attributes: str, block: Block) -> None:
        self.lines.append(f'<{tag} id="{block.id}" name="{block.id}" {attributes}{_flags(block)}>')
        if block.extra:
            self.lines.append(f"<extensionElements>{''.join(EXTRA[key] for key in block.extra)}</extensionElements>")
        if block.loop:
            is_sequential = str(block.loop == "sequential").lower()
            self.lines.append(f'<multiInstanceLoopCharacteristics isSequential="{is_sequential}">')
            self.lines.append("<loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>")
        if tag == "scriptTask":
            self.lines.append("<script>${true}</script>")
        if block.kind in SCOPES:
            self.scope(block.id, block.inside[0] if block.inside else (), block.triggered)
        self.lines.append(f"</{tag}>")

    def branches(self, block: Block) -> None:
        tag = SPLITTING[block.kind]
        default = ""
        if block.kind == "exclusive" and block.inside:
            first = block.inside[0][0].id if block.inside[0] else f"{block.id}Join"
            default = f' default="{block.id}-{first}"'
        self.lines.append(f'<{tag} id="{block.id}"{_flags(block)}{default if len(block.inside) > 1 else ""}/>')
        if not block.inside:
            return
        self.lines.append(f'<{tag} id="{block.id}Join"/>')
        for number, branch in enumerate(block.inside):
            is_conditional = block.kind == "exclusive" and number > 0
            self.branch(block.id, branch, is_conditional=is_conditional)

    def branch(self, split: str, branch: Sequence[Block], *, is_conditional: bool) -> None:
        at = len(self.lines)
        last = self.sequence(split, branch)
        self.flow(last, f"{split}Join")
        if is_conditional:
            for number in range(at, len(self.lines)):
                if f'sourceRef="{split}"' in self.lines[number]:
                    condition = "<conditionExpression>${go}</conditionExpression></sequenceFlow>"
                    self.lines[number] = self.lines[number].removesuffix("/>") + f">{condition}"

    def choices(self, block: Block) -> None:
        self.lines.append(f'<eventBasedGateway id="{block.id}"{_flags(block)}/>')
        self.lines.append(f'<exclusiveGateway id="{block.id}Join"/>')
        for event in block.choices:
            self.lines.append(f'<intermediateCatchEvent id="{event.id}">')
            self.lines.append(f"{self.definition(event.on, event.id)}</intermediateCatchEvent>")
            self.flow(block.id, event.id)
            self.flow(self.sequence(event.id, event.then), f"{block.id}Join")

    def boundary_event(self, event: Event, host: str) -> None:
        interrupts = str(event.interrupts).lower()
        self.lines.append(f'<boundaryEvent id="{event.id}" attachedToRef="{host}" cancelActivity="{interrupts}">')
        self.lines.append(f"{self.definition(event.on, event.id)}</boundaryEvent>")
        if event.on == "compensation":
            self.lines.append(f'<userTask id="{event.id}Handler" isForCompensation="true"/>')
            self.associations.append(
                f'<association id="{event.id}-{event.id}Handler" sourceRef="{event.id}" targetRef="{event.id}Handler"/>'
            )
            return
        last = self.sequence(event.id, event.then)
        self.lines.append(f'<endEvent id="{event.id}End"/>')
        self.flow(last, f"{event.id}End")

    def event_sub_process(self, event: Event) -> None:
        interrupts = str(event.interrupts).lower()
        self.lines.append(f'<subProcess id="{event.id}Scope" triggeredByEvent="true">')
        self.lines.append(f'<startEvent id="{event.id}" isInterrupting="{interrupts}">')
        self.lines.append(f"{self.definition(event.on, event.id)}</startEvent>")
        self.scope(f"{event.id}Scope", event.then, (), start=event.id)
        self.lines.append("</subProcess>")

    def definition(self, on: str, event_id: str) -> str:
        if on in ("message", "signal"):
            self.roots.add(f'<{on} id="{on}-{event_id}" name="{event_id}"/>')
        if on in ("error", "escalation"):
            self.roots.add(f'<{on} id="{on}" name="{on}" {on}Code="{on}"/>')
        return EVENTS[on].format(id=event_id)


def _flags(block: Block) -> str:
    before = ' camunda:asyncBefore="true"' if block.async_before else ""
    return before + (' camunda:asyncAfter="true"' if block.async_after else "")


def blocks_of(process: Process) -> Iterator[Block]:
    """All blocks, those around before those inside."""
    yield from _blocks(process.blocks)
    for event in process.triggered:
        yield from _blocks(event.then)


def _blocks(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        for branch in block.inside:
            yield from _blocks(branch)
        for event in (*block.choices, *block.attached, *block.triggered):
            yield from _blocks(event.then)
