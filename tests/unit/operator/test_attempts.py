"""How often a Job is replaced."""

from batch_operator.controller.attempts import AttemptsOfBatch


def test_replacements_without_progress_are_counted_and_wait_longer() -> None:
    attempts = AttemptsOfBatch()
    attempts.seen("v1", 0)

    attempts.started(is_retry=True)

    seen = attempts.seen("v1", 0)
    assert (seen.used, seen.may_start) == (1, False)


def test_the_first_job_is_no_replacement() -> None:
    attempts = AttemptsOfBatch()
    attempts.seen("v1", 0)

    attempts.started(is_retry=False)

    seen = attempts.seen("v1", 0)
    assert (seen.used, seen.may_start, seen.renewed) == (0, True, False)


def test_progress_forgives_earlier_replacements() -> None:
    attempts = AttemptsOfBatch()
    attempts.seen("v1", 0)
    attempts.started(is_retry=True)

    assert attempts.seen("v1", 5).used == 0


def test_a_changed_spec_or_engine_allows_a_fresh_start_once() -> None:
    attempts = AttemptsOfBatch()
    attempts.seen("v1", 0)
    attempts.started(is_retry=True)

    renewed = attempts.seen("v2", 0)
    attempts.started(is_retry=False)

    assert (renewed.used, renewed.may_start, renewed.renewed) == (0, True, True)
    assert attempts.seen("v2", 0).renewed is False
