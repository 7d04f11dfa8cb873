"""A process engine's database and its services: the synchronous methods, each on a list, in one transaction."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from process_engine.clock import Clock
from process_engine.configuration import EngineConfiguration
from process_engine.errors import BadUserRequestError, NotFoundError, NullValueError
from process_engine.operations.cancellation import operation as cancellation
from process_engine.operations.cancellation.operation import Cancellation
from process_engine.operations.external_task_retries import operation as external_task_retries
from process_engine.operations.historic_deletion import operation as historic_deletion
from process_engine.operations.job_retries import operation as job_retries
from process_engine.operations.job_retries.operation import UNSET, DueDate, JobRetries
from process_engine.operations.migration import operation as migration
from process_engine.operations.migration.operation import Migration
from process_engine.operations.migration.plan import MigrationPlan, MigrationPlanBuilder
from process_engine.schema.attachment import SchemaFacts, check_time_zone, read_facts
from process_engine.transaction import Transaction


@dataclass(frozen=True)
class ProcessEngine:
    """An engine of the Camunda 7 family, reached through its database alone.

    Attributes:
        database: Connections to it.
        configuration: What the database does not say about the Java engine.
        facts: What it says.
        clock: Gives the engine's local time.
    """

    database: Engine
    configuration: EngineConfiguration
    facts: SchemaFacts
    clock: Clock

    @classmethod
    def attach(
        cls, database: Engine, configuration: EngineConfiguration | None = None, clock: Clock | None = None
    ) -> "ProcessEngine":
        """Attach to an existing database by its columns.

        Raises:
            UnsupportedSchemaError: It is not one of the family's, or its history level is unknown.
            EngineFactError: The time zone given contradicts the metrics in it.
        """
        configuration = configuration or EngineConfiguration()
        with database.connect() as connection:
            facts = read_facts(connection)
            check_time_zone(connection, configuration.time_zone)
        return cls(database, configuration, facts, clock or Clock(configuration.time_zone))

    @contextmanager
    def begin(self, user_id: str | None = None) -> Generator[Transaction, None, None]:
        """Open a transaction that commits at the end of the block, or rolls back on an exception."""
        with self.database.begin() as connection:
            yield self.transaction(connection, user_id)

    def transaction(
        self, connection: Connection, user_id: str | None = None, *, log_prevented: bool = False
    ) -> Transaction:
        """See a connection's open transaction as one on this engine; who opened it commits."""
        return Transaction(
            connection=connection,
            configuration=self.configuration,
            history_level=self.facts.history_level,
            clock=self.clock,
            now=self.clock.now(),
            user_id=user_id,
            missing_columns=self.facts.missing,
            log_prevented=log_prevented,
        )

    @property
    def runtime(self) -> "RuntimeService":
        """Running process instances."""
        return RuntimeService(self)

    @property
    def management(self) -> "ManagementService":
        """Jobs."""
        return ManagementService(self)

    @property
    def external_tasks(self) -> "ExternalTaskService":
        """External tasks."""
        return ExternalTaskService(self)

    @property
    def history(self) -> "HistoryService":
        """What was."""
        return HistoryService(self)


@dataclass(frozen=True)
class RuntimeService:
    """Operations on running process instances. Source: RuntimeService."""

    engine: ProcessEngine

    def delete_process_instances(
        self,
        instance_ids: Sequence[str],
        delete_reason: str | None = None,
        *,
        skip_custom_listeners: bool = False,
        skip_io_mappings: bool = False,
        skip_subprocesses: bool = False,
        externally_terminated: bool = False,
        fail_if_not_exists: bool = True,
        user_id: str | None = None,
    ) -> None:
        """Cancel running process instances, all or none; each is logged.

        Args:
            instance_ids: Cancelled in this order; one that is gone by then with another of them is accepted.
            delete_reason: For the history.
            skip_custom_listeners: Listeners of the models are not called.
            skip_io_mappings: Output mappings are not run.
            skip_subprocesses: What the instances called goes on, without a caller.
            externally_terminated: The state that history gives them.
            fail_if_not_exists: Whether an id that is no running process instance is an error.
            user_id: In whose name the operation is logged.

        Raises:
            BadUserRequestError: A null in the list.
            NotFoundError: An instance is not there.
            JvmCodeError: Only a JVM can run what a model has there.
            OptimisticLockingError: A row changed meanwhile.
        """
        cancellation.check_ids(instance_ids)
        options = Cancellation(
            delete_reason=delete_reason,
            skip_custom_listeners=skip_custom_listeners,
            skip_io_mappings=skip_io_mappings,
            skip_subprocesses=skip_subprocesses,
            externally_terminated=externally_terminated,
        )
        with self.engine.begin(user_id) as transaction:
            outcome = cancellation.cancel_process_instances(transaction, instance_ids, options)
            for error in outcome.failed.values():
                if fail_if_not_exists or not isinstance(error, NotFoundError):
                    raise error

    def create_migration_plan(self, source_id: str | None, target_id: str | None) -> MigrationPlanBuilder:
        """Begin a plan from one deployed process definition to another; its builder validates it.

        Raises:
            BadUserRequestError: A definition is not there.
            TenantMismatchError: They belong to different tenants.
        """
        with self.engine.begin() as transaction:
            return migration.plan_builder(transaction, source_id, target_id)

    def migrate(
        self,
        plan: MigrationPlan | None,
        instance_ids: Sequence[str] | None,
        *,
        skip_custom_listeners: bool = False,
        skip_io_mappings: bool = False,
        user_id: str | None = None,
    ) -> None:
        """Migrate running process instances, all or none; the log gets one summary.

        Args:
            plan: From `create_migration_plan`; it is not validated again.
            instance_ids: Of the plan's source definition.
            skip_custom_listeners: Listeners of scopes that come and go are not called.
            skip_io_mappings: Their input and output mappings are not run.
            user_id: In whose name the operation is logged.

        Raises:
            BadUserRequestError: No plan, an empty list, or a null in it.
            MissingInstanceError: An instance is not there.
            DefinitionMismatchError: An instance is not of the plan's source.
            TenantMismatchError: An instance belongs to another tenant than the plan's target.
            MigratingProcessInstanceValidationError: The plan does not fit an instance.
            JvmCodeError: Only a JVM can run what a model has there.
            OptimisticLockingError: A row changed meanwhile.
        """
        migration.check(plan, instance_ids)
        if plan is None or instance_ids is None:
            return
        ids = list(dict.fromkeys(instance_ids))
        options = Migration(plan=plan, skip_custom_listeners=skip_custom_listeners, skip_io_mappings=skip_io_mappings)
        with self.engine.begin(user_id) as transaction:
            migration.log_migration(transaction, plan, len(ids), in_batch=False)
            migration.migrate_process_instances(transaction, ids, options).raise_first_failure()


