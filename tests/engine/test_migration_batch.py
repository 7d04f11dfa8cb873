"""A batch that migrates: definitions by name, what is frozen of them, its set, and what is said of failed items."""

import threading
from typing import Any

import pytest
from sqlalchemy import select

from batch_operator.local.engine_site import EngineSite
from batch_operator.local.planning import plan_batch
from batch_operator.resources.batch import BatchSpec
from process_engine.batch import items
from process_engine.batch.definition import BatchDefinition
from process_engine.batch.ledger import BatchRow, Ledger
from process_engine.batch.resolution import preview, resolve
from process_engine.batch.runner import run_worker
from process_engine.engine import ProcessEngine
from process_engine.errors import BadUserRequestError, MigrationPlanValidationError
from process_engine.operation_base.process_definitions import UnknownDefinitionError
from process_engine.schema.history_logs import act_hi_op_log
from process_engine.schema.runtime import act_ru_execution, act_ru_variable
from support.batches import ALL_INSTANCES, batch
from support.models import deploy, running
from support.rows import Rows


def definition(source: dict[str, Any], target: dict[str, Any], *, options: dict[str, Any] | None = None,
               **spec: Any) -> BatchDefinition:  # fmt: skip
    member = {"source": source, "target": target, "mapEqualActivities": True} | (options or {})
    operation = {"type": "Migration", "migration": member}
    return batch(operation, name="migrate", **{"query": ALL_INSTANCES} | spec)


FIRST, LATEST = {"key": "p", "version": 1}, {"key": "p", "latest": True}


def run(ledger: Ledger, row: BatchRow) -> dict[str, tuple[str, str | None, str | None]]:
    """Outcome, reason and message by item."""
    run_worker(ledger.database, ledger, row.batch_id, threading.Event())
    return {each.item_id: (each.outcome, each.reason, each.message) for each in items.items(ledger, row.batch_id)}


def definitions(engine: ProcessEngine) -> dict[str, str | None]:
    with engine.database.connect() as connection:
        return {
            row[0]: row[1]
            for row in connection.execute(select(act_ru_execution.c.id_, act_ru_execution.c.proc_def_id_))
        }


# ---------------------------------------------------------------- names


