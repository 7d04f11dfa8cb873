"""The retries of a list of external tasks, or of one."""

from collections.abc import Sequence

from process_engine.errors import BadUserRequestError, NullValueError
from process_engine.operation_base.service import Service
from process_engine.operations.external_task_retries.operation import (
    check,
    log_many,
    log_one,
    set_external_task_retries,
)


class ExternalTaskRetriesService(Service):
    """Source: ExternalTaskService#setRetries."""

    def set_retries(self, external_task_ids: Sequence[str], retries: int, *, user_id: str | None = None) -> None:
        """Set the retries of a list of external tasks, all or none; the log gets one summary.

        Raises:
            BadUserRequestError: Negative retries, an empty list, or a null in it.
            NotFoundError: A task is not there.
            OptimisticLockingError: A row changed meanwhile.
        """
        if external_task_ids and None in external_task_ids:
            raise BadUserRequestError("External task id cannot be null: externalTaskIds contains null value")
        if not external_task_ids:
            raise BadUserRequestError("externalTaskIds is empty")
        check(retries)
        ids = list(dict.fromkeys(external_task_ids))
        with self.engine.begin(user_id) as transaction:
            log_many(transaction, len(ids), retries, in_batch=False)
            set_external_task_retries(transaction, ids, retries).raise_first_failure()

    def set_retries_of_one(self, external_task_id: str, retries: int, *, user_id: str | None = None) -> None:
        """Set the retries of one external task; the log says which and what they were.

        Raises:
            NullValueError: The id is null.
            BadUserRequestError: Negative retries.
            NotFoundError: The task is not there.
        """
        if not external_task_id:
            raise NullValueError("externalTaskId is null")
        check(retries)
        with self.engine.begin(user_id) as transaction:
            log_one(transaction, external_task_id, retries)
            set_external_task_retries(transaction, [external_task_id], retries).raise_first_failure()


SERVICE = ExternalTaskRetriesService
