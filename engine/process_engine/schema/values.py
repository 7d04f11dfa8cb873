"""Values of columns that mean something to the engine; each stands here once, by its family's name."""

from typing import Final

ACTIVE: Final = 1
SUSPENDED: Final = 2
"""SUSPENSION_STATE_ of executions, tasks, jobs, external tasks, definitions and batches. Source: SuspensionState."""


class InstanceState:
    """STATE_ of ACT_HI_PROCINST. Source: HistoricProcessInstance."""

    ACTIVE: Final = "ACTIVE"
    SUSPENDED: Final = "SUSPENDED"
    COMPLETED: Final = "COMPLETED"
    EXTERNALLY_TERMINATED: Final = "EXTERNALLY_TERMINATED"
    INTERNALLY_TERMINATED: Final = "INTERNALLY_TERMINATED"


class JobType:
    """TYPE_ of ACT_RU_JOB. Source: MessageEntity, TimerEntity."""

    MESSAGE: Final = "message"
    TIMER: Final = "timer"


class JobHandler:
    """HANDLER_TYPE_ of ACT_RU_JOB, beside those of timers (`TimerHandler`). Source: the job handlers' TYPE."""

    ASYNC_CONTINUATION: Final = "async-continuation"
    BATCH_SEED: Final = "batch-seed-job"
    BATCH_MONITOR: Final = "batch-monitor-job"


ASYNC_BEFORE: Final = "async-before"
ASYNC_AFTER: Final = "async-after"
"""JOB_CONFIGURATION_ of the job definition of an asynchronous continuation. Source: MessageJobDeclaration."""


class IncidentType:
    """INCIDENT_TYPE_ of ACT_RU_INCIDENT. Source: Incident."""

    FAILED_JOB: Final = "failedJob"
    FAILED_EXTERNAL_TASK: Final = "failedExternalTask"
