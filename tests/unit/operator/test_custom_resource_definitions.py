"""The CRDs are the models', bounded everywhere, and drop nothing that would change what a Batch does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from batch_operator.resources.definitions import custom_resource_definitions
from batch_operator.resources.generate import as_yaml
from batch_operator.resources.schema import PRESERVE
from process_engine.queries.models import (
    ExternalTaskQuery,
    HistoricProcessInstanceQuery,
    JobQuery,
    ProcessInstanceQuery,
)

CRDS = Path(__file__).resolve().parents[3] / "crds"
LAST_APPLIED_LIMIT = 262_144
DEFINITIONS = custom_resource_definitions()
Node = tuple[str, dict[str, Any]]


def root(file: str) -> dict[str, Any]:
    return DEFINITIONS[file]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


def walk(schema: dict[str, Any], path: str = "") -> Iterator[Node]:
    yield path, schema
    for name, each in schema.get("properties", {}).items():
        yield from walk(each, f"{path}.{name}")
    for part in ("items", "additionalProperties"):
        if isinstance(schema.get(part), dict):
            yield from walk(schema[part], f"{path}[]")


def nodes() -> Iterator[Node]:
    for file in DEFINITIONS:
        yield from walk(root(file), file)


@pytest.mark.parametrize("file", DEFINITIONS)
def test_crd_in_its_file_is_that_of_the_models(file: str) -> None:
    written = (CRDS / file).read_text(encoding="utf-8")

    assert written == as_yaml(DEFINITIONS[file]), "run `make crds`"
    assert yaml.safe_load(written) == DEFINITIONS[file]


@pytest.mark.parametrize("file", DEFINITIONS)
def test_crd_fits_into_the_annotation_of_kubectl_apply(file: str) -> None:
    assert len(as_yaml(DEFINITIONS[file])) < LAST_APPLIED_LIMIT / 2


def unbounded(schema: dict[str, Any]) -> str | None:
    needed = {
        "string": () if "enum" in schema else ("maxLength",),
        "integer": ("minimum", "maximum"),
        "number": ("minimum", "maximum"),
        "array": ("maxItems",),
        "object": ("maxProperties",) if "additionalProperties" in schema else (),
    }
    missing = [bound for bound in needed.get(schema.get("type", ""), ()) if bound not in schema]
    return ", ".join(missing) or None


def test_every_string_list_map_and_number_is_bounded() -> None:
    found = {path: unbounded(schema) for path, schema in nodes() if ".metadata" not in path}

    assert {path: missing for path, missing in found.items() if missing} == {}


def test_every_field_is_of_one_type_or_left_to_the_operator() -> None:
    untyped = [
        path
        for path, schema in nodes()
        if "type" not in schema and not schema.get(PRESERVE) and "x-kubernetes-int-or-string" not in schema
    ]

    assert untyped == []


def test_every_field_is_described() -> None:
    bare = [
        path
        for path, schema in nodes()
        if not schema.get("description") and "[]" not in path and ".metadata" not in path
    ]

    assert [path for path in bare if path not in DEFINITIONS] == []


def test_nothing_of_a_spec_is_dropped_silently() -> None:
    dropping = [
        path
        for path, schema in nodes()
        if ".spec" in path and schema.get("type") == "object" and "additionalProperties" not in schema
        if not schema.get(PRESERVE)
    ]

    assert dropping == []


def test_status_has_only_declared_fields() -> None:
    assert [path for path, schema in nodes() if ".status" in path and schema.get(PRESERVE)] == []


QUERIES = {
    "processInstances": ProcessInstanceQuery,
    "historicProcessInstances": HistoricProcessInstanceQuery,
    "jobs": JobQuery,
    "externalTasks": ExternalTaskQuery,
}


@pytest.mark.parametrize("name", QUERIES)
def test_query_in_the_crd_has_every_filter_and_needs_one(name: str) -> None:
    schema = root("batches.yaml")["properties"]["spec"]["properties"]["query"]["properties"][name]

    assert set(schema["properties"]) == set(QUERIES[name].model_fields)
    assert schema["minProperties"] == 1
    assert all(each.get("nullable") for each in schema["properties"].values())


def test_columns_show_operation_progress_counts_state_and_age() -> None:
    columns = DEFINITIONS["batches.yaml"]["spec"]["versions"][0]["additionalPrinterColumns"]

    shown = [column["name"] for column in columns if not column["priority"]]
    assert shown == ["Operation", "Progress", "Total", "Succeeded", "Failed", "State", "Age"]


def test_names_are_those_of_the_group() -> None:
    names = {file: definition["spec"]["names"] for file, definition in DEFINITIONS.items()}

    assert names["batches.yaml"]["plural"] == "batches"
    assert all(each["categories"] == ["process-batch"] for each in names.values())
    assert all(definition["spec"]["group"] == "process-batch.io" for definition in DEFINITIONS.values())


def test_what_is_not_built_is_not_there() -> None:
    spec = root("batches.yaml")["properties"]["spec"]["properties"]
    engine = root("processengines.yaml")["properties"]["spec"]["properties"]

    absent = {"idsFrom", "fromBatch", "priority"}
    assert absent.isdisjoint(spec)
    assert {"limits", "allow", "paused"}.isdisjoint(engine)
    assert {"schema", "tablePrefix", "poolMode"}.isdisjoint(engine["database"]["properties"])
    assert set(spec["operation"]["properties"]["type"]["enum"]) == {
        "Cancellation",
        "HistoricDeletion",
        "JobRetries",
        "ExternalTaskRetries",
        "Migration",
    }
