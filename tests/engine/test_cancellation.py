"""The synchronous cancellation of process instances, on each database, beyond what is compared with the Java engine."""

import contextlib
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select

from process_engine.configuration import EngineConfiguration, ListenersOutsideModel
from process_engine.engine import ProcessEngine
from process_engine.errors import BadUserRequestError, JvmCodeError, NotFoundError
from process_engine.schema.history import act_hi_procinst
from process_engine.schema.runtime import act_ru_execution, act_ru_task
from support.models import deploy, running
from support.rows import Rows

LISTENER = '<extensionElements><camunda:executionListener event="end" class="com.example.L"/></extensionElements>'


def count(database: Engine, table: Any) -> int:
    with database.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def state(database: Engine, instance: str) -> tuple[str | None, str | None]:
    table = act_hi_procinst.c
    with database.connect() as connection:
        row = connection.execute(select(table.state_, table.delete_reason_).where(table.id_ == instance)).one()
    return row[0], row[1]


@pytest.mark.parametrize(("external", "expected"), [(True, "EXTERNALLY_TERMINATED"), (False, "INTERNALLY_TERMINATED")])
def test_a_cancelled_instance_is_gone_and_history_says_why_and_by_whom(
    engine: ProcessEngine, rows: Rows, external: bool, expected: str
) -> None:
    instance = running(rows, deploy(rows))

    engine.runtime.delete_process_instances([instance], "stuck", externally_terminated=external)

    assert count(engine.database, act_ru_execution) == 0
    assert state(engine.database, instance) == (expected, "stuck")


def test_a_null_in_the_list_is_refused(engine: ProcessEngine) -> None:
    with pytest.raises(BadUserRequestError, match="processInstanceId is null: processInstanceId is null"):
        engine.runtime.delete_process_instances([None])  # type: ignore[list-item]


def test_one_unknown_id_undoes_the_whole_list_unless_it_may_be_gone(engine: ProcessEngine, rows: Rows) -> None:
    instance = running(rows, deploy(rows))

    with pytest.raises(NotFoundError, match="No process instance found for id 'gone': processInstance is null"):
        engine.runtime.delete_process_instances([instance, "gone"])
    assert count(engine.database, act_ru_execution) == 1

    engine.runtime.delete_process_instances([instance, "gone"], fail_if_not_exists=False)
    assert count(engine.database, act_ru_execution) == 0


def test_the_id_of_a_child_execution_is_no_process_instance_and_changes_nothing(
    engine: ProcessEngine, rows: Rows
) -> None:
    definition = deploy(rows)
    instance = running(rows, definition)
    rows.instance(definition, id_="child", parent_id_=instance, proc_inst_id_=instance, root_proc_inst_id_=None)

    with pytest.raises(NotFoundError, match="'child'"):
        engine.runtime.delete_process_instances(["child"])

    assert count(engine.database, act_ru_execution) == 2


def test_what_only_a_jvm_can_run_is_named_and_nothing_is_written(engine: ProcessEngine, rows: Rows) -> None:
    good, bad = running(rows, deploy(rows)), running(rows, deploy(rows, f'<userTask id="work">{LISTENER}</userTask>'))

    with pytest.raises(JvmCodeError, match=r"end execution listener of 'work': com\.example\.L \(a class\)"):
        engine.runtime.delete_process_instances([good, bad])
    assert count(engine.database, act_ru_execution) == 2

    engine.runtime.delete_process_instances([good, bad], skip_custom_listeners=True)
    assert count(engine.database, act_ru_execution) == 0


@pytest.mark.parametrize(
    ("where", "skips", "is_refused"),
    [
        (ListenersOutsideModel.NONE, False, False),
        (ListenersOutsideModel.SKIPPABLE, False, True),
        (ListenersOutsideModel.SKIPPABLE, True, False),
        (ListenersOutsideModel.ALWAYS, True, True),
    ],
)
def test_listeners_outside_the_model_need_a_jvm_unless_they_can_be_and_are_skipped(
    database: Engine, rows: Rows, where: ListenersOutsideModel, skips: bool, is_refused: bool
) -> None:
    engine = ProcessEngine.attach(database, EngineConfiguration(listeners_outside_model=where))
    instance = running(rows, deploy(rows))

    refusal = pytest.raises(JvmCodeError, match=f"listeners_outside_model is {where}")

    with refusal if is_refused else contextlib.nullcontext():
        engine.runtime.delete_process_instances([instance], skip_custom_listeners=skips)

    assert count(database, act_ru_execution) == (1 if is_refused else 0)


def test_instances_older_than_the_column_of_their_root_are_found_with_their_callers(
    engine: ProcessEngine, rows: Rows
) -> None:
    definition = deploy(rows)
    caller = rows.instance(definition, id_="caller", root_proc_inst_id_=None, act_id_=None, is_active_=False)
    call = rows.instance(
        definition, id_="call", root_proc_inst_id_=None, parent_id_=caller, proc_inst_id_=caller, act_id_="call",
        act_inst_id_="call:1",
    )  # fmt: skip
    called = running(rows, definition, root_proc_inst_id_=None, super_exec_=call)

    engine.runtime.delete_process_instances([called])

    assert count(engine.database, act_ru_execution) == 0


def test_subtasks_at_any_depth_go_with_the_task_of_an_instance(engine: ProcessEngine, rows: Rows) -> None:
    definition = deploy(rows)
    instance = running(rows, definition, cached_ent_state_=2)
    task = {"rev_": 1, "suspension_state_": 1, "priority_": 50}
    rows.insert(act_ru_task, id_="task", execution_id_=instance, proc_inst_id_=instance, **task)
    rows.insert(act_ru_task, id_="sub", parent_task_id_="task", **task)
    rows.insert(act_ru_task, id_="subsub", parent_task_id_="sub", **task)
    rows.insert(act_ru_task, id_="standalone", **task)

    engine.runtime.delete_process_instances([instance])

    with engine.database.connect() as connection:
        assert list(connection.scalars(select(act_ru_task.c.id_))) == ["standalone"]


def test_the_number_of_statements_does_not_grow_with_the_number_of_instances(engine: ProcessEngine, rows: Rows) -> None:
    definition = deploy(rows)
    few, many = ([running(rows, definition) for _ in range(number)] for number in (2, 40))

    def statements(ids: list[str]) -> int:
        seen: list[str] = []
        listener = lambda *arguments: seen.append(arguments[2])  # noqa: E731 - registered and removed by identity
        event.listen(engine.database, "before_cursor_execute", listener)
        engine.runtime.delete_process_instances(ids)
        event.remove(engine.database, "before_cursor_execute", listener)
        return len(seen)

    statements([running(rows, definition)])  # the first one reads the model
    assert statements(few) == statements(many)
