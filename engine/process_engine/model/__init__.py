"""BPMN models as the engine sees them: frozen process definitions, read from their files with hostile input in mind."""

from process_engine.model.activities import Activity
from process_engine.model.behaviours import behaviour_of
from process_engine.model.declarations import (
    EventSubscriptionDeclaration,
    TimerDeclaration,
    TimerHandler,
    event_subscription_declarations,
    has_persistent_trigger,
    timeout_listener_declarations,
    timer_declarations,
)
from process_engine.model.definition import ProcessDefinition, SequenceFlow
from process_engine.model.errors import BpmnParseError
from process_engine.model.jvm_code import JvmCode, JvmCodeKind, Moment, jvm_code
from process_engine.model.loading import load_definitions
from process_engine.model.parser import parse

__all__ = [
    "Activity",
    "BpmnParseError",
    "EventSubscriptionDeclaration",
    "JvmCode",
    "JvmCodeKind",
    "Moment",
    "ProcessDefinition",
    "SequenceFlow",
    "TimerDeclaration",
    "TimerHandler",
    "behaviour_of",
    "event_subscription_declarations",
    "has_persistent_trigger",
    "jvm_code",
    "load_definitions",
    "parse",
    "timeout_listener_declarations",
    "timer_declarations",
]
