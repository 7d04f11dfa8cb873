"""Manifests: YAML text of several documents, read as the models of the resources.

YAML is read as `kubectl` reads it: times stay text, and a key that stands twice is an error instead of a lost filter.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import yaml
from pydantic import ValidationError

from batch_operator.environment import DEFAULT_NAMESPACE
from batch_operator.errors import ManifestError
from batch_operator.resources.batch import Batch
from batch_operator.resources.engine import ProcessEngine
from batch_operator.resources.meta import API_VERSION, BATCH_KIND, ENGINE_KIND, GROUP
from batch_operator.resources.problems import problems

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Manifests:
    """What was read, in the order in which it was written."""

    batches: list[Batch] = field(default_factory=list[Batch])
    engines: list[ProcessEngine] = field(default_factory=list[ProcessEngine])


def read_manifests(sources: Mapping[str, str], namespace: str = DEFAULT_NAMESPACE) -> Manifests:
    """Read the Batches and ProcessEngines of some texts; documents of other kinds are left to others.

    Args:
        sources: YAML texts by the names of their files.
        namespace: Of documents that name none.

    Raises:
        ManifestError: Any rule is broken; all of them are named.
    """
    found, wrong = Manifests(), list[str]()
    for source, text in sources.items():
        try:
            for place, document in _documents(source, text):
                wrong += _take(found, place, document)
        except ManifestError as error:
            wrong += error.problems
    wrong += _duplicates(found.batches, namespace) + _duplicates(found.engines, namespace)
    if wrong:
        raise ManifestError(wrong)
    return found


def _documents(source: str, text: str) -> Iterator[tuple[str, Document]]:
    """The documents of a text that are not empty, each with where it stands."""
    loader = cast("Any", _Loader(text))  # PyYAML is not typed
    try:
        number = 0
        while loader.check_data():
            number += 1
            document = loader.get_data()
            if document is None:
                continue
            if not isinstance(document, Mapping):
                raise ManifestError([f"{source}, document {number}: expected an object with apiVersion, kind and spec"])
            yield _place(source, number, cast("Document", document)), cast("Document", document)
    except yaml.YAMLError as error:
        raise ManifestError([f"{source}: {_yaml_problem(error)}"]) from None
    finally:
        loader.dispose()


def _place(source: str, number: int, document: Document) -> str:
    metadata = document.get("metadata")
    name = cast("Document", metadata).get("name") if isinstance(metadata, Mapping) else None
    title = " ".join(str(each) for each in (document.get("kind"), name) if each)
    return f"{source}, document {number}" + (f" ({title})" if title else "")


def _take(found: Manifests, place: str, document: Document) -> list[str]:
    """Add a document to what was found; returns what is wrong with it."""
    kind, api_version = document.get("kind"), str(document.get("apiVersion"))
    if kind not in (BATCH_KIND, ENGINE_KIND):
        if not api_version.startswith(f"{GROUP}/"):
            return []  # a Secret, a Namespace: for the cluster
        return [f"{place}: kind: {kind!r} is not one of {BATCH_KIND}, {ENGINE_KIND}"]
    if api_version != API_VERSION:
        return [f"{place}: apiVersion: {api_version!r} is not {API_VERSION}"]
    try:
        if kind == BATCH_KIND:
            found.batches.append(Batch.model_validate(document))
        else:
            found.engines.append(ProcessEngine.model_validate(document))
    except ValidationError as error:
        return [f"{place}: {problem}" for problem in problems(error)]
    return []


def _duplicates(resources: Sequence[Batch | ProcessEngine], namespace: str) -> list[str]:
    keys = [(each.kind, each.metadata.namespace or namespace, each.metadata.name) for each in resources]
    return [f"{kind} {name} in namespace {space} stands there twice" for kind, space, name in _repeated(keys)]


def _repeated(keys: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return sorted({key for key in keys if keys.count(key) > 1})


def _yaml_problem(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem or error.context}"
    return str(error)


class _Loader(yaml.SafeLoader):
    """YAML as Kubernetes knows it: what becomes JSON, with each key once."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - read by PyYAML
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping whose keys are texts, each given once."""
        seen = set[str]()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = cast("Any", self).construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} is not a text; put it in quotes", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} stands there twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)
