"""The set of a batch that cancels process instances, and what it says of items that it need not cancel."""

import pytest
from sqlalchemy import select

from process_engine.batch import items
from process_engine.batch.ledger import BatchRow, Ledger
from process_engine.batch.resolution import UnknownIdsError, preview, resolve
from process_engine.batch.runner import configuration_of
from process_engine.batch.tables import chunk
from process_engine.configuration import EngineConfiguration, ListenersOutsideModel, RemovalTimeStrategy
from process_engine.engine import ProcessEngine
from process_engine.schema.history_logs import act_hi_op_log
from support.batches import cancelling
from support.rows import Rows


def set_of(ledger: Ledger, row: BatchRow) -> list[str]:
    return [item.item_id for item in items.items(ledger, row.batch_id)]


def test_ids_runtime_query_and_historic_query_that_overlap_are_united_without_doubles(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    for number in range(5):
        rows.instance(id_=f"i{number}", business_key_="a" if number < 2 else None)
        rows.ended_instance(id_=f"i{number}", ended=False, business_key_="b" if number in (1, 2) else None)

    row = resolve(engine, ledger, cancelling(
        ids={"processInstances": ["i2", "i3", "i3"]},
        query={
            "processInstances": {"businessKey": "a"},
            "historicProcessInstances": {"processInstanceBusinessKey": "b"},
        },
    ))  # fmt: skip

    assert set_of(ledger, row) == ["i0", "i1", "i2", "i3"]


def test_a_historic_query_is_guarded_to_unfinished_instances_and_shown_so(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    rows.ended_instance(id_="ended")
    rows.instance(id_="running")
    rows.ended_instance(id_="running", ended=False)

    row = resolve(engine, ledger, cancelling(query={"historicProcessInstances": {"all": True}}))

    assert set_of(ledger, row) == ["running"]
    assert row.effective_query == {"historicProcessInstances": {"unfinished": True}}


def test_what_is_excluded_is_not_in_the_set(engine: ProcessEngine, ledger: Ledger, rows: Rows) -> None:
    kept, out = rows.instance(), rows.instance()

    row = resolve(engine, ledger, cancelling(
        ids={"processInstances": [kept, out]},
        query={"processInstances": {"all": True}},
        exclude={"processInstances": [out]},
    ))  # fmt: skip

    assert set_of(ledger, row) == [kept]


def test_a_call_hierarchy_stays_in_one_chunk_and_called_comes_before_caller(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    rows.instance(id_="a")
    rows.instance(id_="a-called", called_by="a", root="a")
    rows.instance(id_="a-deep", called_by="a-called", root="a")
    rows.instance(id_="b")

    row = resolve(engine, ledger, cancelling(query={"processInstances": {"all": True}}, chunkSize=1))

    sizes = select(chunk.c.size).where(chunk.c.batch_id == row.batch_id).order_by(chunk.c.position)
    with ledger.database.connect() as connection:
        assert list(connection.scalars(sizes)) == [3, 1]
    assert set_of(ledger, row) == ["a-deep", "a-called", "a", "b"]


def test_the_id_of_a_child_execution_is_no_process_instance(engine: ProcessEngine, rows: Rows) -> None:
    instance = rows.instance()
    rows.instance(id_="child", parent_id_=instance, proc_inst_id_=instance, root=instance)

    shown = preview(engine, cancelling(ids={"processInstances": [instance, "child"]}))

    assert shown.unknown_ids == ["child"]


def test_an_id_that_the_history_knows_as_ended_is_not_unknown(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    rows.ended_instance(id_="ended")
    running = rows.instance()

    row = resolve(engine, ledger, cancelling(ids={"processInstances": ["ended", running]}, unknownIds="Reject"))

    assert set_of(ledger, row) == ["ended", running]


def test_an_id_that_nothing_knows_rejects_the_batch_where_that_is_asked_for(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    wanted = cancelling(ids={"processInstances": [rows.instance(), "gone"]}, unknownIds="Reject")

    with pytest.raises(UnknownIdsError, match=r"1 ids that are not there \(gone\)"):
        resolve(engine, ledger, wanted)


@pytest.mark.parametrize("reason", ["stuck", None])
def test_the_creation_of_a_batch_is_logged_with_its_reason_in_the_name_of_its_user(
    engine: ProcessEngine, ledger: Ledger, rows: Rows, reason: str | None
) -> None:
    rows.instance()
    operation = {"type": "Cancellation", "cancellation": {"deleteReason": reason}}

    resolve(engine, ledger, cancelling(operation=operation, query={"processInstances": {"all": True}}, userId="demo"))

    log = act_hi_op_log.c
    query = select(log.operation_type_, log.entity_type_, log.property_, log.new_value_, log.user_id_)
    with engine.database.connect() as connection:
        assert {tuple(row) for row in connection.execute(query)} == {
            ("Delete", "ProcessInstance", "nrOfInstances", "1", "demo"),
            ("Delete", "ProcessInstance", "async", "true", "demo"),
            ("Delete", "ProcessInstance", "deleteReason", reason, "demo"),
        }


def test_what_a_process_engine_says_of_its_java_engine_reaches_the_workers_through_the_ledger(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    told = EngineConfiguration(
        listeners_outside_model=ListenersOutsideModel.ALWAYS,
        skip_output_mapping_on_canceled_activities=True,
        history_removal_time_strategy=RemovalTimeStrategy.NONE,
    )
    rows.instance()

    row = resolve(
        ProcessEngine.attach(engine.database, told), ledger, cancelling(query={"processInstances": {"all": True}})
    )

    found = configuration_of(ledger.get(row.batch_id).engine_facts)
    assert found == told
    assert found.listeners_outside_model is ListenersOutsideModel.ALWAYS
