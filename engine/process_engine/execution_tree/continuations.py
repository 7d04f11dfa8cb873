"""How an execution that waits before or after an activity goes on: the handler configuration of its job.

Source: AsyncContinuationJobHandler, PvmAtomicOperation, MigratingAsyncJobInstance.
"""

from process_engine.model import ProcessDefinition

PROCESS_START = "process-start"
START, TAKEN_TO, END = "activity-start-create-scope", "transition-create-scope", "activity-end"
LEAVING = "transition-notify-listener-take"


def continuation(definition: ProcessDefinition, activity_id: str, waiting: str, *, is_after: bool) -> str | None:
    """HANDLER_CFG_ of the job that goes on at an activity.

    Args:
        definition: Of the activity.
        activity_id: Where the job goes on.
        waiting: What a job says that waits now, at an activity of this definition or another.
        is_after: Whether the activity has ended already.

    Returns:
        Null if the flow that would be taken is none of the activity's, though it has several.
    """
    operation, _, flow_id = waiting.partition("$")
    if not is_after:
        if operation == PROCESS_START:
            return PROCESS_START
        return TAKEN_TO if definition.incoming(activity_id) else START
    outgoing = [flow.id for flow in definition.outgoing(activity_id)]
    if not outgoing:
        return END
    if len(outgoing) > 1 and flow_id not in outgoing:
        return None
    return f"{LEAVING}${outgoing[0] if len(outgoing) == 1 else flow_id}"
