"""The retries of a list of jobs, of one, or of the failed ones of a job definition."""

from collections.abc import Sequence

from process_engine.errors import BadUserRequestError
from process_engine.operation_base.options import UNSET
from process_engine.operation_base.service import Service
from process_engine.operations.job_retries.operation import (
    DueDate,
    JobValues,
    check,
    check_ids,
    set_job_retries,
    set_job_retries_of_definition,
)


class JobRetriesService(Service):
    """Source: ManagementService#setJobRetries."""

    def set_job_retries(
        self,
        retries: int,
        *,
        job_ids: Sequence[str] | None = None,
        job_id: str | None = None,
        job_definition_id: str | None = None,
        due_date: DueDate = UNSET,
        user_id: str | None = None,
    ) -> None:
        """Set the retries of a list of jobs, of one job, or of the failed jobs of a job definition; all or none.

        Args:
            retries: At least 0.
            job_ids: Of ACT_RU_JOB.
            job_id: One job.
            job_definition_id: The failed jobs of a definition; their incidents stay.
            due_date: In the engine's local time; null is stored as null, `UNSET` leaves what is there.
            user_id: In whose name the operation is logged.

        Raises:
            ProcessEngineError: Negative retries, or an empty list.
            BadUserRequestError: Not exactly one of the selectors.
            NotFoundError: A job is not there.
            OptimisticLockingError: A row changed meanwhile.
        """
        values = JobValues(retries=retries, due_date=due_date)
        check(values)
        self._check_selectors(job_ids, job_id, job_definition_id)
        with self.engine.begin(user_id) as transaction:
            if job_definition_id:
                set_job_retries_of_definition(transaction, job_definition_id, values)
                return
            ids = [job_id] if job_id else list(job_ids or ())
            set_job_retries(transaction, ids, values).raise_first_failure()

    @staticmethod
    def _check_selectors(job_ids: Sequence[str] | None, job_id: str | None, job_definition_id: str | None) -> None:
        given = [selector for selector in (job_ids, job_id, job_definition_id) if selector is not None]
        if len(given) != 1 or given[0] == "":
            raise BadUserRequestError(
                "ENGINE-13052 You must specify exactly one of jobId, jobIds or jobDefinitionId as parameter. "
                "The parameter can not be null."
            )
        if job_ids is not None:
            check_ids(job_ids)


SERVICE = JobRetriesService
