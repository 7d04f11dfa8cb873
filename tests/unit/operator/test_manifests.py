"""Manifests are read as kubectl reads them, and what is wrong is told with document, field, value and rule."""

import pytest

from batch_operator.errors import ManifestError
from batch_operator.manifests import Manifests, read_manifests
from process_engine.configuration import EngineConfiguration, ListenersOutsideModel

HEAD = "apiVersion: process-batch.io/v1alpha1\nkind: Batch\nmetadata: {name: retry}\n"
RETRIES = "operation: {type: JobRetries, jobRetries: {retries: 3}}"


def read(text: str) -> Manifests:
    return read_manifests({"batch.yaml": text})


def problems(text: str) -> list[str]:
    with pytest.raises(ManifestError) as caught:
        read(text)
    return caught.value.problems


def spec(fields: str) -> str:
    return f"{HEAD}spec: {{{RETRIES}, {fields}}}\n"


def test_manifests_are_read_in_the_order_of_their_documents() -> None:
    engine = (
        "---\n\n---\napiVersion: process-batch.io/v1alpha1\nkind: ProcessEngine\nmetadata: {name: default}\n"
        "spec: {database: {urlFrom: {secretKeyRef: {name: engine, key: url}}}, "
        "engine: {listenersOutsideModel: Skippable, timeZone: Europe/Berlin}}\n"
    )
    second = spec("ids: {jobs: [b]}").replace("name: retry", "name: again, namespace: flows")

    found = read(f"{engine}---\n{spec('ids: {jobs: [a]}')}---\n{second}")

    assert [batch.metadata.name for batch in found.batches] == ["retry", "again"]
    assert [batch.definition("default").namespace for batch in found.batches] == ["default", "flows"]
    assert found.engines[0].spec.engine.configuration() == EngineConfiguration(
        time_zone="Europe/Berlin", listeners_outside_model=ListenersOutsideModel.SKIPPABLE
    )


def test_documents_of_others_are_left_to_them() -> None:
    other = "apiVersion: v1\nkind: Secret\nmetadata: {name: engine}\nstringData: {url: secret}\n---\n"

    assert len(read(other + spec("ids: {jobs: [a]}")).batches) == 1


def test_times_stay_text_until_a_field_wants_one() -> None:
    found = read(spec("ids: {jobs: [2026-05-03T14:00:00Z]}"))

    assert found.batches[0].spec.ids is not None
    assert found.batches[0].spec.ids.jobs == ("2026-05-03T14:00:00Z",)


def test_a_status_that_was_exported_with_a_batch_is_let_through() -> None:
    exported = spec("ids: {jobs: [a]}") + "status: {observedGeneration: 3}\n"

    assert len(read(exported).batches) == 1


def test_a_retyped_manifest_has_the_hash_of_the_old_one() -> None:
    one = read(spec("ids: {jobs: [a]}, parallelism: 4"))
    other = read(f"{HEAD}spec:\n  ids:\n    jobs:\n    - a\n  {RETRIES}\n  engineRef: {{name: default}}\n")

    hashes = {found.batches[0].definition("default").content_hash() for found in (one, other)}
    assert len(hashes) == 1


WHERE = "batch.yaml, document 1 (Batch retry): "
INSTANCES = "ids.processInstances"
A_TIME = "2026-05-03T14:00:00+02:00"
ONLY_TRUE = "only true is allowed; leave the filter out instead of setting it to false"
REFUSED = {
    "a misspelt filter": (
        spec("query: {jobs: {noRetriesLefd: true}}"),
        f"{WHERE}spec.query.jobs: unknown filter noRetriesLefd; did you mean noRetriesLeft?",
    ),
    "a misspelt exclude": (
        spec("ids: {jobs: [a]}, exlude: {jobs: [b]}"),
        f"{WHERE}spec.exlude: is unknown; did you mean exclude?",
    ),
    "a misspelt dry run": (
        spec("ids: {jobs: [a]}, dryrun: true"),
        f"{WHERE}spec.dryrun: is unknown; did you mean dryRun?",
    ),
    "a value of another type": (
        spec("ids: {jobs: [7]}"),
        f"{WHERE}spec.ids.jobs[0]: 7 must be a text; put it in quotes",
    ),
    "a number that is too large": (
        spec("ids: {jobs: [a]}, chunkSize: 20000"),
        f"{WHERE}spec.chunkSize: 20000 must be at most 10000",
    ),
    "a number as a text": (
        spec("ids: {jobs: [a]}, chunkSize: '500'"),
        f"{WHERE}spec.chunkSize: '500' must be a whole number",
    ),
    "a word that is none of the known ones": (
        spec("ids: {jobs: [a]}, unknownIds: Ignore"),
        f"{WHERE}spec.unknownIds: 'Ignore' is not one of 'Skip', 'Fail', 'Reject'",
    ),
    "a list of another operation": (
        spec("ids: {externalTasks: [a]}"),
        f"{WHERE}spec.ids.externalTasks: does not go with operation.type JobRetries, which takes ids.jobs, {INSTANCES}",
    ),
    "no set": (
        spec("parallelism: 1"),
        f"{WHERE}spec.ids: and query are both missing or empty; a Batch needs ids, a query, or both",
    ),
    "an empty id": (
        spec("ids: {jobs: ['']}"),
        f"{WHERE}spec.ids.jobs[0]: '' must be at least 1 characters long",
    ),
    "a flag set to false": (
        spec("query: {jobs: {noRetriesLeft: false}}"),
        f"{WHERE}spec.query.jobs.noRetriesLeft: {ONLY_TRUE}",
    ),
    "a due date without an offset": (
        spec("ids: {jobs: [a]}").replace("retries: 3", "retries: 3, dueDate: 2026-05-03T14:00:00"),
        f"{WHERE}spec.operation.jobRetries.dueDate: expected a date and time with an offset from UTC, like {A_TIME}",
    ),
    "no operation": (f"{HEAD}spec: {{ids: {{jobs: [a]}}}}\n", f"{WHERE}spec.operation: is missing"),
    "a name that no Job could have": (
        spec("ids: {jobs: [a]}").replace("name: retry", f"name: {'r' * 53}"),
        f"batch.yaml, document 1 (Batch {'r' * 53}): metadata.name: {'r' * 53!r} must be at most 52 characters long",
    ),
    "another version": (
        spec("ids: {jobs: [a]}").replace("v1alpha1", "v1"),
        f"{WHERE}apiVersion: 'process-batch.io/v1' is not process-batch.io/v1alpha1",
    ),
    "another kind of the group": (
        spec("ids: {jobs: [a]}").replace("kind: Batch", "kind: Batches"),
        "batch.yaml, document 1 (Batches retry): kind: 'Batches' is not one of Batch, ProcessEngine",
    ),
    "a key that stands twice": (
        f"{HEAD}spec:\n  {RETRIES}\n  query:\n    jobs:\n      noRetriesLeft: true\n      noRetriesLeft: true\n",
        "batch.yaml: line 9: key 'noRetriesLeft' stands there twice",
    ),
    "what is no YAML": ("a: [", "batch.yaml: line 1: expected the node content, but found '<stream end>'"),
    "what is no object": ("- a\n", "batch.yaml, document 1: expected an object with apiVersion, kind and spec"),
}


