"""What a batch may say, and what makes it the same batch."""

from typing import Any

import pytest
from pydantic import ValidationError

from process_engine.batch.definition import BatchDefinition
from support.batches import batch

JOB_RETRIES = {"type": "JobRetries", "jobRetries": {"retries": 3}}


def definition(**fields: Any) -> BatchDefinition:
    return batch(**{"operation": JOB_RETRIES, "ids": {"jobs": ["a"]}} | fields)


def refusal(**fields: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        definition(**fields)
    return str(caught.value)


@pytest.mark.parametrize(
    "options", [{}, {"dueDate": None}, {"dueDate": "2026-05-03T14:00:00.1239+02:00"}], ids=["absent", "null", "a time"]
)
def test_definition_comes_back_from_its_json_with_the_due_date_as_it_was_given(options: dict[str, Any]) -> None:
    given = definition(operation={"type": "JobRetries", "jobRetries": {"retries": 3} | options})

    found = BatchDefinition.model_validate_json(given.model_dump_json(by_alias=True))

    assert found == given
    assert found.operation.job_retries is not None
    assert found.operation.job_retries.is_due_date_set == ("dueDate" in options)
    assert found.content_hash() == given.content_hash()


def test_definition_with_every_query_comes_back_from_its_json() -> None:
    query = {
        "jobs": {"noRetriesLeft": True, "dueDates": [{"operator": "lt", "value": "2026-05-03T14:00:00+02:00"}]},
        "processInstances": {"processDefinitionKey": "invoice", "orQueries": [{"suspended": True, "businessKey": "b"}]},
        "historicProcessInstances": {"all": True},
    }
    given = definition(query=query)

    assert BatchDefinition.model_validate_json(given.model_dump_json(by_alias=True)) == given


def test_content_hash_tells_the_three_due_dates_apart() -> None:
    options = [{}, {"dueDate": None}, {"dueDate": "2026-05-03T14:00:00Z"}]

    hashes = {
        definition(operation={"type": "JobRetries", "jobRetries": {"retries": 3} | o}).content_hash() for o in options
    }

    assert len(hashes) == 3


def test_content_hash_ignores_what_may_be_edited_while_the_batch_runs() -> None:
    edited = definition(chunkSize=7, maxItems=10, userId="demo", failurePolicy={"toleratedFailedItems": 5})

    assert edited.content_hash() == definition().content_hash()


def test_content_hash_ignores_how_an_item_with_java_code_is_dealt_with() -> None:
    assert definition(onJvmCode="HandOver").content_hash() == definition().content_hash()


@pytest.mark.parametrize(
    "written", [{}, {"skipCustomListeners": False, "skipIoMappings": False}], ids=["empty", "false"]
)
def test_content_hash_ignores_options_that_say_what_holds_without_them(written: dict[str, Any]) -> None:
    ids = {"processInstances": ["a"]}

    with_options = definition(operation={"type": "Cancellation", "cancellation": written}, ids=ids)

    assert with_options.content_hash() == definition(operation={"type": "Cancellation"}, ids=ids).content_hash()


def test_content_hash_tells_no_retries_from_retries_that_are_not_given() -> None:
    none = definition(operation={"type": "JobRetries", "jobRetries": {"retries": 0}})

    assert none.content_hash() != definition().content_hash()
    assert '"retries":0' in none.model_dump_json()


def test_content_hash_ignores_what_is_written_but_empty() -> None:
    written = definition(exclude={"processInstances": []}, engineRef={"name": "default"}, query=None)

    assert written.content_hash() == definition().content_hash()


def test_due_date_none_as_a_text_is_null_because_some_clients_drop_nulls() -> None:
    text, null = (
        definition(operation=JOB_RETRIES | {"jobRetries": {"retries": 3, "dueDate": d}}) for d in ("None", None)
    )

    assert text.content_hash() == null.content_hash() != definition().content_hash()


@pytest.mark.parametrize(
    "change",
    [
        {"ids": {"jobs": ["a", "b"]}},
        {"exclude": {"jobs": ["b"]}},
        {"query": {"jobs": {"all": True}}},
        {"engineRef": {"name": "other"}},
        {"operation": {"type": "JobRetries", "jobRetries": {"retries": 4}}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_content_hash_changes_with_what_is_frozen(change: dict[str, Any]) -> None:
    assert definition(**change).content_hash() != definition().content_hash()


CANCELLATION = {"type": "Cancellation"}
DELETION = {"type": "HistoricDeletion"}
TASKS = {"type": "ExternalTaskRetries", "externalTaskRetries": {"retries": 1}}
TAKEN = [
    (CANCELLATION, {"ids": {"processInstances": ["a"]}, "exclude": {"processInstances": ["b"]}}),
    (
        CANCELLATION,
        {"query": {"processInstances": {"all": True}, "historicProcessInstances": {"all": True}}, "ids": None},
    ),
    (
        CANCELLATION | {"cancellation": {"deleteReason": "stuck", "skipSubprocesses": True}},
        {"ids": {"processInstances": ["a"]}, "onJvmCode": "HandOver"},
    ),
    (DELETION, {"ids": {"processInstances": ["a"]}}),
    (DELETION, {"query": {"historicProcessInstances": {"finished": True}}, "ids": None}),
    (JOB_RETRIES, {"ids": {"jobs": ["a"], "processInstances": ["b"]}, "exclude": {"jobs": ["c"]}}),
    (JOB_RETRIES, {"query": {"jobs": {"all": True}, "processInstances": {"all": True}}, "ids": None}),
    (TASKS, {"ids": {"externalTasks": ["a"], "processInstances": ["b"]}, "exclude": {"processInstances": ["c"]}}),
    (TASKS, {"query": {"externalTasks": {"all": True}, "historicProcessInstances": {"all": True}}, "ids": None}),
]


@pytest.mark.parametrize(("operation", "selection"), TAKEN)
def test_operation_takes_what_the_family_unites_for_it(operation: dict[str, Any], selection: dict[str, Any]) -> None:
    assert definition(operation=operation, **selection).operation.type == operation["type"]


REFUSED = {
    "jobs for a cancellation": (
        {"operation": CANCELLATION},
        "ids.jobs does not go with operation.type Cancellation, which takes ids.processInstances",
    ),
    "a misspelt skip": (
        {"operation": CANCELLATION | {"cancellation": {"skipCustomListener": True}}},
        "skipCustomListener is unknown; did you mean skipCustomListeners?",
    ),
    "a way with Java code that it does not know": ({"onJvmCode": "Ignore"}, "'Fail' or 'HandOver'"),
    "jobs for a deletion": (
        {"operation": DELETION},
        "ids.jobs does not go with operation.type HistoricDeletion, which takes ids.processInstances",
    ),
    "running instances for a deletion": (
        {"operation": DELETION, "ids": None, "query": {"processInstances": {"all": True}}},
        "query.processInstances does not go with operation.type HistoricDeletion",
    ),
    "external tasks taken out of jobs": ({"exclude": {"externalTasks": ["a"]}}, "exclude.externalTasks does not go"),
    "nothing selected": ({"ids": None}, "ids and query are both missing or empty"),
    "empty lists": ({"ids": {"jobs": []}}, "ids and query are both missing or empty"),
    "a query without a query": ({"query": {}}, "has no query"),
    "too many ids": (
        {"ids": {"jobs": ["a"] * 2000, "processInstances": ["b"] * 1001}},
        "3001 ids in all; at most 3000",
    ),
    "an option of another type": (
        {"operation": JOB_RETRIES | {"externalTaskRetries": {"retries": 1}}},
        "externalTaskRetries does not belong to operation.type JobRetries",
    ),
    "no option where one is needed": ({"operation": {"type": "JobRetries"}}, "jobRetries is missing"),
    "negative retries": (
        {"operation": {"type": "JobRetries", "jobRetries": {"retries": -1}}},
        "greater than or equal to 0",
    ),
    "retries as a text": ({"operation": {"type": "JobRetries", "jobRetries": {"retries": "3"}}}, "valid integer"),
    "a due date without an offset": (
        {"operation": {"type": "JobRetries", "jobRetries": {"retries": 3, "dueDate": "2026-05-03T14:00:00"}}},
        "offset from UTC",
    ),
    "an operation of a later day": ({"operation": {"type": "Restart"}}, "'HistoricDeletion'"),
    "a misspelt filter": ({"query": {"jobs": {"noRetriesLefd": True}}}, "noRetriesLefd"),
    "a misspelt exclude": ({"exclude": {"job": ["a"]}}, "job is unknown; did you mean jobs?"),
    "an unknown field": ({"exlude": {"jobs": ["a"]}}, "exlude is unknown; did you mean exclude?"),
}


@pytest.mark.parametrize(("fields", "message"), REFUSED.values(), ids=REFUSED)
def test_definition_refuses(fields: dict[str, Any], message: str) -> None:
    assert message in refusal(**fields)
