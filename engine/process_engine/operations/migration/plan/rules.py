"""The rules for instructions: each says what is wrong with one of them, among all.

The order is the Java engine's, and so are the texts.

Source: the package migration.validation.instruction.
"""

from collections.abc import Callable, Iterator

from process_engine.errors import ProcessEngineError
from process_engine.model import (
    Activity,
    ProcessDefinition,
    behaviour_of,
    has_persistent_trigger,
    timeout_listener_declarations,
)
from process_engine.operations.migration.plan.instructions import Instructions
from process_engine.operations.migration.plan.kinds import is_conditional_event, is_joining_gateway, is_passive_event
from process_engine.operations.migration.plan.plan import MigrationInstruction

Rule = Callable[[MigrationInstruction, Instructions], Iterator[str]]

EQUIVALENT = (
    {"CallActivityBehavior", "CaseCallActivityBehavior"},
    {"SubProcessActivityBehavior", "EventSubProcessActivityBehavior"},
)


def same_behaviour(instruction: MigrationInstruction, among: Instructions) -> Iterator[str]:
    """Both activities are of one kind. Source: SameBehaviorInstructionValidator."""
    source = behaviour_of(among.source_activity(instruction))
    target = behaviour_of(among.target_activity(instruction))
    if source != target and {source, target} not in EQUIVALENT:
        yield f"Activities have incompatible types ({source} is not compatible with {target})"


def same_event_type(instruction: MigrationInstruction, among: Instructions) -> Iterator[str]:
    """Events are triggered by the same kind of event. Source: SameEventTypeValidator."""
    source, target = among.source_activity(instruction), among.target_activity(instruction)
    if is_passive_event(source) and is_passive_event(target) and source.type != target.type:
        yield f"Events are not of the same type ({source.type} != {target.type})"


def mapped_once(instruction: MigrationInstruction, among: Instructions) -> Iterator[str]:
    """An activity is mapped once. Source: OnlyOnceMappedActivityInstructionValidator."""
    same = among.of_source(instruction.source_activity_id)
    if len(same) > 1:
        printed = ", ".join(
            "ValidatingMigrationInstructionImpl{"
            f"sourceActivity=Activity({each.source_activity_id}), targetActivity=Activity({each.target_activity_id})}}"
            for each in same
        )
        yield f"There are multiple mappings for source activity id '{instruction.source_activity_id}': {printed}"


def no_body_added(instruction: MigrationInstruction, among: Instructions) -> Iterator[str]:
    """No multi-instance body appears around an activity. Source: CannotAddMultiInstanceBodyValidator."""
    target_id = instruction.target_activity_id
    for scope_id in among.target.flow_scopes(target_id):
        if among.of_target(scope_id):
            return
        if _is_body(among.target, scope_id):
            yield (
                f"Target activity '{target_id}' is a descendant of multi-instance body '{scope_id}' "
                "that is not mapped from the source process definition."
            )
            return


def inner_activity_mapped_to(instruction: MigrationInstruction, among: Instructions) -> Iterator[str]:
    """To a body belongs its inner activity. Source: CannotAddMultiInstanceInnerActivityValidator."""
    target = among.target_activity(instruction)
    if target.is_multi_instance_body and not among.of_target(_inner(among.target, target).id):
        yield "Must map the inner activity of a multi-instance body when the body is mapped"


def inner_activity_mapped(instruction: MigrationInstruction, among: Instructions) -> Iterator[str]:
    """With a body its inner activity is mapped. Source: CannotRemoveMultiInstanceInnerActivityValidator."""
    source = among.source_activity(instruction)
    if source.is_multi_instance_body and not among.of_source(_inner(among.source, source).id):
        yield "Cannot remove the inner activity of a multi-instance body when the body is mapped"


def gateway_keeps_tokens(instruction: MigrationInstruction, among: Instructions) -> Iterator[str]:
    """The tokens that wait at a gateway still fit. Source: GatewayMappingValidator."""
    source, target = among.source_activity(instruction), among.target_activity(instruction)
    if not is_joining_gateway(target):
        return
    if len(among.source.incoming(source.id)) > len(among.target.incoming(target.id)):
        yield (
            "The target gateway must have at least the same number "
            "of incoming sequence flows that the source gateway has"
        )
    if source.flow_scope_id != among.source.key and not among.of_source(source.flow_scope_id):
        yield f"The gateway's flow scope '{source.flow_scope_id}' must be mapped"
    if len(among.of_target(target.id)) > 1:
        yield f"Only one gateway can be mapped to gateway '{target.id}'"


