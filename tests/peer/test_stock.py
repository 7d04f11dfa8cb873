"""The samples' stock, multiplied, is still the Java engine's: it goes on from it after the sample Batches were run."""

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from batch_operator.local.stock import fill, read_stock
from process_engine.database import connect
from process_engine.schema.creation import create
from process_engine.schema.runtime import act_ru_variable
from support.embedded import STOCK, call
from support.peer.databases import Databases
from support.peer.oracle import PREFIX
from support.peer.program import Shell

DATABASE = f"{PREFIX}_stock"
COPIES = 3
RUNNING = 10
"""Instances of one copy that have not ended, called ones included; four of them have yet to call theirs."""
CANCELLED = 2 * COPIES - 1
"""Those that wait for their approval, but the one order that the sample excludes; none has called its delivery."""


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    databases.create(DATABASE)
    database = connect(databases.url(DATABASE))
    create(database)
    fill(database, read_stock(STOCK), COPIES)
    database.dispose()
    yield databases.url(DATABASE)
    databases.drop(DATABASE)


def end_the_outage(url: str) -> None:
    database = connect(url)
    with database.begin() as connection:
        connection.execute(update(act_ru_variable).where(act_ru_variable.c.name_ == "outage").values(long_=0))
    database.dispose()


def test_java_engine_goes_on_from_the_stock_after_the_samples_were_run(url: str, databases: Databases) -> None:
    ended = call("run", "-f", STOCK.parents[1], "--database-url", url, "-o", "json")
    end_the_outage(url)

    with Shell(databases) as shell:
        carried = shell("carry-on", database=DATABASE)

    assert ended.status == 0
    assert carried["instances"] == COPIES * RUNNING - CANCELLED
    assert carried["leftovers"] == {}
    with databases.connect(DATABASE) as connection:
        states = connection.execute("select state_, count(*) from act_hi_procinst group by 1 order by 1").fetchall()
    # all that ended before is deleted, but the one order that the sample excludes; the rest is completed, and
    # each order that was not delivered yet has called its delivery
    completed = COPIES * (RUNNING + 4) + 1 - 2 * CANCELLED
    assert states == [("COMPLETED", completed), ("EXTERNALLY_TERMINATED", CANCELLED)]
