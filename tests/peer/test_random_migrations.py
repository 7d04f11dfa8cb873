"""Plans between random versions of random processes are the Java engine's, however one came out of the other.

PROCESS_BATCH_TEST_RANDOM_PLANS: how many pairs are tried.
"""

import os
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.peer.oracle import Oracle
from support.peer.plans import Model, Question, ours, theirs
from support.peer.program import Shell
from support.peer.random_versions import Pair, pairs

PAIRS = int(os.environ.get("PROCESS_BATCH_TEST_RANDOM_PLANS", "200"))


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
    found = [(id_, _now(pair, id_)) for id_ in source]
    return [(before, after) for before, after in found if after in target]


def _now(pair: Pair, activity_id: str) -> str:
    own, hash_, body = activity_id.partition("#")
    return pair.renamed.get(own, own) + hash_ + body


@settings(max_examples=PAIRS, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(pairs(), st.randoms(use_true_random=False))
def test_plans_between_random_versions_are_the_java_engines(
    oracle: Oracle, shell: Shell, pair: Pair, random: Random
) -> None:
    models = {"v1": Model.of(pair.source.bpmn()), "v2": Model.of(pair.target.bpmn())}
    questions = questions_of(pair, models, random)

    expected = theirs(shell, oracle.empty({}), models, questions)

    assert ours(models, questions) == expected
