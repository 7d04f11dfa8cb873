"""One process instance that fails leaves no trace of it beside the others."""

from dataclasses import dataclass, field

from process_engine.errors import ProcessEngineError
from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.loading.attempts import Executions, below_each_root
from process_engine.execution_tree.loading.trees import TreeRow, TreeRows
from process_engine.execution_tree.variables import Variables
from process_engine.model import ProcessDefinition
from support.models import process

DEFINITION = process('<userTask id="a"/>')


def row(id_: str) -> TreeRow:
    """A process instance that is at a task."""
    return TreeRow(
        id_=id_,
        rev_=1,
        proc_inst_id_=id_,
        parent_id_=None,
        super_exec_=None,
        proc_def_id_="p:1",
        tenant_id_=None,
        act_id_="a",
        act_inst_id_=f"a:{id_}",
        is_active_=True,
        is_concurrent_=False,
        is_scope_=True,
        is_event_scope_=False,
        suspension_state_=1,
        cached_ent_state_=2,
        sequence_counter_=None,
    )


def rows_below(root: str, *ids: str) -> dict[str, TreeRows]:
    definitions: dict[str, ProcessDefinition] = {"p:1": DEFINITION}
    tree = TreeRows(root, root, [row(id_) for id_ in ids], (), definitions)
    return dict.fromkeys(ids, tree)


@dataclass
class Leaving:
    """Takes instances out of their activities; `bad` ones fail afterwards."""

    executions: Executions
    _: Variables
    done: list[str] = field(default_factory=list)

    def change(self, instance: Execution) -> None:
        instance.activity_id = None
        if instance.id.startswith("bad"):
            raise ProcessEngineError(f"{instance.id} fails")
        self.done.append(instance.id)


def test_instances_are_changed_in_the_order_of_their_ids_below_each_root() -> None:
    trees = rows_below("r", "r", "x") | rows_below("s", "s")

    attempts, failed = below_each_root(trees, ["x", "s", "r"], Leaving)

    assert [attempt.done for attempt in attempts] == [["x", "r"], ["s"]]
    assert failed == {}


def test_an_instance_that_fails_is_as_it_was_read_and_the_others_are_changed() -> None:
    ids = ["one", "bad1", "two", "bad2"]

    (attempt,), failed = below_each_root(rows_below("one", *ids), ids, Leaving)

    assert attempt.done == ["one", "two"]
    assert {id_: each.activity_id for id_, each in attempt.executions.items()} == {
        "one": None, "bad1": "a", "two": None, "bad2": "a"
    }  # fmt: skip
    assert {id_: str(error) for id_, error in failed.items()} == {"bad1": "bad1 fails", "bad2": "bad2 fails"}


def test_columns_that_may_be_null_are_read_as_the_java_engine_reads_them() -> None:
    executions, _ = rows_below("i", "i")["i"].build()

    assert executions["i"].sequence_counter == 0
    assert executions["i"].state == executions["i"].before