@pytest.mark.parametrize(("text", "problem"), REFUSED.values(), ids=REFUSED)
def test_manifest_is_refused_with(text: str, problem: str) -> None:
    assert problems(text) == [problem]


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = spec("ids: {jobs: ['']}, chunkSize: 0") + "---\n" + spec("ids: {jobs: [a]}, parallelism: 0")

    assert problems(text) == [
        f"{WHERE}spec.ids.jobs[0]: '' must be at least 1 characters long",
        f"{WHERE}spec.chunkSize: 0 must be at least 1",
        "batch.yaml, document 2 (Batch retry): spec.parallelism: 0 must be at least 1",
    ]


def test_two_batches_of_one_name_are_refused() -> None:
    one = spec("ids: {jobs: [a]}")

    assert problems(f"{one}---\n{one}") == ["Batch retry in namespace default stands there twice"]


ENGINE = "apiVersion: process-batch.io/v1alpha1\nkind: ProcessEngine\nmetadata: {name: default}\nspec: "
URL = "urlFrom: {secretKeyRef: {name: engine, key: url}}"
FACTS = "engine: {listenersOutsideModel: None}"
ENGINE_WHERE = "batch.yaml, document 1 (ProcessEngine default): spec."
REFUSED_ENGINES = {
    "no facts about its Java engine": (f"{{database: {{{URL}}}}}", "engine: is missing"),
    "nothing said of listeners that no model shows": (
        f"{{database: {{{URL}}}, engine: {{timeZone: UTC}}}}",
        "engine.listenersOutsideModel: is missing",
    ),
    "a word for listeners that it does not know": (
        f"{{database: {{{URL}}}, engine: {{listenersOutsideModel: Some}}}}",
        "engine.listenersOutsideModel: 'Some' is not one of 'None', 'Skippable', 'Always'",
    ),
    "a zone that is nowhere": (
        f"{{database: {{{URL}}}, engine: {{listenersOutsideModel: None, timeZone: Europe/Berlim}}}}",
        "engine.timeZone: 'Europe/Berlim' is not an IANA time zone; write it like Europe/Berlin",
    ),
    "a url and its parts": (
        f"{{database: {{{URL}, host: db}}, {FACTS}}}",
        "database.host: stands beside urlFrom; give either urlFrom or the parts",
    ),
    "some of the parts": (
        f"{{database: {{host: db, name: camunda}}, {FACTS}}}",
        "database.usernameFrom: is missing; give urlFrom, or all of host, port, name, usernameFrom, passwordFrom",
    ),
    "a misspelt fact": (
        f"{{database: {{{URL}}}, engine: {{listenersOutsideModel: None, timezone: UTC}}}}",
        "engine.timezone: is unknown; did you mean timeZone?",
    ),
    "a schema that psql would spell otherwise": (
        f"{{database: {{{URL}}}, {FACTS}, ledger: {{schema: Ledger}}}}",
        "ledger.schema: 'Ledger' must be like ^[a-z_][a-z0-9_]*$",
    ),
}


@pytest.mark.parametrize(("text", "problem"), REFUSED_ENGINES.values(), ids=REFUSED_ENGINES)
def test_process_engine_is_refused_with(text: str, problem: str) -> None:
    assert problems(f"{ENGINE}{text}\n") == [f"{ENGINE_WHERE}{problem}"]
