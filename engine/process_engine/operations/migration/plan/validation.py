"""Says all that is wrong with a plan at once.

Source: CreateMigrationPlanCmd#validateMigration, MigrationPlanValidationReportImpl#writeTo.
"""

from collections.abc import Iterator, Mapping

from process_engine.errors import MigrationPlanValidationError
from process_engine.model import ProcessDefinition
from process_engine.operations.migration.plan.instructions import Instructions
from process_engine.operations.migration.plan.plan import MigrationInstruction, MigrationPlan
from process_engine.operations.migration.plan.rules import failures
from process_engine.typed_values import TypedValue

Failures = tuple[str, ...]


def validate_plan(
    plan: MigrationPlan,
    source: ProcessDefinition,
    target: ProcessDefinition,
    *,
    java_serialization_enabled: bool = False,
) -> None:
    """Refuse a plan that breaks a rule.

    Args:
        plan: The plan.
        source: The model of its source.
        target: The model of its target.
        java_serialization_enabled: The engine accepts objects in Java's own serialization
            (``javaSerializationFormatEnabled``).

    Raises:
        MigrationPlanValidationError: With all that is wrong.
    """
    instructions = (*_about_nothing(plan, source, target), *_against_rules(plan, source, target))
    variables = {} if java_serialization_enabled else dict(_prohibited(plan.variables or {}))
    if instructions or variables:
        raise MigrationPlanValidationError(_text(plan, instructions, variables), instructions, variables)


def _about_nothing(
    plan: MigrationPlan, source: ProcessDefinition, target: ProcessDefinition
) -> Iterator[tuple[MigrationInstruction, Failures]]:
    for each in plan.instructions:
        if missing := _missing(each, source, target):
            yield each, missing


def _against_rules(
    plan: MigrationPlan, source: ProcessDefinition, target: ProcessDefinition
) -> Iterator[tuple[MigrationInstruction, Failures]]:
    existing = Instructions(
        source,
        target,
        plan.source_process_definition_id,
        plan.target_process_definition_id,
        tuple(each for each in plan.instructions if not _missing(each, source, target)),
    )
    for each in existing.instructions:
        if wrong := tuple(failures(each, existing)):
            yield each, wrong


def _missing(instruction: MigrationInstruction, source: ProcessDefinition, target: ProcessDefinition) -> Failures:
    """What is wrong with the ids alone: if one is null, the other is not looked up."""
    ends = (
        ("Source", source, instruction.source_activity_id),
        ("Target", target, instruction.target_activity_id),
    )
    nulls = tuple(f"{end} activity id is null" for end, _, activity_id in ends if _is_null(activity_id))
    return nulls or tuple(
        f"{end} activity '{activity_id}' does not exist"
        for end, definition, activity_id in ends
        if activity_id not in definition.activities
    )


def _is_null(activity_id: str | None) -> bool:
    """A client may leave an id out, whatever its type says."""
    return activity_id is None


def _prohibited(variables: Mapping[str, TypedValue]) -> Iterator[tuple[str, Failures]]:
    for name, value in variables.items():
        if value.is_java_serialized:
            yield name, (f"Cannot set variable with name {name}. Java serialization format is prohibited",)


def _text(
    plan: MigrationPlan,
    instructions: tuple[tuple[MigrationInstruction, Failures], ...],
    variables: Mapping[str, Failures],
) -> str:
    source, target = plan.source_process_definition_id, plan.target_process_definition_id
    lines = [f"ENGINE-23001 Migration plan for process definition '{source}' to '{target}' is not valid:"]
    for instruction, failed in instructions:
        lines += [f"\t Migration instruction {instruction} is not valid:", *(f"\t\t{text}" for text in failed)]
    for name, failed in variables.items():
        lines += [f"\t Migration variable {name} is not valid:", *(f"\t\t{text}" for text in failed)]
    return "".join(f"{line}\n" for line in lines)
