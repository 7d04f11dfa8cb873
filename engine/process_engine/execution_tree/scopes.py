"""Scopes and activities of process definitions, each with the definition that it is of."""

from dataclasses import dataclass
from functools import cached_property

from process_engine.execution_tree.execution import is_composite
from process_engine.model import Activity, ProcessDefinition


@dataclass(frozen=True, eq=False)
class Scope:
    """A process definition, by its key, or an activity of it, by its id; made once, as all instances look at it."""

    definition: ProcessDefinition
    id: str

    @classmethod
    def of(cls, definition: ProcessDefinition, id_: str) -> "Scope":
        """The scope of an id."""
        key = cls.__name__, id_
        found: Scope | None = definition.kept.get(key)
        if found is None:
            found = definition.kept[key] = cls(definition, id_)
        return found

    @cached_property
    def activity(self) -> Activity | None:
        """The activity; null for the process."""
        return None if self.is_process else self.definition.activity(self.id)

    @cached_property
    def is_process(self) -> bool:
        """Whether it is the process definition itself."""
        return self.id == self.definition.key

    @cached_property
    def is_scope(self) -> bool:
        """Whether an execution of its own runs it."""
        activity = self.activity
        return activity is None or activity.is_scope

    @property
    def is_composite(self) -> bool:
        """Whether its activity instance id is kept by the parent of its execution."""
        activity = self.activity
        return activity is not None and is_composite(activity)

    @property
    def is_leaf(self) -> bool:
        """Whether there are no activities in it."""
        return not self.definition.children(self.id)

    @cached_property
    def flow_scope(self) -> "Scope":
        """What is around an activity."""
        activity = self.activity
        return self if activity is None else Scope.of(self.definition, activity.flow_scope_id)

    @property
    def is_parallel_body(self) -> bool:
        """Whether it is a body whose inner instances run at the same time."""
        activity = self.activity
        body = None if activity is None else activity.multi_instance
        return body is not None and not body.is_sequential

    @property
    def is_sequential_body(self) -> bool:
        """Whether it is a body whose inner instances run one after the other."""
        activity = self.activity
        body = None if activity is None else activity.multi_instance
        return body is not None and body.is_sequential

    def is_same(self, other: "Scope | None") -> bool:
        """Whether it is the same scope of the same definition."""
        return other is not None and other.definition is self.definition and other.id == self.id
