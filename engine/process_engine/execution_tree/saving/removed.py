"""What belongs to executions that go, and goes with them."""

from collections.abc import Sequence

from process_engine.execution_tree.execution import Execution
from process_engine.execution_tree.saving.event_subscriptions import delete_event_subscriptions
from process_engine.execution_tree.saving.external_tasks import delete_external_tasks
from process_engine.execution_tree.saving.jobs import delete_jobs
from process_engine.execution_tree.saving.variables import delete_variables
from process_engine.executions import EVENT_SUBSCRIPTIONS_BIT, EXTERNAL_TASKS_BIT, JOBS_BIT, TASKS_BIT, VARIABLES_BIT
from process_engine.transaction import Transaction


def having(executions: Sequence[Execution], bits: int) -> list[Execution]:
    """Executions whose bits say that they have something."""
    return [execution for execution in executions if execution.content & bits]


def delete_owned_rows(transaction: Transaction, executions: Sequence[Execution]) -> None:
    """Delete what belongs to executions that go, after their tasks and before their incidents."""
    delete_external_tasks(transaction, having(executions, EXTERNAL_TASKS_BIT))
    delete_variables(transaction, [each.id for each in having(executions, VARIABLES_BIT | TASKS_BIT)])
    delete_jobs(transaction, having(executions, JOBS_BIT))
    delete_event_subscriptions(transaction, [each.id for each in having(executions, EVENT_SUBSCRIPTIONS_BIT)])
