"""Scenarios of random migrations: instances of one random version in random states, and a valid plan to the other."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

from process_engine.errors import MigrationPlanValidationError
from process_engine.model import ProcessDefinition, has_persistent_trigger
from process_engine.operations.migration.plan import (
    MigrationInstruction,
    MigrationPlan,
    generate_instructions,
    validate_plan,
)
from process_engine.operations.migration.plan.kinds import is_conditional_event
from support.maven import cache_directory
from support.peer.blocks import Block, Process
from support.peer.plans import Model
from support.peer.random_versions import Pair
from support.peer.scenarios import Scenario

CALLED = Process(id="called", blocks=(Block(id="inner"),))
VARIABLES = {"amount": 5, "go": False, "fail": True, "times": 3, "total": 0}
WALKING = 3
STEPS = 8
"""At most so many moves are made with an instance."""


def migration(pair: Pair, seed: int) -> Scenario:
    """Always the same scenario for a pair and a seed: some instances walk, those that are left are to be migrated."""
    source, target = Model.of(pair.source.bpmn()), Model.of(pair.target.bpmn())
    seed ^= crc32((source.xml + target.xml).encode())  # seeds that are drawn are small, and often the same
    random = Random(seed)  # noqa: S311 - the same again is what is wanted
    files = [_file(each) for each in (CALLED.bpmn(), source.xml, target.xml)]
    start = {"key": "process:1", "as": "p", "n": WALKING, "vars": VARIABLES}
    walks = [
        {"of": f"p{number}", "seed": seed * 10 + number, "steps": random.randint(0, STEPS)}
        for number in range(1, WALKING + 1)
    ]
    plan: dict[str, Any] = {
        "sourceProcessDefinitionId": "@def:process:1",
        "targetProcessDefinitionId": "@def:process:2",
        "instructions": [_written(each) for each in instructions_of(pair, source.parsed(), target.parsed(), random)],
    }
    if random.random() < 0.3 and not any(map(is_conditional_event, target.parsed().activities.values())):
        plan["variables"] = {"v1": 7, "fresh": "text"}  # a condition that they may make true needs a JVM
    given = {
        "name": f"random-migration-{seed}",
        "engine": {"historyRemovalTimeStrategy": random.choice(["Start", "End", "None"])},
        "deploy": [str(file) for file in files],
        "setup": [{"start": start}, *({"walk": walk} for walk in walks)],
        "operation": {"type": "migration", "ids": [f"@pick:running:{seed}:{WALKING}:process"], "plan": plan}
        | _options(random),
    }
    return Scenario(given["name"], given)


def _file(xml: str) -> Path:
    """A file that holds it, always the same."""
    folder = cache_directory("peer") / "random"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{hashlib.sha256(xml.encode()).hexdigest()[:16]}.bpmn"
    file.write_text(xml)
    return file


def _options(random: Random) -> dict[str, Any]:
    flags = {flag: True for flag in ("skipCustomListeners", "skipIoMappings") if random.random() < 0.2}
    return flags | ({"user": "admin"} if random.random() < 0.5 else {})


def _written(instruction: MigrationInstruction) -> dict[str, Any]:
    return {
        "sourceActivityIds": [instruction.source_activity_id],
        "targetActivityIds": [instruction.target_activity_id],
        "updateEventTrigger": instruction.update_event_trigger,
    }


def instructions_of(
    pair: Pair, source: ProcessDefinition, target: ProcessDefinition, random: Random
) -> tuple[MigrationInstruction, ...]:
    """A valid plan: what is generated, or all that survived as far as it may be mapped; at times less than that."""
    if random.random() < 0.3:
        return generate_instructions(source, target, update_event_triggers=random.random() < 0.5)
    given = tuple(_survivors(pair, source, target, random))
    if random.random() < 0.3:
        given = tuple(each for each in given if random.random() < 0.85)
    return _valid(given, source, target)


def _survivors(
    pair: Pair, source: ProcessDefinition, target: ProcessDefinition, random: Random
) -> Iterator[MigrationInstruction]:
    updates = random.random() < 0.5
    for activity in source.activities.values():
        target_id = now(pair, activity.id)
        if target_id in target.activities:
            is_updated = updates and has_persistent_trigger(source, activity)
            yield MigrationInstruction(activity.id, target_id, is_conditional_event(activity) or is_updated)


def now(pair: Pair, activity_id: str) -> str:
    """What an activity of the source is called in the target, if it is there."""
    own, hash_, body = activity_id.partition("#")
    return pair.renamed.get(own, own) + hash_ + body


def _valid(
    instructions: tuple[MigrationInstruction, ...], source: ProcessDefinition, target: ProcessDefinition
) -> tuple[MigrationInstruction, ...]:
    """Without those that break rules among the others."""
    while True:
        try:
            validate_plan(MigrationPlan("source", "target", instructions), source, target)
        except MigrationPlanValidationError as error:
            wrong = {id(each) for each, _ in error.instructions}
            instructions = tuple(each for each in instructions if id(each) not in wrong)
        else:
            return instructions
