"""A running Java engine completes tasks, jobs and external tasks of the instances that a batch cancels meanwhile.

PROCESS_BATCH_TEST_LIVE_RUNS: how often that is tried, on 2,000 instances each time.
"""

from collections import Counter
from collections.abc import Iterator

import pytest

from support.peer.databases import Databases
from support.peer.live.cancellation import (
    CANCELLED,
    ENDED,
    SPEC,
    STATES_BY_OUTCOME,
    STOCK,
    completed_ways,
    half_cancelled,
)
from support.peer.live.frame import INSTANCES, RUNS, Beside, Live
from support.peer.oracle import Oracle
from support.peer.program import Shell


@pytest.fixture(params=range(1, RUNS + 1), scope="module")
def beside(
    oracle: Oracle, databases: Databases, shell: Shell, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Beside]:
    """What is left of one run."""
    live = Live(oracle, databases, shell, tmp_path_factory.mktemp("live"))
    beside = live.run(STOCK, SPEC)
    print(beside.numbers())
    yield beside
    live.forget()


def test_both_worked_on_the_instances_and_nothing_runs_any_more(beside: Beside) -> None:
    items, states = beside.batch["items"], Counter(beside.states().values())

    assert items["failed"] == items["pending"] == items["running"] == 0, beside.batch["failures"]
    assert items["succeeded"] > 0
    assert states.keys() == {CANCELLED, ENDED}
    assert beside.engine["left"] == 0
    assert states.total() >= INSTANCES


def test_no_row_belongs_to_nothing_and_no_history_is_left_open(beside: Beside) -> None:
    assert beside.left() == {}
    assert beside.orphans() == {}
    assert beside.open() == {}


def test_each_instance_was_cancelled_or_ended_by_itself_and_its_item_says_so(beside: Beside) -> None:
    states = beside.states()

    odd = [
        (item.outcome, item.reason, states[item.item_id])
        for item in beside.items()
        if states[item.item_id] not in STATES_BY_OUTCOME[item.outcome, item.reason]
    ]

    assert odd == []
    assert half_cancelled(beside) == []
    assert {key: ways for key, ways in completed_ways(beside).items() if len(ways) > 1} == {}


def test_nothing_that_the_engine_completed_is_lost(beside: Beside) -> None:
    assert beside.engine["tasks"] > 0
    assert beside.engine["externalTasks"] > 0
    assert beside.lost() == {}
