"""The custom resource definitions, made from the models; what a schema cannot say they say in CEL."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel

from batch_operator.resources.batch import BatchSpec, BatchStatus
from batch_operator.resources.engine import ProcessEngineSpec, ProcessEngineStatus
from batch_operator.resources.meta import GROUP, LONGEST_BATCH_NAME, VERSION
from batch_operator.resources.schema import Schema, structural_schema
from process_engine.batch.definition import FROZEN_FIELDS
from process_engine.queries.kinds import MOST_IDS
from process_engine.registry import KINDS

CATEGORY = "process-batch"
STATE = '.status.conditions[?(@.type=="Ready")]'


def custom_resource_definitions() -> dict[str, dict[str, Any]]:
    """The CRDs by the names of their files."""
    return {"batches.yaml": batch_definition(), "processengines.yaml": process_engine_definition()}


def batch_definition() -> dict[str, Any]:
    """The CRD of `Batch`."""
    schema = _resource(BatchSpec, BatchStatus, "An operation on a set of process instances, jobs or external tasks.")
    spec = schema["properties"]["spec"]["properties"]
    spec["operation"]["x-kubernetes-validations"] = list(_union_rules())
    for name in ("ids", "exclude"):
        spec[name]["x-kubernetes-validations"] = [_total_rule(name)]
    schema["x-kubernetes-validations"] = [_name_rule(), _frozen_rule(), _dry_run_rule()]
    columns = [
        _column("Operation", ".spec.operation.type"),
        _column("Progress", ".status.progress"),
        _column("Total", ".status.items.total", "integer"),
        _column("Succeeded", ".status.items.succeeded", "integer"),
        _column("Failed", ".status.items.failed", "integer"),
        _column("State", f"{STATE}.reason"),
        _column("Age", ".metadata.creationTimestamp", "date"),
        _column("Skipped", ".status.items.skipped", "integer", priority=1),
        _column("Handed-Over", ".status.items.handedOver", "integer", priority=1),
        _column("Engine", ".spec.engineRef.name", priority=1),
        _column("Message", f"{STATE}.message", priority=1),
    ]
    return _definition("Batch", "batches", ["pbatch", "pbatches"], schema, columns)


def process_engine_definition() -> dict[str, Any]:
    """The CRD of `ProcessEngine`."""
    schema = _resource(ProcessEngineSpec, ProcessEngineStatus, "A process engine's database, which Batches work on.")
    spec = schema["properties"]["spec"]["properties"]
    spec["database"]["x-kubernetes-validations"] = [
        _rule(
            "has(self.urlFrom) ? !(has(self.host) || has(self.port) || has(self.name) || has(self.usernameFrom) || "
            "has(self.passwordFrom)) : has(self.host) && has(self.name) && has(self.usernameFrom) && "
            "has(self.passwordFrom)",
            "give either urlFrom or all of host, name, usernameFrom and passwordFrom",
        )
    ]
    columns = [
        _column("Ready", f"{STATE}.status"),
        _column("State", f"{STATE}.reason"),
        _column("Age", ".metadata.creationTimestamp", "date"),
        _column("Message", f"{STATE}.message", priority=1),
    ]
    return _definition("ProcessEngine", "processengines", ["pengine", "pengines"], schema, columns)


def _resource(spec: type[BaseModel], status: type[BaseModel], description: str) -> Schema:
    written = structural_schema(status, keeps_unknown=False)
    # Readers that wait for the operator compare it with the generation, which begins at 1.
    written["default"] = {"observedGeneration": -1}
    return {
        "type": "object",
        "description": description,
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string", "maxLength": 64, "description": f"{GROUP}/{VERSION}"},
            "kind": {"type": "string", "maxLength": 64, "description": "The kind of the resource."},
            "metadata": {"type": "object"},
            "spec": structural_schema(spec, keeps_unknown=True),
            "status": written,
        },
    }


def _definition(kind: str, plural: str, short: Sequence[str], schema: Schema, columns: Sequence[Schema]) -> Schema:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{GROUP}",
            "labels": {"app.kubernetes.io/name": "process-batch", "app.kubernetes.io/part-of": "process-batch"},
        },
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": kind,
                "listKind": f"{kind}List",
                "plural": plural,
                "singular": kind.lower(),
                "shortNames": list(short),
                "categories": [CATEGORY],
            },
            "versions": [
                {
                    "name": VERSION,
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": list(columns),
                    "schema": {"openAPIV3Schema": schema},
                }
            ],
        },
    }


def _column(name: str, path: str, kind: str = "string", priority: int = 0) -> Schema:
    return {"name": name, "type": kind, "jsonPath": path, "priority": priority}


def _rule(rule: str, message: str) -> Schema:
    return {"rule": rule, "message": message}


# ---------------------------------------------------------------- rules


def _union_rules() -> Iterable[Schema]:
    for kind in KINDS:
        rule = f"self.type == '{kind.name}' || !has(self.{kind.member})"
        yield _rule(rule, f"{kind.member} belongs to type {kind.name} alone")
        if kind.needed:
            rule = f"self.type != '{kind.name}' || has(self.{kind.member})"
            yield _rule(rule, f"type {kind.name} needs {kind.needed}")


def _total_rule(name: str) -> Schema:
    lists = ("processInstances", "jobs", "externalTasks")
    total = " + ".join(f"(has(self.{each}) ? self.{each}.size() : 0)" for each in lists)
    return _rule(f"{total} <= {MOST_IDS}", f"{name} has more than {MOST_IDS} ids in all; a larger set takes a query")


def _name_rule() -> Schema:
    return _rule(
        f"self.metadata.name.size() <= {LONGEST_BATCH_NAME}",
        f"metadata.name is longer than {LONGEST_BATCH_NAME} characters; it becomes part of the names of Jobs",
    )


def _frozen_rule() -> Schema:
    names = [BatchSpec.model_fields[field].alias for field in FROZEN_FIELDS]
    same = " && ".join(
        f"has(self.spec.{name}) == has(oldSelf.spec.{name}) && "
        f"(!has(self.spec.{name}) || self.spec.{name} == oldSelf.spec.{name})"
        for name in names
    )
    return _rule(
        f"!has(oldSelf.status) || !has(oldSelf.status.resolvedTime) || ({same})",
        "operation, ids, query, exclude and engineRef are frozen since the set was resolved (status.resolvedTime); "
        "write another Batch under a new name",
    )


def _dry_run_rule() -> Schema:
    return _rule(
        "self.spec.dryRun == oldSelf.spec.dryRun || !self.spec.dryRun",
        "dryRun can be switched off, not on; write another Batch under a new name",
    )