def same_event_scope(instruction: MigrationInstruction, among: Instructions) -> Iterator[str]:
    """What an event waits beside is mapped with it. Source: SameEventScopeInstructionValidator.

    An event sub process and others whose events are those of the scope around need not care; nor does a compensation
    boundary event, since the activity that it is attached to need not run.
    """
    source, target = among.source_activity(instruction), among.target_activity(instruction)
    scope_id = source.event_scope_id
    if source.type == "compensationBoundaryCatch" or scope_id in (None, source.flow_scope_id):
        return
    expected = f"The source activity's event scope ({among.name_in_source(scope_id)}) must be mapped"
    if target.event_scope_id is None:
        if not _has_timeout_listeners(among.source, source):
            yield f"{expected} but the target activity has no event scope"
    elif _mapped_scope(scope_id, among) != target.event_scope_id:
        yield f"{expected} to the target activity's event scope ({among.name_in_target(target.event_scope_id)})"


def trigger_to_update(instruction: MigrationInstruction, among: Instructions) -> Iterator[str]:
    """Only what waits in the database is updated. Source: UpdateEventTriggersValidator."""
    source = among.source_activity(instruction)
    if instruction.update_event_trigger and not has_persistent_trigger(among.source, source):
        yield "Cannot update event trigger because the activity does not define a persistent event trigger"


def inside_mapped_scopes(instruction: MigrationInstruction, among: Instructions) -> Iterator[str]:
    """An activity stays inside of what its scopes become. Source: AdditionalFlowScopeInstructionValidator."""
    around = among.source.flow_scopes(instruction.source_activity_id)
    ancestor = next((among.of_source(scope_id)[0] for scope_id in around if among.of_source(scope_id)), None)
    target_id = instruction.target_activity_id
    if ancestor is not None and ancestor.target_activity_id not in among.target.flow_scopes(target_id):
        yield (
            f"The closest mapped ancestor '{ancestor.source_activity_id}' is mapped to scope "
            f"'{ancestor.target_activity_id}' which is not an ancestor of target scope '{target_id}'"
        )


def condition_updated(instruction: MigrationInstruction, among: Instructions) -> Iterator[str]:
    """A condition is always the target's. Source: ConditionalEventUpdateEventTriggerValidator."""
    if is_conditional_event(among.source_activity(instruction)) and not instruction.update_event_trigger:
        yield "Conditional event has to migrate with update event trigger."


RULES: tuple[Rule, ...] = (
    same_behaviour,
    same_event_type,
    mapped_once,
    no_body_added,
    inner_activity_mapped_to,
    inner_activity_mapped,
    gateway_keeps_tokens,
    same_event_scope,
    trigger_to_update,
    inside_mapped_scopes,
    condition_updated,
)
RULES_WITHOUT_INNER_ACTIVITIES = tuple(
    rule for rule in RULES if rule not in (inner_activity_mapped_to, inner_activity_mapped)
)
"""While instructions are generated, bodies come before their inner activities."""


def failures(instruction: MigrationInstruction, among: Instructions, rules: tuple[Rule, ...] = RULES) -> Iterator[str]:
    """All that is wrong with an instruction among others."""
    for rule in rules:
        yield from rule(instruction, among)


def _is_body(definition: ProcessDefinition, scope_id: str) -> bool:
    return scope_id != definition.key and definition.activity(scope_id).is_multi_instance_body


def _inner(definition: ProcessDefinition, body: Activity) -> Activity:
    inner = next((each for each in definition.children(body.id) if not each.is_compensation_handler), None)
    if inner is None:
        raise ProcessEngineError(f"inner activity of multi instance body activity '{body.id}' not found")
    return inner


def _has_timeout_listeners(definition: ProcessDefinition, activity: Activity) -> bool:
    return activity.event_scope_id == activity.id and bool(timeout_listener_declarations(definition, activity.id))


def _mapped_scope(scope_id: str, among: Instructions) -> str | None:
    if scope_id == among.source.key:
        return among.target.key
    mapped = among.of_source(scope_id)
    return mapped[0].target_activity_id if mapped else None
