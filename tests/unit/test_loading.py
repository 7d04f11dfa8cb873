"""Programs load what they need: starting is most of what a short command, and a worker's pod, take."""

import subprocess
import sys

import pytest

from process_engine.registry import KINDS, OperationKind

BPMN_READER = ("process_engine.model", "process_engine.expressions", "lark", "lxml")


def loaded_by(program: str) -> set[str]:
    """Names of the modules that are loaded after a program."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{program}\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def within(modules: set[str], *packages: str) -> set[str]:
    return {name for name in modules for package in packages if name == package or name.startswith(f"{package}.")}


def test_asking_the_ledger_loads_no_bpmn_reader_no_operation_and_no_query() -> None:
    modules = loaded_by("import batch_operator.cli.ledger")

    assert "process_engine.batch.ledger" in modules
    assert not within(modules, *BPMN_READER, "process_engine.operations", "process_engine.queries", "rich", "kopf")


def test_a_worker_loads_no_bpmn_reader_before_it_knows_its_operation() -> None:
    modules = loaded_by("import batch_operator.worker")

    assert not within(modules, *BPMN_READER, "rich", "kopf", "kubernetes", "yaml")
    assert not {name for name in modules if name.startswith("process_engine.operations.") and name.endswith(".batch")}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_an_operation_loads_of_the_others_their_options_alone(kind: OperationKind) -> None:
    modules = loaded_by(f"from process_engine.registry import kind_of\nkind_of({kind.name!r}).batch")

    own = f"process_engine.operations.{kind.field}"
    others = within(modules, "process_engine.operations") - within(modules, own)
    assert f"{own}.batch" in modules
    assert {name.rsplit(".", 1)[1] for name in others} <= {"operations", *(each.field for each in KINDS), "manifest"}
