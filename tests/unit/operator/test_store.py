"""What the operator keeps of the API server's objects."""

from typing import Any

from batch_operator.controller.store import ClusterObject, Kind, Store


def stored(kind: Kind, name: str, version: int, uid: str = "u1", **parts: Any) -> ClusterObject:
    metadata = {"namespace": "flows", "name": name, "uid": uid, "resourceVersion": str(version)}
    return ClusterObject.of(kind, {"metadata": metadata | parts.pop("metadata", {}), **parts})


def batch(name: str, version: int, uid: str = "u1", **parts: Any) -> ClusterObject:
    return stored(Kind.BATCH, name, version, uid, **parts)


def test_an_older_state_never_replaces_a_newer_one() -> None:
    store = Store()
    store.put(batch("retry", 20))

    store.put(batch("retry", 9))

    assert store.get(Kind.BATCH, "flows", "retry") == batch("retry", 20)


def test_an_object_that_took_the_name_of_another_replaces_it() -> None:
    store = Store()
    store.put(batch("retry", 20))

    store.put(batch("retry", 21, uid="u2"))
    store.remove(batch("retry", 20))

    assert store.get(Kind.BATCH, "flows", "retry") == batch("retry", 21, uid="u2")


def test_a_list_says_what_came_what_changed_and_what_is_gone() -> None:
    store = Store()
    store.replace(Kind.BATCH, [batch("same", 1), batch("changed", 1), batch("gone", 1)])

    changed = store.replace(Kind.BATCH, [batch("same", 1), batch("changed", 2), batch("new", 3)])

    assert {name for _, _, name in changed} == {"changed", "gone", "new"}
    assert store.get(Kind.BATCH, "flows", "gone") is None


def test_a_list_of_one_kind_leaves_the_others() -> None:
    store = Store()
    store.put(stored(Kind.ENGINE, "default", 1))

    store.replace(Kind.BATCH, [])

    assert store.get(Kind.ENGINE, "flows", "default") is not None


def test_a_job_belongs_to_the_batch_of_its_label() -> None:
    store = Store()
    store.put(batch("retry", 1))
    store.put(batch("other", 1, uid="u2"))

    job = stored(Kind.JOB, "retry-1", 1, uid="j1", metadata={"labels": {"process-batch.io/batch-uid": "u1"}})

    assert store.batch_of_job(job) == (Kind.BATCH, "flows", "retry")


def test_batches_are_found_by_the_engine_they_name_or_default_to() -> None:
    store = Store()
    store.put(batch("named", 1, spec={"engineRef": {"name": "second"}}))
    store.put(batch("default", 1, spec={}))

    assert store.batches_of_engine("flows", "second") == [(Kind.BATCH, "flows", "named")]
    assert store.batches_of_engine("flows", "default") == [(Kind.BATCH, "flows", "default")]
    assert store.batches_of_engine("elsewhere", "default") == []
