"""What the API server told about Batches, ProcessEngines and Jobs: the newest document of each.

Watch events and lists both put documents here; an older one never replaces a newer one, so a late event does no harm.
"""

from collections.abc import Iterable
from enum import StrEnum

from batch_operator.controller.jobs import BATCH_UID_LABEL
from batch_operator.lifecycle.documents import Document, name_of, namespace_of, part, uid_of


class Kind(StrEnum):
    """Kinds of objects that the operator watches."""

    BATCH = "Batch"
    ENGINE = "ProcessEngine"
    JOB = "Job"


Key = tuple[Kind, str, str]
"""Kind, namespace and name."""


def key_of(kind: Kind, document: Document) -> Key:
    """The key of a document."""
    return kind, namespace_of(document), name_of(document)


class Store:
    """The newest documents by key."""

    def __init__(self) -> None:
        self._documents: dict[Key, Document] = {}

    def put(self, kind: Kind, document: Document) -> None:
        """Keep a document unless a newer one of the same object is there."""
        key = key_of(kind, document)
        known = self._documents.get(key)
        if known is None or uid_of(known) != uid_of(document) or _version(known) <= _version(document):
            self._documents[key] = document

    def remove(self, kind: Kind, document: Document) -> None:
        """Forget an object, but not another one that has taken its name."""
        key = key_of(kind, document)
        if key in self._documents and uid_of(self._documents[key]) == uid_of(document):
            del self._documents[key]

    def replace(self, kind: Kind, documents: Iterable[Document]) -> list[Key]:
        """Take over a whole list of a kind; returns the keys of all that changed."""
        listed = {key_of(kind, document): document for document in documents}
        gone = [key for key in self._documents if key[0] is kind and key not in listed]
        for key in gone:
            del self._documents[key]
        changed = [key for key, document in listed.items() if self._documents.get(key) != document]
        for document in listed.values():
            self.put(kind, document)
        return gone + changed

    def get(self, kind: Kind, namespace: str, name: str) -> Document | None:
        """The newest document of an object."""
        return self._documents.get((kind, namespace, name))

    def keys(self, kind: Kind) -> list[Key]:
        """The keys of all objects of a kind."""
        return [key for key in list(self._documents) if key[0] is kind]

    def batches_of_engine(self, namespace: str, engine: str) -> list[Key]:
        """The Batches that name a ProcessEngine."""
        found = ((key, self._documents.get(key)) for key in self.keys(Kind.BATCH) if key[1] == namespace)
        return [key for key, batch in found if batch is not None and engine_name(batch) == engine]

    def batch_of_job(self, job: Document) -> Key | None:
        """The Batch whose uid a Job carries in its label."""
        uid = part(job, "metadata", "labels").get(BATCH_UID_LABEL)
        keys = (key for key in self.keys(Kind.BATCH) if key[1] == namespace_of(job))
        return next((key for key in keys if uid_of(self._documents.get(key) or {}) == uid), None)


def engine_name(batch: Document) -> str:
    """The ProcessEngine that a Batch names."""
    return str(part(batch, "spec", "engineRef").get("name", "default"))


def _version(document: Document) -> int:
    return int(part(document, "metadata").get("resourceVersion") or 0)
