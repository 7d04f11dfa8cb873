"""Kinds of activities as the rules of migration see them, by their behaviours.

Source: SupportedActivityValidator, SupportedPassiveEventTriggerActivityValidator,
NoCompensationHandlerActivityValidator.
"""

from process_engine.model import Activity, behaviour_of

SUPPORTED = frozenset(
    {
        "SubProcessActivityBehavior",
        "UserTaskActivityBehavior",
        "BoundaryEventActivityBehavior",
        "ParallelMultiInstanceActivityBehavior",
        "SequentialMultiInstanceActivityBehavior",
        "ReceiveTaskActivityBehavior",
        "CallActivityBehavior",
        "CaseCallActivityBehavior",
        "IntermediateCatchEventActivityBehavior",
        "EventBasedGatewayActivityBehavior",
        "EventSubProcessActivityBehavior",
        "EventSubProcessStartEventActivityBehavior",
        "ExternalTaskActivityBehavior",
        "ParallelGatewayActivityBehavior",
        "InclusiveGatewayActivityBehavior",
        "IntermediateConditionalEventBehavior",
        "BoundaryConditionalEventActivityBehavior",
        "EventSubProcessStartConditionalEventActivityBehavior",
    }
)
"""Behaviours of activities whose instances can be migrated."""
PASSIVE = frozenset(
    {
        "BoundaryEventActivityBehavior",
        "BoundaryConditionalEventActivityBehavior",
        "CancelBoundaryEventActivityBehavior",
        "EventSubProcessStartEventActivityBehavior",
        "EventSubProcessStartConditionalEventActivityBehavior",
    }
)
"""Behaviours of events that wait while something else runs."""
SUPPORTED_PASSIVE_TYPES = frozenset(
    {
        "boundaryMessage",
        "boundarySignal",
        "boundaryTimer",
        "compensationBoundaryCatch",
        "boundaryConditional",
        "messageStartEvent",
        "signalStartEvent",
        "startTimerEvent",
        "compensationStartEvent",
        "conditionalStartEvent",
    }
)
CONDITIONAL = frozenset(
    {
        "IntermediateConditionalEventBehavior",
        "BoundaryConditionalEventActivityBehavior",
        "EventSubProcessStartConditionalEventActivityBehavior",
    }
)
JOINING = frozenset({"ParallelGatewayActivityBehavior", "InclusiveGatewayActivityBehavior"})


def is_supported(activity: Activity) -> bool:
    """Whether instances of the activity can be migrated, as distinct from jobs before and after it."""
    return behaviour_of(activity) in SUPPORTED


def is_migratable(activity: Activity) -> bool:
    """Whether generated instructions may be about the activity."""
    has_instances = is_supported(activity) or activity.is_async_before or activity.is_async_after
    has_trigger = not is_passive_event(activity) or activity.type in SUPPORTED_PASSIVE_TYPES
    return has_instances and has_trigger and not activity.is_compensation_handler


def is_passive_event(activity: Activity) -> bool:
    """Whether it is an event that waits while something else runs."""
    return behaviour_of(activity) in PASSIVE


def is_conditional_event(activity: Activity) -> bool:
    """Whether it is a catching conditional event."""
    return behaviour_of(activity) in CONDITIONAL


def is_joining_gateway(activity: Activity) -> bool:
    """Whether tokens wait at it for each other."""
    return behaviour_of(activity) in JOINING
