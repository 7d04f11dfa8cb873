"""A running Java engine completes tasks, jobs and external tasks of the instances that a batch cancels meanwhile.

PROCESS_BATCH_TEST_LIVE_RUNS: how often that is tried, on 2,000 instances each time.
"""

import os
from collections import Counter

import pytest

from support.peer.databases import Databases
from support.peer.live import INSTANCES, Beside, Live
from support.peer.oracle import Oracle
from support.peer.program import Shell

RUNS = int(os.environ.get("PROCESS_BATCH_TEST_LIVE_RUNS", "3"))

CANCELLED, ENDED = "EXTERNALLY_TERMINATED", "COMPLETED"
STATES_BY_OUTCOME = {
    ("succeeded", None): {CANCELLED},
    ("skipped", "CoveredByCaller"): {CANCELLED, ENDED},
    ("skipped", "AlreadyEnded"): {ENDED},
}
"""What an item may have become; one that is covered may have ended before its caller was cancelled."""


@pytest.fixture(params=range(1, RUNS + 1), scope="module")
def beside(oracle: Oracle, databases: Databases, shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> Beside:
    """What is left of one run."""
    return Live(oracle, databases, shell, tmp_path_factory.mktemp("live")).run()


def test_both_worked_on_the_instances_and_nothing_runs_any_more(beside: Beside) -> None:
    items, states = beside.batch["items"], Counter(beside.states().values())

    assert items["failed"] == items["pending"] == items["running"] == 0, beside.batch["failures"]
    assert items["succeeded"] > 0
    assert states.keys() == {CANCELLED, ENDED}
    assert beside.engine["left"] == 0
    assert states.total() >= INSTANCES


def test_no_row_belongs_to_nothing_and_no_history_is_left_open(beside: Beside) -> None:
    assert beside.left() == {}
    assert beside.open() == {}


def test_each_instance_was_cancelled_or_ended_by_itself_and_its_item_says_so(beside: Beside) -> None:
    states = beside.states()

    odd = [
        (item.outcome, item.reason, states[item.item_id])
        for item in beside.items()
        if states[item.item_id] not in STATES_BY_OUTCOME[item.outcome, item.reason]
    ]

    assert odd == []
    assert beside.half_cancelled() == []
    assert {key: ways for key, ways in beside.completed_ways().items() if len(ways) > 1} == {}


def test_nothing_that_the_engine_completed_is_lost(beside: Beside) -> None:
    tasks, external = beside.engine["tasks"], beside.engine["externalTasks"]

    assert beside.completions() == {
        "tasks": tasks,
        "variables of tasks": tasks,
        "externalTasks": external,
        "variables of externalTasks": external,
    }
