"""Process definitions as executions need them: the model, and the job definitions that its jobs name."""

from dataclasses import dataclass

from process_engine.model import ProcessDefinition


@dataclass(frozen=True, slots=True)
class JobDefinition:
    """A row of ACT_RU_JOBDEF."""

    id: str
    activity_id: str | None
    type: str
    configuration: str | None
    suspension_state: int
    priority: int | None
    tenant_id: str | None
    deployment_id: str | None


@dataclass(frozen=True, slots=True)
class DeployedDefinition:
    """A process definition with what its deployment made of it.

    Attributes:
        model: What was deployed, as it is read.
    """

    id: str
    model: ProcessDefinition
    deployment_id: str | None
    job_definitions: tuple[JobDefinition, ...]

    @property
    def key(self) -> str:
        """ACT_RE_PROCDEF.KEY_."""
        return self.model.key

    def job_definition(self, activity_id: str | None, job_type: str | None) -> JobDefinition | None:
        """That of an activity and a type of jobs."""
        found = (each for each in self.job_definitions if (each.activity_id, each.type) == (activity_id, job_type))
        return next(found, None)