@dataclass(frozen=True)
class ManagementService:
    """Operations on jobs. Source: ManagementService."""

    engine: ProcessEngine

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
        values = JobRetries(retries=retries, due_date=due_date)
        job_retries.check(values)
        self._check_selectors(job_ids, job_id, job_definition_id)
        with self.engine.begin(user_id) as transaction:
            if job_definition_id:
                job_retries.set_job_retries_of_definition(transaction, job_definition_id, values)
                return
            ids = [job_id] if job_id else list(job_ids or ())
            job_retries.set_job_retries(transaction, ids, values).raise_first_failure()

    @staticmethod
    def _check_selectors(job_ids: Sequence[str] | None, job_id: str | None, job_definition_id: str | None) -> None:
        given = [selector for selector in (job_ids, job_id, job_definition_id) if selector is not None]
        if len(given) != 1 or given[0] == "":
            raise BadUserRequestError(
                "ENGINE-13052 You must specify exactly one of jobId, jobIds or jobDefinitionId as parameter. "
                "The parameter can not be null."
            )
        if job_ids is not None:
            job_retries.check_ids(job_ids)


@dataclass(frozen=True)
class ExternalTaskService:
    """Operations on external tasks. Source: ExternalTaskService."""

    engine: ProcessEngine

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
        external_task_retries.check(retries)
        ids = list(dict.fromkeys(external_task_ids))
        with self.engine.begin(user_id) as transaction:
            external_task_retries.log_many(transaction, len(ids), retries, in_batch=False)
            external_task_retries.set_external_task_retries(transaction, ids, retries).raise_first_failure()

    def set_retries_of_one(self, external_task_id: str, retries: int, *, user_id: str | None = None) -> None:
        """Set the retries of one external task; the log says which and what they were.

        Raises:
            NullValueError: The id is null.
            BadUserRequestError: Negative retries.
            NotFoundError: The task is not there.
        """
        if not external_task_id:
            raise NullValueError("externalTaskId is null")
        external_task_retries.check(retries)
        with self.engine.begin(user_id) as transaction:
            external_task_retries.log_one(transaction, external_task_id, retries)
            external_task_retries.set_external_task_retries(
                transaction, [external_task_id], retries
            ).raise_first_failure()


@dataclass(frozen=True)
class HistoryService:
    """Operations on the history. Source: HistoryService."""

    engine: ProcessEngine

    def delete_historic_process_instances(
        self, instance_ids: Sequence[str], *, fail_if_not_exists: bool = True, user_id: str | None = None
    ) -> None:
        """Delete ended process instances from the history, all or none.

        Raises:
            BadUserRequestError: An empty list, a null in it, an instance that runs, or one that is not there.
        """
        historic_deletion.check_ids(instance_ids)
        ids = list(dict.fromkeys(instance_ids))
        with self.engine.begin(user_id) as transaction:
            outcome = historic_deletion.delete_historic_process_instances(transaction, ids)
            if error := historic_deletion.refusal(ids, outcome, fail_if_not_exists=fail_if_not_exists):
                raise error
            historic_deletion.log_deletion(transaction, len(outcome.succeeded))


__all__ = ["UNSET", "ProcessEngine"]
