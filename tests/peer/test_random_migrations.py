"""Plans between random versions of random processes are the Java engine's, however one came out of the other.

Instances in random states, migrated by both, are left the same; or both refuse them for the same reasons.

PROCESS_BATCH_TEST_RANDOM_PLANS and PROCESS_BATCH_TEST_RANDOM_MIGRATIONS: how many pairs are tried.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from process_engine.database import connect
from process_engine.errors import JvmCodeError
from support.peer import dumps
from support.peer.databases import Databases
from support.peer.differences import differences
from support.peer.oracle import COPY, PREFIX, Oracle, Snapshot
from support.peer.ours import apply
from support.peer.plans import Model, Question, ours, theirs
from support.peer.program import JavaError, Shell
from support.peer.random_migrations import migration, now
from support.peer.random_versions import LEAVES, Pair, pairs
from support.peer.scenarios import Scenario

PAIRS = int(os.environ.get("PROCESS_BATCH_TEST_RANDOM_PLANS", "200"))
MIGRATIONS = int(os.environ.get("PROCESS_BATCH_TEST_RANDOM_MIGRATIONS", "40"))
TRIES = 12
"""How often the Java engine is asked before it differs: of two orders, it takes each about every other time."""
WITHOUT_TIMEOUTS = ("inputs",)
"""When the Java engine has migrated the first timer of a timeout listener, it takes the listener out of the model that
it keeps in memory, and deletes the next timer."""
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LISTED = re.compile(r"(?<=\[)[^]]+(?=\])")
SNAPSHOT = f"{PREFIX}_random_{os.getpid()}"


@pytest.fixture(scope="module", autouse=True)
def no_snapshot_stays(databases: Databases) -> Iterator[None]:
    yield
    databases.drop(SNAPSHOT)


def questions_of(pair: Pair, models: dict[str, Model], random: Random) -> list[Question]:
    """Plans that are generated, both ways; of all that survived; of some of it, and of what fits by chance."""
    survivors = survivors_of(pair, models)
    some = tuple(each for each in survivors if random.random() < 0.7)
    source_ids, target_ids = (list(model.parsed().activities) for model in models.values())
    blind = tuple((random.choice(source_ids), random.choice(target_ids), random.random() < 0.5) for _ in range(2))
    generated = Question(source="v1", target="v2", map_equal_activities=True)
    return [
        generated,
        Question(source="v1", target="v2", map_equal_activities=True, update_event_triggers=True),
        Question(source="v2", target="v1", map_equal_activities=True, update_event_triggers=True),
        Question(source="v1", target="v2", instructions=tuple((*each, False) for each in survivors)),
        Question(source="v1", target="v2", instructions=tuple((*each, True) for each in some)),
        Question(source="v1", target="v2", instructions=(*((*each, False) for each in some), *blind)),
        Question(source="v1", target="v2", map_equal_activities=True, instructions=blind),
    ]


def survivors_of(pair: Pair, models: dict[str, Model]) -> list[tuple[str, str]]:
    """All activities of the source that are still there, wherever they are."""
    source, target = (model.parsed().activities for model in models.values())
    found = [(id_, now(pair, id_)) for id_ in source]
    return [(before, after) for before, after in found if after in target]


@settings(max_examples=PAIRS, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(pairs(), st.randoms(use_true_random=False))
def test_plans_between_random_versions_are_the_java_engines(
    oracle: Oracle, shell: Shell, pair: Pair, random: Random
) -> None:
    models = {"v1": Model.of(pair.source.bpmn()), "v2": Model.of(pair.target.bpmn())}
    questions = questions_of(pair, models, random)

    expected = theirs(shell, oracle.empty({}), models, questions)

    assert ours(models, questions) == expected


@settings(max_examples=MIGRATIONS, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(pairs(leaves=LEAVES, extras=WITHOUT_TIMEOUTS, size=2), st.integers(1, 10**6))
def test_both_leave_the_same_of_random_instances(databases: Databases, oracle: Oracle, pair: Pair, seed: int) -> None:
    snapshot = set_up(databases, oracle, migration(pair, seed))
    assume(snapshot.operation["ids"])

    for instance in snapshot.operation["ids"]:
        compare(databases, oracle, of_one(snapshot, instance))


def of_one(snapshot: Snapshot, instance: str) -> Snapshot:
    """The same snapshot and its operation, on one of the instances."""
    return replace(snapshot, operation=snapshot.operation | {"ids": [instance], "items": [instance]})


def compare(databases: Databases, oracle: Oracle, snapshot: Snapshot) -> None:
    """Ours leaves what the Java engine leaves; where that is not always the same, what it leaves one of the times.

    It takes siblings in the order of a set of objects, by their addresses. Which of them comes first decides, for one,
    whether a variable passes through an execution, which then keeps the mark of having had one.
    """
    actual = ours_leaves(databases, snapshot)
    assert not isinstance(actual, JvmCodeError), actual

    found: list[str] = []
    for _ in range(TRIES):
        found = between(snapshot, java_leaves(databases, oracle, snapshot), actual)
        if not found:
            return
    assert found == []


def between(snapshot: Snapshot, expected: dumps.Tables | Exception, actual: dumps.Tables | Exception) -> list[str]:
    """How the two differ."""
    if not isinstance(expected, Exception) and not isinstance(actual, Exception):
        return differences(snapshot.normalised(expected), snapshot.normalised(actual))
    return [] if told(actual) == told(expected) else [*told(expected), "->", *told(actual)]


def set_up(databases: Databases, oracle: Oracle, scenario: Scenario) -> Snapshot:
    """The scenario's snapshot, which the next one replaces."""
    databases.copy(oracle.empty(scenario.engine), SNAPSHOT)
    operation = json.loads(oracle.fill(scenario, SNAPSHOT))
    databases.rewrite(SNAPSHOT, "act_ru_%")
    return Snapshot(scenario, databases, SNAPSHOT, operation)


def java_leaves(databases: Databases, oracle: Oracle, snapshot: Snapshot) -> dumps.Tables | Exception:
    snapshot.restore(COPY)
    return oracle.apply(snapshot, COPY) or dumps.read(databases, COPY)


def ours_leaves(databases: Databases, snapshot: Snapshot) -> dumps.Tables | Exception:
    snapshot.restore(COPY)
    engine = connect(databases.url(COPY))
    error = apply(snapshot, engine)
    engine.dispose()
    return error or dumps.read(databases, COPY)


def told(left: dumps.Tables | Exception) -> list[str]:
    """What an error says, line by line: the Java engine orders lines and ids by the addresses of its objects.

    Which execution of a suspended instance is named depends on which of them the Java engine made anew.
    """
    if not isinstance(left, Exception):
        return ["no error"]
    message = (left.message if isinstance(left, JavaError) else str(left)) or ""
    if message.endswith("is suspended."):
        return [ID.sub("", message)]
    return sorted(LISTED.sub(_in_order, line) for line in message.splitlines())


def _in_order(listed: re.Match[str]) -> str:
    return ", ".join(sorted(listed[0].split(", ")))
