"""Activities of a process definition, as the engine sees them: flow nodes, and bodies of multi-instance activities."""

from dataclasses import dataclass
from enum import StrEnum

from process_engine.model.values import Listener, Parameter, Timer


class StartBehaviour(StrEnum):
    """What happens to running executions when an activity is started on its own.

    Source: ActivityStartBehavior.
    """

    DEFAULT = "default"
    CANCEL_EVENT_SCOPE = "cancelEventScope"
    """An interrupting boundary event, or an event behind an event-based gateway."""
    INTERRUPT_EVENT_SCOPE = "interruptEventScope"
    """An interrupting event sub process."""
    CONCURRENT_IN_FLOW_SCOPE = "concurrentInFlowScope"
    """A boundary event or an event sub process that interrupts nothing."""
    INTERRUPT_FLOW_SCOPE = "interruptFlowScope"
    """A terminate or cancel end event."""


class EventKind(StrEnum):
    """What an event is about: the event definition inside it, without its ending ``EventDefinition``."""

    TIMER = "timer"
    MESSAGE = "message"
    SIGNAL = "signal"
    CONDITIONAL = "conditional"
    ERROR = "error"
    ESCALATION = "escalation"
    COMPENSATION = "compensate"
    CANCEL = "cancel"
    TERMINATE = "terminate"
    LINK = "link"


@dataclass(frozen=True, kw_only=True)
class Event:
    """What an event catches or throws; a receive task's message too.

    Attributes:
        name: The message's or signal's name, an expression; the link's name.
        code: The error's or escalation's code.
        timer: When a timer fires.
        condition: A conditional event's condition.
        condition_language: The script language of the condition; null if it is an expression.
        variable_name: The only variable whose changes a conditional event looks at.
        variable_events: The kinds of change that it looks at.
        activity_id: What a throwing compensation event compensates; null for its whole scope.
        is_asynchronous: A signal is thrown with a job for each receiver.
    """

    kind: EventKind
    name: str | None = None
    code: str | None = None
    timer: Timer | None = None
    condition: str | None = None
    condition_language: str | None = None
    variable_name: str | None = None
    variable_events: tuple[str, ...] = ()
    activity_id: str | None = None
    is_asynchronous: bool = False


class ImplementationKind(StrEnum):
    """How a service task, or an event or task like one, is implemented."""

    CLASS = "class"
    DELEGATE_EXPRESSION = "delegateExpression"
    EXPRESSION = "expression"
    EXTERNAL = "external"
    MAIL = "mail"
    SHELL = "shell"
    DECISION = "decisionRef"
    CONNECTOR = "connector"
    SCRIPT = "script"


@dataclass(frozen=True, kw_only=True)
class Implementation:
    """What a service task does, or one that is like it.

    Attributes:
        text: The class, expression, decision or script; for an external task its topic, which may be an expression.
        priority: An external task's priority, a number or an expression.
        result_variable: What an expression's or decision's result is stored in.
    """

    kind: ImplementationKind
    text: str
    priority: str | None = None
    result_variable: str | None = None


@dataclass(frozen=True, kw_only=True)
class MultiInstance:
    """How often the activity below a multi-instance body is run. Texts may be expressions."""

    is_sequential: bool
    cardinality: str | None = None
    collection: str | None = None
    element_variable: str | None = None
    completion_condition: str | None = None


@dataclass(frozen=True, kw_only=True)
class UserTask:
    """The definition of a user task's tasks. Texts may be expressions.

    Attributes:
        listeners: By their order in the model; the timeout listeners among them have a timer.
    """

    name: str | None = None
    description: str | None = None
    assignee: str | None = None
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    due_date: str | None = None
    follow_up_date: str | None = None
    priority: str | None = None
    form_key: str | None = None
    listeners: tuple[Listener, ...] = ()


