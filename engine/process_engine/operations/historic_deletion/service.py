"""Deletion of a list of process instances from the history."""

from collections.abc import Sequence

from process_engine.operation_base.service import Service
from process_engine.operations.historic_deletion.operation import (
    check_ids,
    delete_historic_process_instances,
    log_deletion,
    refusal,
)


class HistoricDeletionService(Service):
    """Source: HistoryService#deleteHistoricProcessInstances."""

    def delete_historic_process_instances(
        self, instance_ids: Sequence[str], *, fail_if_not_exists: bool = True, user_id: str | None = None
    ) -> None:
        """Delete ended process instances from the history, all or none.

        Raises:
            BadUserRequestError: An empty list, a null in it, an instance that runs, or one that is not there.
        """
        check_ids(instance_ids)
        ids = list(dict.fromkeys(instance_ids))
        with self.engine.begin(user_id) as transaction:
            outcome = delete_historic_process_instances(transaction, ids)
            if error := refusal(ids, outcome, fail_if_not_exists=fail_if_not_exists):
                raise error
            log_deletion(transaction, len(outcome.succeeded))


SERVICE = HistoricDeletionService