def test_definitions_are_found_by_key_and_version_tag_or_latest(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    deploy(rows, version=1)
    tagged, latest = deploy(rows, version=2, version_tag_="v2"), deploy(rows, version=3)

    row = resolve(engine, ledger, definition({"key": "p", "versionTag": "v2"}, LATEST))

    assert row.effective_query["migration"] == {"source": tagged, "target": latest}


def test_what_is_the_latest_is_frozen_with_the_set(engine: ProcessEngine, ledger: Ledger, rows: Rows) -> None:
    instance, second = running(rows, deploy(rows, version=1)), deploy(rows, version=2)
    row = resolve(engine, ledger, definition(FIRST, LATEST))
    deploy(rows, version=3)

    outcomes = run(ledger, row)

    assert outcomes[instance][0] == "succeeded"
    assert definitions(engine) == {instance: second}


def test_a_name_that_two_definitions_have_is_refused_and_both_are_named(engine: ProcessEngine, rows: Rows) -> None:
    deploy(rows, version=1)
    ours, theirs = deploy(rows, version=2, tenant_id_="ours"), deploy(rows, version=2, tenant_id_="theirs")

    with pytest.raises(UnknownDefinitionError) as refused:
        preview(engine, definition(FIRST, {"key": "p", "version": 2}))
    found = preview(engine, definition(FIRST, {"key": "p", "version": 2, "tenantId": "ours"}))

    assert "spec.operation.migration.target" in str(refused.value)
    assert ours in str(refused.value)
    assert theirs in str(refused.value)
    assert found.effective_query["migration"]["target"] == ours


@pytest.mark.parametrize("name", [{"id": "gone"}, {"key": "p", "version": 9}, {"key": "q", "latest": True}])
def test_a_name_that_no_definition_has_is_refused(engine: ProcessEngine, rows: Rows, name: dict[str, Any]) -> None:
    deploy(rows, version=1)

    with pytest.raises(UnknownDefinitionError, match="no process definition has"):
        preview(engine, definition(FIRST, name))


# ---------------------------------------------------------------- before anything starts


def test_a_plan_that_breaks_rules_is_refused_with_all_that_is_wrong(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    running(rows, deploy(rows, version=1))
    deploy(rows, version=2, body='<receiveTask id="work"/>')
    wrong = [{"sourceActivityId": "work", "targetActivityId": "work"},
             {"sourceActivityId": "gone", "targetActivityId": "work"}]  # fmt: skip

    with pytest.raises(MigrationPlanValidationError) as refused:
        resolve(engine, ledger, definition(FIRST, LATEST, options={"instructions": wrong}))

    assert "incompatible types" in str(refused.value)
    assert "Source activity 'gone' does not exist" in str(refused.value)
    assert ledger.find("flows", "migrate") is None


def test_a_value_that_is_not_of_its_type_is_refused(engine: ProcessEngine, rows: Rows) -> None:
    deploy(rows, version=1)
    deploy(rows, version=2)
    options = {"variables": {"amount": {"value": "many", "type": "Integer"}}}

    with pytest.raises(BadUserRequestError, match="'amount' has value \"many\", which is no Integer"):
        preview(engine, definition(FIRST, LATEST, options=options))


def test_a_transient_variable_is_refused_as_nothing_would_be_left_of_it(engine: ProcessEngine, rows: Rows) -> None:
    deploy(rows, version=1)
    deploy(rows, version=2)
    options = {"variables": {"note": {"value": "x", "type": "String", "valueInfo": {"transient": "true"}}}}

    with pytest.raises(BadUserRequestError, match="ENGINE-13044 Setting transient variable 'note' asynchronously"):
        preview(engine, definition(FIRST, LATEST, options=options))


def test_a_query_for_another_definition_than_the_source_is_refused(engine: ProcessEngine, rows: Rows) -> None:
    deploy(rows, version=1)
    other = deploy(rows, version=2)

    with pytest.raises(BadUserRequestError, match=r"processDefinitionId: p:2.* is not the source"):
        preview(engine, definition(FIRST, LATEST, query={"processInstances": {"processDefinitionId": other}}))


# ---------------------------------------------------------------- the set and its items


def test_a_query_finds_instances_of_the_source_alone_and_listed_ones_of_another_definition_fail(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    first, second = deploy(rows, version=1), deploy(rows, version=2)
    meant, done, listed = running(rows, first), running(rows, second), running(rows, second, business_key_="order-7")

    row = resolve(engine, ledger, definition(FIRST, LATEST, ids={"processInstances": [listed, "gone"]}))
    outcomes = run(ledger, row)

    assert row.effective_query["processInstances"] == {"processDefinitionId": first}
    assert done not in outcomes
    assert outcomes[meant][0] == "succeeded"
    assert outcomes["gone"][:2] == ("skipped", "NotFound")
    outcome, reason, message = outcomes[listed]
    assert (outcome, reason) == ("failed", "DefinitionMismatch")
    assert message is not None
    told = (f"Process instance {listed} with business key 'order-7'", "from p version 2 to p version 2", "ENGINE-23002")
    assert all(each in message for each in told)


def test_an_instance_at_an_activity_that_is_not_mapped_fails_alone_and_the_rule_is_told(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    first = deploy(rows, version=1)
    deploy(rows, version=2)
    options = {"mapEqualActivities": False, "instructions": [{"sourceActivityId": "work", "targetActivityId": "work"}]}
    good, bad = running(rows, first), running(rows, first, act_id_="other")

    outcomes = run(ledger, resolve(engine, ledger, definition(FIRST, LATEST, options=options)))

    assert outcomes[good][0] == "succeeded"
    outcome, _, message = outcomes[bad]
    assert outcome == "failed"
    assert "There is no migration instruction for this instance's activity" in (message or "")
    assert definitions(engine)[bad] == first


def test_what_would_fail_is_grouped_by_what_is_wrong_and_nothing_is_changed(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    first, second = deploy(rows, version=1), deploy(rows, version=2)
    options = {"mapEqualActivities": False, "instructions": [{"sourceActivityId": "work", "targetActivityId": "work"}]}
    good, listed = running(rows, first), running(rows, second)
    bad = [running(rows, first, act_id_="other", business_key_=f"order-{number}") for number in range(3)]
    before = definitions(engine)
    wanted = definition(FIRST, LATEST, options=options, ids={"processInstances": [listed]})

    content = wanted.model_dump(mode="json", by_alias=True, exclude={"namespace", "name"})
    plan = plan_batch(EngineSite(engine.database.url, engine, ledger), BatchSpec.model_validate(content), wanted)

    assert plan.result.status["items"]["total"] == plan.tried == 5
    assert {each.reason: sorted(each.ids) for each in plan.failures} == {
        "InvalidMigratingInstance": sorted(bad),
        "DefinitionMismatch": [listed],
    }
    assert good in before
    assert definitions(engine) == before


def test_an_instance_that_ended_after_the_set_was_resolved_is_skipped(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    deploy(rows, version=1)
    deploy(rows, version=2)
    rows.ended_instance(id_="ended")

    row = resolve(engine, ledger, definition(FIRST, LATEST, ids={"processInstances": ["ended"]}, query=None))

    assert run(ledger, row)["ended"][:2] == ("skipped", "AlreadyEnded")


def test_variables_of_the_plan_are_set(engine: ProcessEngine, ledger: Ledger, rows: Rows) -> None:
    running(rows, deploy(rows, version=1))
    deploy(rows, version=2)
    options = {"variables": {"migrated": {"value": False}, "note": {"value": "v2", "type": "String"}}}

    run(ledger, resolve(engine, ledger, definition(FIRST, LATEST, options=options)))

    table = act_ru_variable.c
    with engine.database.connect() as connection:
        found = connection.execute(select(table.name_, table.type_, table.long_, table.text_).order_by(table.name_))
        assert [tuple(row) for row in found] == [("migrated", "boolean", 0, None), ("note", "string", None, "v2")]


def test_a_variable_that_is_false_is_another_content_than_none() -> None:
    without = definition(FIRST, LATEST)
    no, yes = (definition(FIRST, LATEST, options={"variables": {"v": {"value": each}}}) for each in (False, True))

    assert len({each.content_hash() for each in (without, no, yes)}) == 3


def test_the_creation_is_logged_with_both_definitions(engine: ProcessEngine, ledger: Ledger, rows: Rows) -> None:
    first = deploy(rows, version=1)
    running(rows, first)
    second = deploy(rows, version=2)

    resolve(engine, ledger, definition(FIRST, LATEST, userId="demo"))

    table = act_hi_op_log.c
    with engine.database.connect() as connection:
        logged = {row[0]: (row[1], row[2]) for row in connection.execute(
            select(table.property_, table.org_value_, table.new_value_)
        )}  # fmt: skip
    assert logged == {"processDefinitionId": (first, second), "nrOfInstances": (None, "1"), "async": (None, "true")}
