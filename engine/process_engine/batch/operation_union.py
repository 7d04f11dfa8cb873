"""What a manifest says under `operation`: a type, and beside it the member of that name with its options."""

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, create_model, model_validator

from process_engine.operation_base.batch_operation import BatchOperation
from process_engine.operation_base.kind import OperationKind
from process_engine.operation_base.manifest_model import ManifestModel, field_error
from process_engine.registry import KINDS, kind_of

OperationType = StrEnum("OperationType", {kind.field.upper(): kind.name for kind in KINDS})


class OperationUnion(ManifestModel):
    """The frame of `Operation`, whose members the registry gives."""

    type: Any

    @property
    def kind(self) -> OperationKind:
        """Which operation it is."""
        return kind_of(self.type)

    @property
    def options(self) -> ManifestModel:
        """Its options; where none are given and none needed, the defaults."""
        return getattr(self, self.kind.field) or self.kind.options()

    @property
    def batch(self) -> BatchOperation[Any]:
        """The operation as a batch runs it."""
        return self.kind.batch

    def with_options(self, options: ManifestModel) -> Self:
        """The same operation with other options."""
        return self.model_copy(update={self.kind.field: options})

    @model_validator(mode="after")
    def _is_union(self) -> Self:
        ours = self.kind
        for kind in KINDS:
            if getattr(self, kind.field) is not None and kind is not ours:
                rule = f"does not belong to operation.type {self.type}, which takes {ours.member}"
                raise field_error(kind.member, rule)
        if ours.needed and getattr(self, ours.field) is None:
            raise field_error(ours.member, f"is missing; operation.type {self.type} needs {ours.needed}")
        return self


def _member(kind: OperationKind) -> Any:
    description = f"Options of type {kind.name}, which {kind.effect}."
    return kind.options | None, Field(default=None, description=description)


if TYPE_CHECKING:
    Operation = OperationUnion
else:
    Operation = create_model(
        "Operation",
        __base__=OperationUnion,
        __doc__="What is done: a type, and beside it the member of that name with its options.",
        type=(OperationType, Field(description="What is done to each item of the set.")),
        **{kind.field: _member(kind) for kind in KINDS},
    )