@dataclass(frozen=True, kw_only=True)
class VariableMapping:
    """A variable that is handed to a called instance, or taken from it.

    Attributes:
        source: The variable's name or an expression; null hands over all of them.
        is_expression: Whether `source` is an expression.
        target: The variable's name there.
        is_local: Only variables of the execution itself are read, or written.
    """

    source: str | None
    is_expression: bool
    target: str | None
    is_local: bool


@dataclass(frozen=True, kw_only=True)
class CallActivity:
    """What a call activity calls. Texts may be expressions.

    Attributes:
        called_element: The key of the process called; null if it is a case.
        case_ref: The key of the case called.
        binding: ``latest``, ``deployment``, ``version`` or ``versionTag``.
        variable_mapping: The class or delegate expression that maps variables.
    """

    called_element: str | None
    case_ref: str | None = None
    binding: str = "latest"
    version: str | None = None
    version_tag: str | None = None
    tenant_id: str | None = None
    business_key: str | None = None
    inputs: tuple[VariableMapping, ...] = ()
    outputs: tuple[VariableMapping, ...] = ()
    variable_mapping: str | None = None


@dataclass(frozen=True, kw_only=True)
class Activity:
    """An activity; the body of a multi-instance activity is one as well.

    Attributes:
        type: As ACT_HI_ACTINST.ACT_TYPE_ names it.
        flow_scope_id: The activity around it, or the process definition's key.
        is_scope: Whether it is run by an execution of its own.
        event_scope_id: The scope whose execution holds the event's subscription or timer; null if there is none.
        attached_to_id: The activity in the model that a boundary event is attached to.
        is_sub_process: A sub process of any kind, also one that an event triggers, and a transaction.
        is_triggered_by_event: An event sub process.
        is_multi_instance: The activity below a multi-instance body.
        multi_instance: On the body: how often.
        retry_time_cycle: How often and when a failed job of it is tried again, which may be an expression.
        compensation_handler_id: The activity or event sub process that compensates this one.
        is_compensation_handler: It is run to compensate another only.
        default_flow_id: The sequence flow that is taken when no condition holds.
        line: Where the element is in the file.
    """

    id: str
    name: str | None
    type: str
    flow_scope_id: str
    is_scope: bool
    event_scope_id: str | None = None
    attached_to_id: str | None = None
    start_behaviour: StartBehaviour = StartBehaviour.DEFAULT
    is_sub_process: bool = False
    is_triggered_by_event: bool = False
    is_multi_instance: bool = False
    multi_instance: MultiInstance | None = None
    is_async_before: bool = False
    is_async_after: bool = False
    is_exclusive: bool = True
    job_priority: str | None = None
    retry_time_cycle: str | None = None
    compensation_handler_id: str | None = None
    is_compensation_handler: bool = False
    listeners: tuple[Listener, ...] = ()
    inputs: tuple[Parameter, ...] = ()
    outputs: tuple[Parameter, ...] = ()
    user_task: UserTask | None = None
    call: CallActivity | None = None
    implementation: Implementation | None = None
    event: Event | None = None
    default_flow_id: str | None = None
    line: int | None = None

    @property
    def is_multi_instance_body(self) -> bool:
        """Whether it is the body around a multi-instance activity."""
        return self.multi_instance is not None

    @property
    def is_event_sub_process(self) -> bool:
        """Whether an event triggers this sub process."""
        return self.is_sub_process and self.is_triggered_by_event

    @property
    def is_boundary_event(self) -> bool:
        """Whether it is attached to another activity."""
        return self.attached_to_id is not None

    @property
    def is_external_task(self) -> bool:
        """Whether external workers carry it out."""
        return self.implementation is not None and self.implementation.kind is ImplementationKind.EXTERNAL

    @property
    def throws_compensation(self) -> bool:
        """Whether reaching it compensates others: a throwing compensation or cancel event."""
        kind = None if self.event is None else self.event.kind
        return self.event_scope_id is None and kind in (EventKind.COMPENSATION, EventKind.CANCEL)
