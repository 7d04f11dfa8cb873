"""Cancellation of a list of process instances."""

from collections.abc import Sequence

from process_engine.errors import NotFoundError
from process_engine.operation_base.service import Service
from process_engine.operations.cancellation.manifest import CancellationOptions
from process_engine.operations.cancellation.operation import cancel_process_instances, check_ids


class CancellationService(Service):
    """Source: RuntimeService#deleteProcessInstances."""

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
        check_ids(instance_ids)
        options = CancellationOptions.model_construct(
            delete_reason=delete_reason,
            skip_custom_listeners=skip_custom_listeners,
            skip_io_mappings=skip_io_mappings,
            skip_subprocesses=skip_subprocesses,
        )
        with self.engine.begin(user_id) as transaction:
            outcome = cancel_process_instances(
                transaction, instance_ids, options, externally_terminated=externally_terminated
            )
            for error in outcome.failed.values():
                if fail_if_not_exists or not isinstance(error, NotFoundError):
                    raise error


SERVICE = CancellationService
