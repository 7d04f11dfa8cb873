"""Options of Cancellation."""

from pydantic import Field

from process_engine.operation_base.manifest_model import ManifestModel
from process_engine.operation_base.options import DeleteReason


class CancellationOptions(ManifestModel):
    """Options of Cancellation."""

    delete_reason: DeleteReason | None = Field(
        default=None, description="Why; the history keeps it with each process instance that was cancelled."
    )
    skip_custom_listeners: bool = Field(
        default=False, strict=True, description="Run no listeners of the model; those of the engine itself do run."
    )
    skip_io_mappings: bool = Field(default=False, strict=True, description="Run no output mappings.")
    skip_subprocesses: bool = Field(
        default=False, strict=True, description="Leave called process instances running, without their caller."
    )
