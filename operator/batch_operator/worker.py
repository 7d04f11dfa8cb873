"""The worker of a Job pod: runs chunks of one batch until nothing is left, and says by its exit status how it ended.

0: nothing is pending or claimed. 143: told to stop; the chunk at hand was finished or rolled back. 78: wrong
configuration, which does not get better by trying again. 3: anything else; the next pod goes on.
"""

import gc
import logging
import signal
import threading
from collections.abc import Callable, Mapping
from types import FrameType

from sqlalchemy.exc import SQLAlchemyError

from batch_operator.environment import LEDGER_SCHEMA, EnvironmentProblemError, url_of_environment
from batch_operator.errors import driver_message
from process_engine.batch.ledger import DEFAULT_SCHEMA, Ledger, LedgerMissingError, UnknownBatchError
from process_engine.batch.runner import WorkerEnd, run_worker
from process_engine.database import connect
from process_engine.errors import EngineFactError, InvalidDatabaseUrlError, ProcessEngineError, UnsupportedSchemaError
from process_engine.operation_base.outcome import Outcome

DRAINED = 0
COULD_NOT_RUN = 3
WRONG_CONFIGURATION = 78
TERMINATED = 143

_STATUS = {
    WorkerEnd.DRAINED: DRAINED,
    WorkerEnd.STOPPED: TERMINATED,
    WorkerEnd.SUSPENDED: TERMINATED,
    WorkerEnd.TOO_MANY_FAILURES: COULD_NOT_RUN,
}

SUSPENDED_POLL_SECONDS = 2.0
"""A suspended batch's pods are ended by its Job; until then they wait."""

WRONG = (
    EnvironmentProblemError,
    InvalidDatabaseUrlError,
    UnsupportedSchemaError,
    EngineFactError,
    LedgerMissingError,
    UnknownBatchError,
)

log = logging.getLogger(__name__)


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set; the second one of them ends the process as usual."""
    stop = threading.Event()

    def set_stop(number: int, _: FrameType | None) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, set_stop)
    return stop


def run(batch_id: str, environment: Mapping[str, str], stop: threading.Event) -> int:
    """Run chunks of a batch.

    Returns:
        The exit status.
    """
    return exit_status(lambda: _run(batch_id, environment, stop))


def tune_garbage_collector() -> None:
    """Let the garbage collector look at what chunks leave, not again and again at the program itself.

    Call it when everything is loaded. A chunk makes some ten thousand objects that refer to each other; collected as
    often as usual they cost some tenth of a worker's own time.
    """
    gc.freeze()
    gc.set_threshold(20_000)


def exit_status(work: Callable[[], WorkerEnd]) -> int:
    """Do a worker's work, log what goes wrong with it, and turn its end into an exit status."""
    try:
        return _STATUS[work()]
    except WRONG as error:
        log.error("wrong configuration: %s", error)  # noqa: TRY400 - the message says it all
        return WRONG_CONFIGURATION
    except SQLAlchemyError as error:
        log.error("the database failed: %s", driver_message(error))  # noqa: TRY400 - a traceback may hold parameters
    except ProcessEngineError as error:
        log.error("%s", error)  # noqa: TRY400 - the message says it all
    return COULD_NOT_RUN


def _run(batch_id: str, environment: Mapping[str, str], stop: threading.Event) -> WorkerEnd:
    database = connect(url_of_environment(environment))
    ledger = Ledger(database, environment.get(LEDGER_SCHEMA, DEFAULT_SCHEMA), create=False)
    ledger.ensure()
    log.info("worker begins", extra={"batch": batch_id})
    while True:
        end = run_worker(database, ledger, batch_id, stop, _chunk_logger(batch_id), tune_garbage_collector)
        log.info("worker ends: %s", end, extra={"batch": batch_id})
        if end is not WorkerEnd.SUSPENDED:
            return end
        if stop.wait(SUSPENDED_POLL_SECONDS):
            return WorkerEnd.STOPPED


def _chunk_logger(batch_id: str) -> Callable[[Outcome], None]:
    def log_chunk(outcome: Outcome) -> None:
        counts = {
            "succeeded": len(outcome.succeeded),
            "skipped": len(outcome.skipped),
            "failed": len(outcome.failed),
            "handedOver": len(outcome.handed_over),
        }
        log.info("chunk done", extra={"batch": batch_id, **counts})

    return log_chunk
