"""Plans are the Java engine's: what is generated between versions of processes, and what is wrong with any plan."""

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random

import pytest

from support.peer.oracle import Oracle
from support.peer.plans import Instruction, Model, Question, ours, theirs
from support.peer.program import MODELS, Shell
from support.peer.versions import VERSIONS

FILES = {
    "files of plain": ("plain", "plain-v2", "plain-scope-v2", "plain-renamed-v2"),
    **{
        f"files of {stem}": (stem, f"{stem}-v2")
        for stem in ("async", "boundary", "call-parent", "catch-events", "details", "mi-sequential", "parallel")
    },
    "files with many scopes": ("everything", "rich", "event-subprocess-nested", "mi-everything"),
    "files with every kind of element": ("activities", "events", "scopes"),
    "files with compensation": ("compensation", "mi-compensation", "transaction"),
}
FAMILIES = (*VERSIONS, *FILES)
WORLD = Path(__file__).parents[1] / "unit" / "engine" / "model" / "models"
ALONE = 400
"""At most so many plans of a single instruction are tried for each ordered pair; it is all of them for most."""
TOGETHER = 30
"""So many random plans of several instructions are tried for each ordered pair."""
LOOP_OF_HANDLERS = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="peer">
  <process id="process" isExecutable="true">
    <startEvent id="start"/>
    <userTask id="work"/>
    <boundaryEvent id="undone" attachedToRef="work"><compensateEventDefinition/></boundaryEvent>
    <userTask id="undo" isForCompensation="true">
      <multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>
    </userTask>
    <sequenceFlow id="start-work" sourceRef="start" targetRef="work"/>
    <association id="undone-undo" sourceRef="undone" targetRef="undo"/>
  </process>
</definitions>"""
TEXTS = (
    "Source activity id is null",
    "Target activity id is null",
    "Source activity '.*' does not exist",
    "Target activity '.*' does not exist",
    "Activities have incompatible types",
    "Events are not of the same type",
    "There are multiple mappings for source activity id",
    "is a descendant of multi-instance body '.*' that is not mapped from the source process definition",
    "Must map the inner activity of a multi-instance body",
    "Cannot remove the inner activity of a multi-instance body",
    "The target gateway must have at least the same number of incoming sequence flows",
    "The gateway's flow scope '.*' must be mapped",
    "Only one gateway can be mapped to gateway",
    r"must be mapped to the target activity's event scope \(v\d\)",
    r"must be mapped to the target activity's event scope \(a\)",
    "must be mapped but the target activity has no event scope",
    "the activity does not define a persistent event trigger",
    "which is not an ancestor of target scope",
    "Conditional event has to migrate with update event trigger",
    "variable one is not valid",
)
"""What can be wrong with a plan: each must have been wrong with one of those that are compared."""


def models_of(family: str) -> dict[str, Model]:
    """A family's versions by the ids of their process definitions."""
    if family in FILES:
        files = {
            stem: next(each for each in (MODELS, WORLD) if (each / f"{stem}.bpmn").exists()) for stem in FILES[family]
        }
        return {stem: Model.of((folder / f"{stem}.bpmn").read_text()) for stem, folder in files.items()}
    return {f"v{number}": Model.of(version.bpmn()) for number, version in enumerate(VERSIONS[family], 1)}


def questions_of(family: str, models: dict[str, Model]) -> Iterator[Question]:
    """For every ordered pair: plans that are generated, of each single instruction, and of several."""
    random = Random(family)  # noqa: S311 - the same again is what is wanted
    ids = {name: list(model.parsed().activities) for name, model in models.items()}
    for source, target in product(models, models):
        for updates in (False, True):
            yield Question(source=source, target=target, map_equal_activities=True, update_event_triggers=updates)
        pairs = list(product(ids[source], ids[target]))
        for pair in random.sample(pairs, min(len(pairs), ALONE)):
            yield Question(source=source, target=target, instructions=((*pair, random.random() < 0.3),))
        for _ in range(TOGETHER):
            yield _of_several(random, source, target, ids)


def _of_several(random: Random, source: str, target: str, ids: dict[str, list[str]]) -> Question:
    """Mostly activities of the same id, beside some that are chosen blindly, or are not there at all."""
    instructions: list[Instruction] = []
    for _ in range(random.randint(2, 8)):
        source_id = random.choice(ids[source])
        is_there = source_id in ids[target]
        target_id = source_id if is_there and random.random() < 0.7 else random.choice(ids[target])
        instructions.append((source_id, target_id, random.random() < 0.3))
    if random.random() < 0.1:
        instructions.append(
            random.choice(((None, "a", False), ("a", None, True), (None, None, False), ("no", "x", True)))
        )
    return Question(
        source=source,
        target=target,
        map_equal_activities=random.random() < 0.2,
        instructions=tuple(instructions),
        variables=random.choice((None, None, {"one": {"type": "serializedJava", "value": "rO0"}, "two": "text"})),
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_plans_between_versions_are_the_java_engines(oracle: Oracle, shell: Shell, family: str) -> None:
    models = models_of(family)
    questions = list(questions_of(family, models))

    expected = theirs(shell, oracle.empty({}), models, questions)

    actual = ours(models, questions)
    assert [each for each in zip(questions, expected, actual, strict=True) if each[1] != each[2]] == []


def test_a_loop_of_handlers_alone_cannot_be_planned(oracle: Oracle, shell: Shell) -> None:
    models = {"v1": Model.of(LOOP_OF_HANDLERS)}
    body = "undo#multiInstanceBody"
    questions = [
        Question(source="v1", target="v1", map_equal_activities=True),
        Question(source="v1", target="v1", instructions=((body, body, False),)),
    ]

    expected = theirs(shell, oracle.empty({}), models, questions)

    assert [answer[0] for answer in expected] == ["failed", "failed"]
    assert ours(models, questions) == expected


def test_every_rule_is_broken_by_one_of_these_plans() -> None:
    printed = "\n".join(
        line for family in FAMILIES for answer in ours(models_of(family), _some_of(family)) for line in answer
    )

    assert [text for text in TEXTS if not re.search(text, printed)] == []


def _some_of(family: str) -> Iterator[Question]:
    return questions_of(family, models_of(family))
