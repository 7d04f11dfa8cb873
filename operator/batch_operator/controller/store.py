"""What the API server said about Batches, ProcessEngines and Jobs: the newest object of each.

Watch events and lists both put objects here; an older one never replaces a newer one, so a late event does no harm.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from batch_operator.lifecycle.documents import Document, part
from batch_operator.resources.meta import GROUP

BATCH_UID_LABEL = f"{GROUP}/batch-uid"


class Kind(StrEnum):
    """Kinds of objects that the operator watches."""

    BATCH = "Batch"
    ENGINE = "ProcessEngine"
    JOB = "Job"


Key = tuple[Kind, str, str]
"""Kind, namespace and name."""


@dataclass(frozen=True, kw_only=True)
class ClusterObject:
    """An object of the API server, with what says which one and which state of it this is.

    Attributes:
        generation: Of its spec; 0 where it has none.
        version: Grows with each write to it.
        content: The whole document.
    """

    kind: Kind
    namespace: str
    name: str
    uid: str
    generation: int
    version: int
    content: Document

    @classmethod
    def of(cls, kind: Kind, content: Document) -> Self:
        """An object as the API server writes it."""
        metadata = part(content, "metadata")
        return cls(
            kind=kind,
            namespace=str(metadata.get("namespace", "")),
            name=str(metadata.get("name", "")),
            uid=str(metadata.get("uid", "")),
            generation=int(metadata.get("generation") or 0),
            version=int(metadata.get("resourceVersion") or 0),
            content=content,
        )

    @property
    def key(self) -> Key:
        """Under which it is kept."""
        return self.kind, self.namespace, self.name

    @property
    def status(self) -> dict[str, Any]:
        """Its status, empty where it has none yet."""
        return part(self.content, "status")

    @property
    def batch_uid(self) -> str | None:
        """Of a Job: the Batch that its label names."""
        return part(self.content, "metadata", "labels").get(BATCH_UID_LABEL)

    @property
    def engine_name(self) -> str:
        """Of a Batch: the ProcessEngine that it names."""
        return str(part(self.content, "spec", "engineRef").get("name", "default"))

    @property
    def is_being_deleted(self) -> bool:
        """Somebody deleted it, and it is about to go."""
        return bool(part(self.content, "metadata").get("deletionTimestamp"))


class Store:
    """The newest objects by key."""

    def __init__(self) -> None:
        self._objects: dict[Key, ClusterObject] = {}

    def put(self, found: ClusterObject) -> None:
        """Keep an object unless a newer state of the same one is there."""
        known = self._objects.get(found.key)
        if known is None or known.uid != found.uid or known.version <= found.version:
            self._objects[found.key] = found

    def remove(self, gone: ClusterObject) -> None:
        """Forget an object, but not another one that has taken its name."""
        known = self._objects.get(gone.key)
        if known is not None and known.uid == gone.uid:
            del self._objects[gone.key]

    def replace(self, kind: Kind, objects: Iterable[ClusterObject]) -> list[Key]:
        """Take over a whole list of a kind; returns the keys of all that changed."""
        listed = {found.key: found for found in objects}
        gone = [key for key in self._objects if key[0] is kind and key not in listed]
        for key in gone:
            del self._objects[key]
        changed = [key for key, found in listed.items() if self._objects.get(key) != found]
        for found in listed.values():
            self.put(found)
        return gone + changed

    def get(self, kind: Kind, namespace: str, name: str) -> ClusterObject | None:
        """The newest state of an object."""
        return self._objects.get((kind, namespace, name))

    def keys(self, kind: Kind) -> list[Key]:
        """The keys of all objects of a kind."""
        return [key for key in list(self._objects) if key[0] is kind]

    def batches_of_engine(self, namespace: str, engine: str) -> list[Key]:
        """The Batches that name a ProcessEngine."""
        return [batch.key for batch in self._batches(namespace) if batch.engine_name == engine]

    def batch_of_job(self, job: ClusterObject) -> Key | None:
        """The Batch whose uid a Job carries in its label."""
        return next((batch.key for batch in self._batches(job.namespace) if batch.uid == job.batch_uid), None)

    def _batches(self, namespace: str) -> list[ClusterObject]:
        found = (self._objects.get(key) for key in self.keys(Kind.BATCH) if key[1] == namespace)
        return [batch for batch in found if batch is not None]
