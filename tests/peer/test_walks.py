"""After random walks through many processes, ours and the Java engine agree on what a cancellation leaves.

PROCESS_BATCH_TEST_WALKS: how many seeds are tried, from 1 on.
"""

import os

import pytest

from process_engine.database import connect
from process_engine.errors import JvmCodeError
from support.peer import dumps, ours
from support.peer.databases import Databases
from support.peer.differences import differences
from support.peer.oracle import COPY, Oracle, Snapshot
from support.peer.walks import cancellation

SEEDS = range(1, int(os.environ.get("PROCESS_BATCH_TEST_WALKS", "6")) + 1)


def ours_leaves(databases: Databases, snapshot: Snapshot) -> dumps.Tables | Exception:
    snapshot.restore(COPY)
    engine = connect(databases.url(COPY))
    error = ours.apply(snapshot, engine)
    engine.dispose()
    return error or dumps.read(databases, COPY)


def java_leaves(databases: Databases, oracle: Oracle, snapshot: Snapshot) -> dumps.Tables | Exception:
    snapshot.restore(COPY)
    return oracle.apply(snapshot, COPY) or dumps.read(databases, COPY)


@pytest.mark.parametrize("seed", SEEDS)
def test_both_leave_the_same_wherever_instances_are(seed: int, databases: Databases, oracle: Oracle) -> None:
    snapshot = oracle.snapshot(cancellation(seed))

    theirs = java_leaves(databases, oracle, snapshot)
    actual = ours_leaves(databases, snapshot)

    assert not isinstance(actual, JvmCodeError), actual
    assert isinstance(theirs, Exception) == isinstance(actual, Exception), (theirs, actual)
    if not isinstance(theirs, Exception) and not isinstance(actual, Exception):
        assert differences(snapshot.normalised(theirs), snapshot.normalised(actual)) == []
