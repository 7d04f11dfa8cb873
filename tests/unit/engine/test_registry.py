"""A row of the registry says all that others ask of an operation."""

from pathlib import Path

import pytest
import yaml

from process_engine.engine import UNSET, ProcessEngine
from process_engine.operation_base.kind import OperationKind
from process_engine.registry import KINDS, SERVICES, kind_of, service_class

SAMPLES = Path(__file__).resolve().parents[3] / "deploy" / "samples"

each = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@each
def test_what_its_set_is_made_of_has_tables(kind: OperationKind) -> None:
    assert kind.batch.name in kind.selectors.ids
    assert all(kind.batch.table_of(name) is not None for name in kind.selectors.ids)


@each
def test_its_synchronous_methods_are_on_a_service_of_the_engine(kind: OperationKind) -> None:
    methods = [name for name in vars(kind.synchronous) if not name.startswith("_")]

    assert methods
    assert isinstance(getattr(ProcessEngine, kind.service), property)
    assert all(hasattr(service_class(kind.service), name) for name in methods)


def test_services_have_the_familys_names() -> None:
    assert [service_class(name).__name__ for name in SERVICES] == list(SERVICES.values())
    assert set(SERVICES) == {kind.service for kind in KINDS}


def test_the_least_that_an_operation_needs_follows_from_its_options() -> None:
    assert kind_of("JobRetries").needed == "jobRetries.retries"
    assert kind_of("Migration").needed == "migration.source and migration.target"
    assert kind_of("Cancellation").needed == ""


def test_every_operation_has_a_sample() -> None:
    documents = [document for file in SAMPLES.rglob("*.yaml") for document in yaml.safe_load_all(file.read_text())]
    types = {each["spec"]["operation"]["type"] for each in documents if each and each.get("kind") == "Batch"}

    assert types >= {kind.name for kind in KINDS}


def test_a_due_date_that_is_not_given_is_not_null() -> None:
    assert UNSET is not None
