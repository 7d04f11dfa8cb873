"""Options of ExternalTaskRetries."""

from pydantic import Field

from process_engine.operation_base.manifest_model import ManifestModel
from process_engine.operation_base.options import Retries


class ExternalTaskRetriesOptions(ManifestModel):
    """Options of ExternalTaskRetries."""

    retries: Retries = Field(description="Retries that each external task is left with; 0 makes an incident.")
