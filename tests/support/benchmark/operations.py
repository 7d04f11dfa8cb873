"""The operations that are measured: on what, and how each contender is told to do them."""

from dataclasses import dataclass, field
from typing import Any

RETRIES = 3
REASON = "bench"
"""Why instances are cancelled, as the Java program says it."""


@dataclass(frozen=True)
class Operation:
    """An operation of the benchmark.

    Attributes:
        name: As users write it.
        java: What the Java program calls it.
        floor: File of hand-written SQL; none, where nobody has written any.
        items: Selects the ids that the floor is given, in their order.
        open: Counts what is still to do: none, when a contender has done its work.
        query: The query of the Batch.
        options: The operation's options in the Batch.
        type: Of the operation in the Batch, where it is not its name.
        facts: What the floor is told beside ids, by the name of the parameter: SQL that selects it.
    """

    name: str
    java: str
    floor: str | None
    items: str
    open: str
    query: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)
    type: str | None = None
    facts: dict[str, str] = field(default_factory=dict)


OF_FIRST_VERSION = """
    select count(*) from act_ru_execution where proc_def_id_ =
    (select id_ from act_re_procdef where key_ = 'bench-user' and version_ = 1)
"""

OPERATIONS = (
    Operation(
        name="Cancellation",
        java="cancellation",
        floor="cancellation.sql",
        items="select id_ from act_ru_execution where parent_id_ is null order by 1",
        open="select count(*) from act_ru_execution",
        query={"processInstances": {"processDefinitionKey": "bench-user"}},
        options={"deleteReason": REASON},
    ),
    Operation(
        name="HistoricDeletion",
        java="historicDeletion",
        floor="historic-deletion.sql",
        items="select id_ from act_hi_procinst where end_time_ is not null order by 1",
        open="select count(*) from act_hi_procinst",
        query={"historicProcessInstances": {"finished": True}},
    ),
    Operation(
        name="JobRetries",
        java="jobRetries",
        floor="job-retries.sql",
        items="select id_ from act_ru_job where retries_ = 0 order by 1",
        open="select count(*) from act_ru_job where retries_ = 0",
        query={"jobs": {"noRetriesLeft": True}},
        options={"retries": RETRIES},
    ),
    Operation(
        name="ExternalTaskRetries",
        java="externalTaskRetries",
        floor="external-task-retries.sql",
        items="select id_ from act_ru_ext_task where retries_ = 0 order by 1",
        open="select count(*) from act_ru_ext_task where retries_ = 0",
        query={"externalTasks": {"noRetriesLeft": True}},
        options={"retries": RETRIES},
    ),
    Operation(
        name="Migration",
        java="migration",
        floor="migration.sql",
        items="select id_ from act_ru_execution where parent_id_ is null order by 1",
        open=OF_FIRST_VERSION,
        query={"processInstances": {"all": True}},
        options={
            "source": {"key": "bench-user", "version": 1},
            "target": {"key": "bench-user", "version": 2},
            "mapEqualActivities": True,
        },
        facts={
            "source": "select id_ from act_re_procdef where key_ = 'bench-user' and version_ = 1",
            "target": "select id_ from act_re_procdef where key_ = 'bench-user' and version_ = 2",
            "acts": "select array['review', 'book']",
            "names": "select array['Review the order again', 'Book the order']",
        },
    ),
    Operation(
        name="MigrationIntoScope",
        type="Migration",
        java="migrationIntoScope",
        floor=None,
        items="select id_ from act_ru_execution where parent_id_ is null order by 1",
        open=OF_FIRST_VERSION,
        query={"processInstances": {"all": True}},
        options={
            "source": {"key": "bench-user", "version": 1},
            "target": {"key": "bench-user", "version": 3},
            "instructions": [
                {"sourceActivityId": "review", "targetActivityId": "review"},
                {"sourceActivityId": "late", "targetActivityId": "late"},
            ],
        },
    ),
)
