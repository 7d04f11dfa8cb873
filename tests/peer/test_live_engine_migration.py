"""A running Java engine leads instances on that a batch migrates meanwhile, and to their ends afterwards.

PROCESS_BATCH_TEST_LIVE_RUNS: how often each migration is tried, on 2,000 instances each time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from support.peer.databases import Databases
from support.peer.live.frame import INSTANCES, RUNS, Beside, Live
from support.peer.live.migration import apart, different_values, unknown, versions_of_instances, ways
from support.peer.live.orders import STOCK, VERSIONS, spec
from support.peer.oracle import Oracle
from support.peer.program import Shell


@dataclass(frozen=True)
class Migrated:
    """What was left of one run.

    Attributes:
        target: The version that instances were migrated to.
        stopped: When the Batch had ended and the engine was told to stop.
        ended: When the engine had led on all that was left.
    """

    target: int
    stopped: Beside
    ended: Beside


@pytest.fixture(params=[(name, run) for name in VERSIONS for run in range(1, RUNS + 1)], ids=str, scope="module")
def migrated(
    oracle: Oracle,
    databases: Databases,
    shell: Shell,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Migrated]:
    name, _ = request.param
    live = Live(oracle, databases, shell, tmp_path_factory.mktemp("live"))
    stopped = live.run(STOCK, spec(VERSIONS[name]), until_the_batch_ended=True)
    ended = live.carry_on(stopped)
    print(name, stopped.numbers(), ended.numbers())
    yield Migrated(VERSIONS[name], stopped, ended)
    live.forget()


def test_both_worked_on_the_instances_and_none_failed(migrated: Migrated) -> None:
    items, instances = migrated.stopped.batch["items"], versions_of_instances(migrated.stopped)

    assert items["failed"] == items["pending"] == items["running"] == 0, migrated.stopped.batch["failures"]
    assert len(instances) == INSTANCES
    assert set(instances.values()) == {(1, True), (migrated.target, True), (migrated.target, False)}


def test_each_instance_is_wholly_on_one_version_and_its_item_says_which(migrated: Migrated) -> None:
    instances = versions_of_instances(migrated.stopped)
    expected = {("succeeded", None): migrated.target, ("skipped", "AlreadyEnded"): 1}

    items = migrated.stopped.items()

    assert apart(migrated.stopped) == {}
    assert {
        each.item_id for each in items if instances[each.item_id][0] != expected[each.outcome, each.reason]
    } == set()
    assert {id_ for id_, (version, _) in instances.items() if version != 1} == {
        each.item_id for each in items if each.outcome == "succeeded"
    }


def test_no_row_belongs_to_nothing_and_history_and_runtime_tell_the_same(migrated: Migrated) -> None:
    assert migrated.stopped.orphans() == {}
    assert unknown(migrated.stopped) == {}
    assert different_values(migrated.stopped) == []


def test_nothing_that_the_engine_completed_meanwhile_is_lost(migrated: Migrated) -> None:
    assert migrated.stopped.engine["tasks"] > 0
    assert migrated.stopped.engine["externalTasks"] > 0
    assert migrated.stopped.lost() == {}


def test_the_engine_leads_all_to_their_ends_by_the_same_ways_and_nothing_is_left(migrated: Migrated) -> None:
    assert migrated.ended.engine["left"] == 0
    assert migrated.ended.left() == {}
    assert migrated.ended.orphans() == {}
    assert migrated.ended.open() == {}
    assert migrated.ended.lost() == {}
    assert set(migrated.ended.states().values()) == {"COMPLETED"}
    assert {start: found for start, found in ways(migrated.ended).items() if len(found) > 1} == {}
