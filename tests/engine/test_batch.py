"""A batch from its definition to the ledger's last word, on each database."""

import contextlib
import threading
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from process_engine.batch import items
from process_engine.batch.chunks import claim_next, hold
from process_engine.batch.definition import BatchDefinition
from process_engine.batch.hand_overs import set_suspended
from process_engine.batch.ledger import BatchRow, Ledger
from process_engine.batch.policies import FailurePolicy
from process_engine.batch.resolution import MaxItemsExceededError, NameInUseError, UnknownIdsError, preview, resolve
from process_engine.batch.runner import WorkerEnd, run_worker
from process_engine.batch.tables import chunk
from process_engine.database import database_of
from process_engine.engine import ProcessEngine
from process_engine.schema.history import act_hi_procinst
from process_engine.schema.history_logs import act_hi_op_log
from process_engine.schema.runtime import act_ru_incident
from process_engine.schema.runtime_jobs import act_ru_job
from support.rows import Rows

DELETION = {"type": "HistoricDeletion"}
RETRIES = {"type": "JobRetries", "jobRetries": {"retries": 3}}


def definition(operation: dict[str, Any], **spec: Any) -> BatchDefinition:
    return BatchDefinition.model_validate({"namespace": "flows", "name": "some-batch", "operation": operation, **spec})


def work(ledger: Ledger, row: BatchRow) -> WorkerEnd:
    return run_worker(ledger.database, ledger, row.batch_id, threading.Event())


def outcomes(ledger: Ledger, row: BatchRow) -> dict[str, str]:
    return {item.item_id: item.reason or item.outcome for item in items.items(ledger, row.batch_id)}


def chunk_sizes(ledger: Ledger, row: BatchRow) -> list[int]:
    query = select(chunk.c.size).where(chunk.c.batch_id == row.batch_id).order_by(chunk.c.position)
    with ledger.database.connect() as connection:
        return list(connection.scalars(query))


# ---------------------------------------------------------------- the set


