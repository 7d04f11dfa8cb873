"""The resources `Batch` and `ProcessEngine`: one set of models for manifests, the operator and the CRDs.

Unknown fields are refused here and not by the API server, which would drop them silently for many clients: a manifest
without its misspelt filter, `exclude` or `dryRun` is another one.
"""

from batch_operator.resources.batch import Batch, BatchSpec, BatchStatus
from batch_operator.resources.engine import ProcessEngine, ProcessEngineSpec, ProcessEngineStatus
from batch_operator.resources.meta import API_VERSION, GROUP, VERSION
from batch_operator.resources.problems import problems

__all__ = [
    "API_VERSION",
    "GROUP",
    "VERSION",
    "Batch",
    "BatchSpec",
    "BatchStatus",
    "ProcessEngine",
    "ProcessEngineSpec",
    "ProcessEngineStatus",
    "problems",
]
