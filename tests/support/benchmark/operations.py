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
        floor: File of hand-written SQL.
        items: Selects the ids that the floor is given, in their order.
        open: Counts what is still to do: none, when a contender has done its work.
        query: The query of the Batch.
        options: The operation's options in the Batch.
    """

    name: str
    java: str
    floor: str
    items: str
    open: str
    query: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)


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
)
