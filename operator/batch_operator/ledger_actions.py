"""What a decision does to the ledger, whoever carries it out; each can be repeated without harm."""

from datetime import UTC, datetime

from batch_operator.lifecycle.reconcile import Adopt, Close, LedgerAction, Resolve, SetPolicy, SetSuspended
from process_engine.batch.definition import BatchDefinition
from process_engine.batch.hand_overs import set_suspended
from process_engine.batch.ledger import Ledger
from process_engine.batch.resolution import resolve
from process_engine.engine import ProcessEngine


def perform_in_ledger(
    action: LedgerAction, engine: ProcessEngine, ledger: Ledger, definition: BatchDefinition, owner_uid: str
) -> None:
    """Carry one action out.

    Args:
        action: Decided by `reconcile`.
        engine: In whose database the ledger is.
        ledger: That has the batch, or gets it.
        definition: Of the Batch.
        owner_uid: In whose name this is done.

    Raises:
        ProcessEngineError: The set is refused.
    """
    match action:
        case Resolve(suspended):
            resolve(engine, ledger, definition, owner_uid=owner_uid, suspended=suspended)
        case Adopt(batch_id):
            ledger.adopt(batch_id, owner_uid)
        case SetSuspended(batch_id, suspended):
            set_suspended(engine, ledger, batch_id, is_suspended=suspended)
        case SetPolicy(batch_id, policy):
            ledger.set_failure_policy(batch_id, policy)
        case Close(batch_id, completion_time):
            ledger.close(batch_id, completion_time or datetime.now(UTC))
