"""Options of HistoricDeletion."""

from pydantic import Field

from process_engine.operation_base.manifest_model import ManifestModel
from process_engine.operation_base.options import DeleteReason


class HistoricDeletionOptions(ManifestModel):
    """Options of HistoricDeletion."""

    delete_reason: DeleteReason | None = Field(
        default=None, description="Why, for the user operation log; written only with a userId."
    )