def test_ids_and_query_that_overlap_are_united_without_duplicates(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    for number in range(4):
        rows.ended_instance(id_=f"i{number}", business_key_="a" if number < 3 else "b")

    row = resolve(engine, ledger, definition(
        DELETION,
        ids={"processInstances": ["i2", "i3", "i3"]},
        query={"historicProcessInstances": {"processInstanceBusinessKey": "a"}},
    ))  # fmt: skip

    assert row.total == 4
    assert list(outcomes(ledger, row)) == ["i0", "i1", "i2", "i3"]


def test_a_query_for_deletion_is_guarded_to_ended_instances(engine: ProcessEngine, ledger: Ledger, rows: Rows) -> None:
    rows.ended_instance(id_="ended")
    rows.ended_instance(id_="running", ended=False)

    row = resolve(engine, ledger, definition(DELETION, query={"historicProcessInstances": {"all": True}}))

    assert list(outcomes(ledger, row)) == ["ended"]
    assert row.effective_query == {"historicProcessInstances": {"finished": True}}


def test_what_is_excluded_is_not_in_the_set(engine: ProcessEngine, ledger: Ledger, rows: Rows) -> None:
    one, other = rows.instance(), rows.instance()
    kept, out = rows.job(one), rows.job(one)
    rows.job(other)

    row = resolve(engine, ledger, definition(
        RETRIES, query={"jobs": {"all": True}}, exclude={"jobs": [out], "processInstances": [other]}
    ))  # fmt: skip

    assert list(outcomes(ledger, row)) == [kept]


def test_process_instances_stand_for_all_their_jobs(engine: ProcessEngine, ledger: Ledger, rows: Rows) -> None:
    listed, queried, other = rows.instance(), rows.instance(business_key_="q"), rows.instance()
    jobs = [rows.job(listed), rows.job(listed), rows.job(queried)]
    rows.job(other)

    row = resolve(engine, ledger, definition(
        RETRIES, ids={"processInstances": [listed]}, query={"processInstances": {"businessKey": "q"}}
    ))  # fmt: skip

    assert list(outcomes(ledger, row)) == jobs
    assert [item.process_instance_id for item in items.items(ledger, row.batch_id)] == [listed, listed, queried]


def test_what_belongs_to_one_root_is_never_divided_and_called_comes_before_caller(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    for root in ("a", "b"):
        rows.instance(id_=root)
        rows.instance(id_=f"{root}-called", called_by=root, root=root)
        rows.instance(id_=f"{root}-deep", called_by=f"{root}-called", root=root)
        for instance in (root, f"{root}-called", f"{root}-deep"):
            rows.job(instance, id_=f"job-of-{instance}")

    row = resolve(engine, ledger, definition(RETRIES, query={"jobs": {"all": True}}, chunkSize=2))

    assert chunk_sizes(ledger, row) == [3, 3]
    assert list(outcomes(ledger, row)) == [
        "job-of-a-deep", "job-of-a-called", "job-of-a", "job-of-b-deep", "job-of-b-called", "job-of-b",
    ]  # fmt: skip


def test_chunks_hold_about_as_many_items_as_asked_for(engine: ProcessEngine, ledger: Ledger, rows: Rows) -> None:
    for _ in range(10):
        rows.ended_instance()

    row = resolve(engine, ledger, definition(DELETION, query={"historicProcessInstances": {"all": True}}, chunkSize=4))

    assert chunk_sizes(ledger, row) == [4, 4, 2]


def test_a_later_match_does_not_widen_the_set(engine: ProcessEngine, ledger: Ledger, rows: Rows) -> None:
    rows.ended_instance(id_="before")
    row = resolve(engine, ledger, definition(DELETION, query={"historicProcessInstances": {"all": True}}))
    rows.ended_instance(id_="later")

    work(ledger, row)

    with engine.database.connect() as connection:
        assert list(connection.scalars(select(act_hi_procinst.c.id_))) == ["later"]


def test_a_set_larger_than_max_items_is_refused_and_leaves_nothing(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    rows.ended_instance()
    rows.ended_instance()
    wanted = definition(DELETION, query={"historicProcessInstances": {"all": True}}, maxItems=1)

    with pytest.raises(MaxItemsExceededError, match=r"2 items but spec\.maxItems is 1"):
        resolve(engine, ledger, wanted)
    with pytest.raises(MaxItemsExceededError):
        preview(engine, wanted)

    assert ledger.find("flows", "some-batch") is None


def test_an_empty_set_is_drained_at_once(engine: ProcessEngine, ledger: Ledger) -> None:
    row = resolve(engine, ledger, definition(DELETION, query={"historicProcessInstances": {"all": True}}))

    assert (row.total, work(ledger, row)) == (0, WorkerEnd.DRAINED)


def test_a_name_is_resolved_once(engine: ProcessEngine, ledger: Ledger, rows: Rows) -> None:
    rows.ended_instance()
    wanted = definition(DELETION, query={"historicProcessInstances": {"all": True}})
    resolve(engine, ledger, wanted)

    with pytest.raises(NameInUseError):
        resolve(engine, ledger, wanted)


def test_a_preview_counts_and_samples_and_writes_nothing(engine: ProcessEngine, ledger: Ledger, rows: Rows) -> None:
    for number in range(3):
        rows.ended_instance(id_=f"i{number}")

    shown = preview(engine, definition(
        DELETION, ids={"processInstances": ["gone"]}, query={"historicProcessInstances": {"all": True}}
    ), sample=2)  # fmt: skip

    assert (shown.total, shown.sample_ids, shown.unknown_ids) == (4, ["gone", "i0"], ["gone"])
    assert ledger.all() == []


# ---------------------------------------------------------------- unknown ids


@pytest.mark.parametrize(("policy", "expected"), [("Skip", "NotFound"), ("Fail", "NotFound")])
def test_an_unknown_id_is_skipped_or_fails(
    engine: ProcessEngine, ledger: Ledger, rows: Rows, policy: str, expected: str
) -> None:
    job = rows.job(rows.instance(), retries=1)
    row = resolve(engine, ledger, definition(RETRIES, ids={"jobs": [job, "gone"]}, unknownIds=policy))

    work(ledger, row)

    counts = ledger.counts([row.batch_id])[row.batch_id]
    assert (counts.succeeded, counts.skipped, counts.failed) == ((1, 1, 0) if policy == "Skip" else (1, 0, 1))
    assert outcomes(ledger, row)["gone"] == expected


def test_an_unknown_process_instance_is_an_item_of_its_own(engine: ProcessEngine, ledger: Ledger, rows: Rows) -> None:
    without_jobs = rows.instance()
    wanted = definition(RETRIES, ids={"processInstances": [without_jobs, "gone"]}, unknownIds="Fail")

    row = resolve(engine, ledger, wanted)
    work(ledger, row)

    assert outcomes(ledger, row) == {"gone": "NotFound"}
    assert ledger.counts([row.batch_id])[row.batch_id].failed == 1


def test_an_unknown_id_rejects_the_batch_where_that_is_asked_for(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    job = rows.job(rows.instance())

    with pytest.raises(UnknownIdsError, match="gone"):
        resolve(engine, ledger, definition(RETRIES, ids={"jobs": [job, "gone"]}, unknownIds="Reject"))

    assert ledger.all() == []


def test_an_item_that_went_away_since_is_skipped_even_where_unknown_ids_fail(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    job = rows.job(rows.instance())
    row = resolve(engine, ledger, definition(RETRIES, ids={"jobs": [job]}, unknownIds="Fail"))
    with engine.database.begin() as connection:
        connection.execute(act_ru_job.delete())

    work(ledger, row)

    assert ledger.counts([row.batch_id])[row.batch_id].skipped == 1


# ---------------------------------------------------------------- the run


def test_a_batch_does_its_work_and_says_so(engine: ProcessEngine, ledger: Ledger, rows: Rows) -> None:
    jobs = [rows.job(rows.instance(), incident=True) for _ in range(5)]
    same = rows.job(rows.instance(), retries=3)
    row = resolve(engine, ledger, definition(RETRIES, query={"jobs": {"all": True}}, chunkSize=2))

    end = work(ledger, row)

    assert end is WorkerEnd.DRAINED
    counts = ledger.counts([row.batch_id])[row.batch_id]
    assert (counts.total, counts.succeeded, counts.skipped, counts.open) == (6, 5, 1, 0)
    assert outcomes(ledger, row) == dict.fromkeys(jobs, "succeeded") | {same: "ValueUnchanged"}
    with engine.database.connect() as connection:
        assert set(connection.scalars(select(act_ru_job.c.retries_))) == {3}
        assert connection.scalar(select(func.count()).select_from(act_ru_incident)) == 0


def test_a_bad_item_fails_alone(engine: ProcessEngine, ledger: Ledger, rows: Rows) -> None:
    ended = [rows.ended_instance() for _ in range(6)]
    running = rows.ended_instance(ended=False, business_key_="order-7")
    row = resolve(engine, ledger, definition(DELETION, ids={"processInstances": [*ended, running]}))

    work(ledger, row)

    counts = ledger.counts([row.batch_id])[row.batch_id]
    assert (counts.succeeded, counts.failed, counts.open) == (6, 1, 0)
    [group] = ledger.failures(row.batch_id)
    assert (group.reason, group.count, group.sample_ids) == ("StillRunning", 1, [running])
    assert "order-7" in group.message


def test_a_chunk_that_the_database_refuses_is_split_until_the_bad_item_stands_alone(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    """A row of another table that refers to one incident keeps it, and only it, from being resolved."""
    jobs = [rows.job(rows.instance(), incident=True) for _ in range(8)]
    with engine.database.connect() as connection:
        held = connection.scalar(select(act_ru_incident.c.id_).where(act_ru_incident.c.configuration_ == jobs[5]))
    rows.incident("custom", None, rows.instance(), root_cause_incident_id_=held)
    row = resolve(engine, ledger, definition(RETRIES, ids={"jobs": jobs}))

    work(ledger, row)

    counts = ledger.counts([row.batch_id])[row.batch_id]
    assert (counts.succeeded, counts.failed, counts.open) == (7, 1, 0)
    assert [item.item_id for item in items.failed_items(ledger, row.batch_id)] == [jobs[5]]
    assert ledger.failures(row.batch_id)[0].reason == "DatabaseError"


def test_a_chunk_that_kills_its_workers_is_split_and_a_single_such_item_fails(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    killer = rows.ended_instance()
    row = resolve(engine, ledger, definition(DELETION, ids={"processInstances": [killer]}))
    for _ in range(row.policy.max_attempts):
        with ledger.database.begin() as connection:
            assert claim_next(connection, row.batch_id, "a worker that dies") is not None

    work(ledger, row)

    assert outcomes(ledger, row) == {killer: "WorkerCrashed"}


def test_a_chunk_is_split_between_roots_while_it_holds_more_than_one(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    for root in ("a", "b"):
        rows.instance(id_=root)
    for called in ("a-1", "a-2"):
        rows.instance(id_=called, called_by="a", root="a")
    jobs = [rows.job(instance, retries=0) for instance in ("a", "a-1", "a-2", "b")]
    row = resolve(engine, ledger, definition(RETRIES, ids={"jobs": jobs}))
    for _ in range(row.policy.max_attempts):
        with ledger.database.begin() as connection:
            assert claim_next(connection, row.batch_id, "a worker that dies") is not None

    work(ledger, row)

    assert chunk_sizes(ledger, row) == [3, 1]
    assert set(outcomes(ledger, row).values()) == {"succeeded"}


def test_a_claim_that_another_worker_took_over_no_longer_stands(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    rows.ended_instance()
    row = resolve(engine, ledger, definition(DELETION, query={"historicProcessInstances": {"all": True}}))
    claims = []
    for session in ("slow", "quick"):
        with ledger.database.begin() as connection:
            claims.append(claim_next(connection, row.batch_id, session))

    with ledger.database.begin() as connection:
        stands = [hold(connection, claim) for claim in claims if claim is not None]

    assert stands == [False, True]


def test_workers_that_start_together_do_not_count_each_others_claims(
    engine: ProcessEngine, ledger: Ledger, rows: Rows, database: Engine
) -> None:
    for _ in range(6):
        rows.ended_instance()
    wanted = definition(DELETION, query={"historicProcessInstances": {"all": True}}, chunkSize=1)
    row = resolve(engine, ledger, wanted)
    if database.dialect.name == "sqlite":
        return  # one session, whose workers take turns

    with contextlib.ExitStack() as stack:
        claims = []
        for _ in range(6):
            worker = stack.enter_context(ledger.database.connect())
            with worker.begin():
                claims.append(claim_next(worker, row.batch_id, database_of(worker).session_name(worker)))

    assert [(claim.position, claim.attempts) for claim in claims if claim is not None] == [(n, 1) for n in range(6)]


def test_a_suspended_batch_waits_and_goes_on(engine: ProcessEngine, ledger: Ledger, rows: Rows) -> None:
    rows.ended_instance()
    wanted = definition(DELETION, query={"historicProcessInstances": {"all": True}})
    row = resolve(engine, ledger, wanted, suspended=True)

    ends = [work(ledger, row)]
    set_suspended(engine, ledger, row.batch_id, is_suspended=False)
    ends.append(work(ledger, row))

    assert ends == [WorkerEnd.SUSPENDED, WorkerEnd.DRAINED]


def test_too_many_failures_stop_the_work_until_more_are_borne(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    for _ in range(4):
        rows.ended_instance(ended=False)
    ids = [f"instance-{number}" for number in range(1, 5)]
    row = resolve(engine, ledger, definition(
        DELETION, ids={"processInstances": ids}, chunkSize=1, failurePolicy={"stopAfterFailedItems": 2}
    ))  # fmt: skip

    ends = [work(ledger, row)]
    failed = [ledger.counts([row.batch_id])[row.batch_id].failed]
    ledger.set_failure_policy(row.batch_id, FailurePolicy())
    ends.append(work(ledger, row))
    failed.append(ledger.counts([row.batch_id])[row.batch_id].failed)

    assert ends == [WorkerEnd.TOO_MANY_FAILURES, WorkerEnd.DRAINED]
    assert failed == [2, 4]


def test_several_workers_share_a_batch_and_each_item_is_done_once(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    for _ in range(30):
        rows.job(rows.instance(), retries=1)
    row = resolve(engine, ledger, definition(RETRIES, query={"jobs": {"all": True}}, chunkSize=2))

    workers = [threading.Thread(target=work, args=(ledger, row)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert ledger.counts([row.batch_id])[row.batch_id].succeeded == 30
    with engine.database.connect() as connection:
        assert set(connection.scalars(select(act_ru_job.c.rev_))) == {2}


def test_a_job_that_changed_since_it_was_selected_is_judged_as_it_is_now(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    job = rows.job(rows.instance(), retries=0)
    row = resolve(engine, ledger, definition(RETRIES, query={"jobs": {"noRetriesLeft": True}}))
    with engine.database.begin() as connection:
        connection.execute(update(act_ru_job).values(retries_=3, rev_=2))

    work(ledger, row)

    assert outcomes(ledger, row) == {job: "ValueUnchanged"}


# ---------------------------------------------------------------- what is told


def test_the_creation_of_a_batch_is_logged_in_the_name_of_its_user(
    engine: ProcessEngine, ledger: Ledger, rows: Rows
) -> None:
    rows.job(rows.instance(), retries=1)
    row = resolve(engine, ledger, definition(RETRIES, query={"jobs": {"all": True}}, userId="anna"))
    work(ledger, row)

    log = act_hi_op_log.c
    with engine.database.connect() as connection:
        entries = connection.execute(select(log.property_, log.new_value_, log.user_id_, log.operation_type_)).all()

    assert sorted(tuple(entry) for entry in entries) == [
        ("async", "true", "anna", "SetJobRetries"),
        ("nrOfInstances", "1", "anna", "SetJobRetries"),
        ("retries", "3", "anna", "SetJobRetries"),
    ]


def test_an_instance_tells_which_batches_touched_it(engine: ProcessEngine, ledger: Ledger, rows: Rows) -> None:
    instance = rows.instance()
    job = rows.job(instance, retries=1)
    row = resolve(engine, ledger, definition(RETRIES, query={"jobs": {"all": True}}))
    work(ledger, row)

    for some_id in (instance, job):
        [found] = items.which(ledger, some_id)
        assert (found.batch_id, found.item_id, found.process_instance_id, found.outcome) == (
            row.batch_id, job, instance, "succeeded",
        )  # fmt: skip
    assert list(items.which(ledger, "somebody else")) == []


def test_items_are_running_while_the_session_that_claimed_them_lives(
    engine: ProcessEngine, ledger: Ledger, rows: Rows, database: Engine
) -> None:
    rows.ended_instance()
    row = resolve(engine, ledger, definition(DELETION, query={"historicProcessInstances": {"all": True}}))

    with ledger.database.connect() as worker:
        with worker.begin():
            claim_next(worker, row.batch_id, database_of(worker).session_name(worker))
        alive = ledger.counts([row.batch_id])[row.batch_id]
        worker.invalidate()
    dead = ledger.counts([row.batch_id])[row.batch_id]

    assert (alive.running, alive.pending) == (1, 0)
    if database.dialect.name == "postgresql":
        assert (dead.running, dead.pending) == (0, 1)
