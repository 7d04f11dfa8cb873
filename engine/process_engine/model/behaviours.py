"""The Java engine's activity behaviours: what runs an activity, by the simple name of its class.

Messages name them, and the rules of migration ask for them.

Source: BpmnParse, the calls of setActivityBehavior.
"""

from collections.abc import Mapping

from process_engine.model.activities import Activity, EventKind, ImplementationKind

IMPLEMENTED: Mapping[ImplementationKind, str] = {
    ImplementationKind.CLASS: "ClassDelegateActivityBehavior",
    ImplementationKind.DELEGATE_EXPRESSION: "ServiceTaskDelegateExpressionActivityBehavior",
    ImplementationKind.EXPRESSION: "ServiceTaskExpressionActivityBehavior",
    ImplementationKind.EXTERNAL: "ExternalTaskActivityBehavior",
    ImplementationKind.MAIL: "MailActivityBehavior",
    ImplementationKind.SHELL: "ShellActivityBehavior",
    ImplementationKind.DECISION: "DmnBusinessRuleTaskActivityBehavior",
    ImplementationKind.CONNECTOR: "ServiceTaskConnectorActivityBehavior",
    ImplementationKind.SCRIPT: "ScriptTaskActivityBehavior",
}
BY_TYPE: Mapping[str, str] = {
    "exclusiveGateway": "ExclusiveGatewayActivityBehavior",
    "inclusiveGateway": "InclusiveGatewayActivityBehavior",
    "parallelGateway": "ParallelGatewayActivityBehavior",
    "eventBasedGateway": "EventBasedGatewayActivityBehavior",
    "task": "TaskActivityBehavior",
    "manualTask": "ManualTaskActivityBehavior",
    "userTask": "UserTaskActivityBehavior",
    "receiveTask": "ReceiveTaskActivityBehavior",
    "intermediateLinkCatch": "IntermediateCatchLinkEventActivityBehavior",
    "intermediateConditional": "IntermediateConditionalEventBehavior",
    "intermediateTimer": "IntermediateCatchEventActivityBehavior",
    "intermediateSignalCatch": "IntermediateCatchEventActivityBehavior",
    "intermediateMessageCatch": "IntermediateCatchEventActivityBehavior",
    "intermediateCatchEvent": "IntermediateCatchEventActivityBehavior",
    "intermediateNoneThrowEvent": "IntermediateThrowNoneEventActivityBehavior",
    "intermediateSignalThrow": "ThrowSignalEventActivityBehavior",
    "intermediateCompensationThrowEvent": "CompensationEventActivityBehavior",
    "intermediateEscalationThrowEvent": "ThrowEscalationEventActivityBehavior",
    "noneEndEvent": "NoneEndEventActivityBehavior",
    "endEvent": "IntermediateThrowNoneEventActivityBehavior",
    "errorEndEvent": "ErrorEndEventActivityBehavior",
    "cancelEndEvent": "CancelEndEventActivityBehavior",
    "terminateEndEvent": "TerminateEndEventActivityBehavior",
    "signalEndEvent": "ThrowSignalEventActivityBehavior",
    "compensationEndEvent": "CompensationEventActivityBehavior",
    "escalationEndEvent": "ThrowEscalationEventActivityBehavior",
    "boundaryConditional": "BoundaryConditionalEventActivityBehavior",
    "cancelBoundaryCatch": "CancelBoundaryEventActivityBehavior",
}
"""By the activity's type, for those whose behaviour it tells.

An end event that throws a message, but does not say how, has the type ``endEvent``.
"""


def behaviour_of(activity: Activity) -> str:
    """The simple name of the class of an activity's behaviour."""
    if activity.multi_instance is not None:
        kind = "Sequential" if activity.multi_instance.is_sequential else "Parallel"
        return f"{kind}MultiInstanceActivityBehavior"
    if activity.call is not None:
        return "CaseCallActivityBehavior" if activity.call.called_element is None else "CallActivityBehavior"
    if activity.implementation is not None:
        return IMPLEMENTED[activity.implementation.kind]
    if activity.is_sub_process:
        return "EventSubProcessActivityBehavior" if activity.is_triggered_by_event else "SubProcessActivityBehavior"
    return BY_TYPE.get(activity.type) or _of_event(activity)


def _of_event(activity: Activity) -> str:
    if activity.is_boundary_event:
        return "BoundaryEventActivityBehavior"
    if activity.event_scope_id in (None, activity.flow_scope_id):
        return "NoneStartEventActivityBehavior"
    is_conditional = activity.event is not None and activity.event.kind is EventKind.CONDITIONAL
    return f"EventSubProcessStart{'Conditional' if is_conditional else ''}EventActivityBehavior"
