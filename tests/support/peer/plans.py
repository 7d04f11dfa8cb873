"""Migration plans: the Java engine's and ours, from the same questions, comparable."""

import json
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from process_engine.errors import BadUserRequestError, MigrationPlanValidationError, ProcessEngineError
from process_engine.model import ProcessDefinition, parse
from process_engine.operations.migration.plan import MigrationPlanBuilder
from process_engine.typed_values import TypedValue
from support.peer.program import Shell

Instruction = tuple[str | None, str | None, bool]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What a builder is told.

    Attributes:
        source: The name of a model.
        variables: As the peer's scenarios write them.
    """

    source: str
    target: str
    map_equal_activities: bool = False
    update_event_triggers: bool = False
    instructions: tuple[Instruction, ...] = ()
    variables: Mapping[str, Any] | None = None

    def written(self) -> dict[str, Any]:
        """For the Java program."""
        written: dict[str, Any] = {
            "source": self.source,
            "target": self.target,
            "mapEqualActivities": self.map_equal_activities,
            "updateEventTriggers": self.update_event_triggers,
            "instructions": self.instructions,
        }
        return written if self.variables is None else written | {"variables": self.variables}


@dataclass(frozen=True)
class Model:
    """A file and its one process."""

    key: str
    xml: str

    @classmethod
    def of(cls, xml: str) -> Self:
        """The model of a file."""
        found = re.search(r'<process id="([^"]+)"', xml)
        assert found is not None
        return cls(found[1], xml)

    def parsed(self) -> ProcessDefinition:
        return parse(self.xml.encode(), self.key)


def theirs(shell: Shell, database: str, models: Mapping[str, Model], questions: Sequence[Question]) -> list[list[str]]:
    """The Java engine's answers."""
    asked = {
        "models": {name: model.xml for name, model in models.items()},
        "plans": [question.written() for question in questions],
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(asked, file)
        file.flush()
        answers = shell("plans", file.name, database=database)["answers"]
    return [_their_answer(answer) for answer in answers]


def _their_answer(answer: Mapping[str, Any]) -> list[str]:
    if "error" in answer:
        error = answer["error"]
        kind = "refused" if error["isBadRequest"] else "failed"
        return [kind, *comparable(error["message"])]
    return _printed(answer["instructions"])


def ours(models: Mapping[str, Model], questions: Iterable[Question]) -> list[list[str]]:
    """Our answers."""
    definitions = {name: model.parsed() for name, model in models.items()}
    return [_our_answer(question, definitions) for question in questions]


def _our_answer(question: Question, definitions: Mapping[str, ProcessDefinition]) -> list[str]:
    source, target = question.source, question.target
    builder = MigrationPlanBuilder(source, target, definitions[source], definitions[target])
    if question.map_equal_activities:
        builder.map_equal_activities()
    if question.update_event_triggers:
        builder.update_event_triggers()
    for source_id, target_id, updates in question.instructions:
        builder.map_activities(source_id, target_id, update_event_trigger=updates)
    builder.set_variables({name: _value(given) for name, given in (question.variables or {}).items()})
    try:
        plan = builder.build()
    except MigrationPlanValidationError as error:
        return ["refused", *comparable(str(error))]
    except ProcessEngineError as error:
        return ["refused" if isinstance(error, BadUserRequestError) else "failed", str(error)]
    return _printed(
        (each.source_activity_id, each.target_activity_id, each.update_event_trigger) for each in plan.instructions
    )


def _value(given: Any) -> TypedValue:
    if not isinstance(given, dict):
        return TypedValue(value=given, type="String")
    format_ = {"serializedJava": "application/x-java-serialized-object", "json": "application/json"}[given["type"]]
    return TypedValue(value=given["value"], type="Object", value_info={"serializationDataFormat": format_})


def _printed(instructions: Iterable[Sequence[Any]]) -> list[str]:
    """The order of instructions has no meaning."""
    return sorted(f"{source} -> {target}{' update' if updates else ''}" for source, target, updates in instructions)


def comparable(message: str) -> list[str]:
    """The message's first line and its paragraphs, which the Java engine orders by the addresses of its objects."""
    first, *paragraphs = message.split("\n\t Migration ")
    return [first, *sorted(paragraph.removesuffix("\n") for paragraph in paragraphs)]
