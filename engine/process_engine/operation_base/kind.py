"""What an operation is to a manifest: one row of the registry, from which everything else about it follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

from pydantic.alias_generators import to_snake

from process_engine.operation_base.batch_operation import BatchOperation
from process_engine.operation_base.manifest_model import ManifestModel
from process_engine.operation_base.service import Service

PACKAGE = "process_engine.operations"


@dataclass(frozen=True, kw_only=True)
class Selectors:
    """What an operation's set can be made of.

    Attributes:
        ids: Lists of ids, by their names in a manifest.
        queries: Queries, likewise.
    """

    ids: Sequence[str]
    queries: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class OperationKind:
    """An operation: its package is `process_engine.operations.<field>`.

    Attributes:
        name: `operation.type` of a manifest.
        effect: What it does, for the manifest's reader: "Options of type …, which …".
        options: The model of its options.
        selectors: What its set can be made of.
        service: The engine's service that has its synchronous methods.
    """

    name: str
    effect: str
    options: type[ManifestModel]
    selectors: Selectors
    service: str

    @cached_property
    def field(self) -> str:
        """Name of its package, and of the field that has its options."""
        return to_snake(self.name)

    @cached_property
    def member(self) -> str:
        """Name of that field in a manifest."""
        return self.name[0].lower() + self.name[1:]

    @cached_property
    def needed(self) -> str:
        """The options without which it means nothing, in words; empty where all can be left out."""
        required = [field.alias for field in self.options.model_fields.values() if field.is_required()]
        return " and ".join(f"{self.member}.{name}" for name in required)

    @cached_property
    def batch(self) -> BatchOperation[Any]:
        """The operation as a batch runs it; loaded when it is asked for, because most programs run one or none."""
        return import_module(f"{PACKAGE}.{self.field}.batch").OPERATION

    @cached_property
    def synchronous(self) -> type[Service]:
        """Its synchronous methods; loaded when they are asked for."""
        return import_module(f"{PACKAGE}.{self.field}.service").SERVICE
