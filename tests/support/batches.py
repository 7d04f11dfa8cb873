"""Definitions of batches for tests, which give only what they are about."""

from collections.abc import Mapping
from typing import Any

from process_engine.batch.definition import BatchDefinition

ALL_INSTANCES: Mapping[str, Any] = {"processInstances": {"all": True}}


def batch(operation: Mapping[str, Any], *, name: str = "some-batch", **spec: Any) -> BatchDefinition:
    """A batch in the namespace `flows`."""
    return BatchDefinition.model_validate({"namespace": "flows", "name": name, "operation": operation, **spec})


def cancelling(**spec: Any) -> BatchDefinition:
    """A batch named `cancel`, that cancels."""
    return batch(**{"operation": {"type": "Cancellation"}, "name": "cancel"} | spec)


def handing_over(**spec: Any) -> BatchDefinition:
    """The same of all process instances, which gives the Java engine what needs a JVM."""
    return cancelling(**{"query": ALL_INSTANCES, "onJvmCode": "HandOver"} | spec)
