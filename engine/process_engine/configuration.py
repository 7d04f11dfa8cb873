"""What the database does not say about its engine; names and defaults are the family's."""

from dataclasses import dataclass
from enum import StrEnum

JAVA_FORMAT = "application/x-java-serialized-object"
"""Java's own serialization, in which the family keeps objects unless it is told otherwise."""


class RemovalTimeStrategy(StrEnum):
    """When the family sets the removal time of history rows (``historyRemovalTimeStrategy``)."""

    START = "Start"
    END = "End"
    NONE = "None"


class ListenersOutsideModel(StrEnum):
    """Listeners that plugins add when models are parsed, and that no model shows."""

    NONE = "None"
    SKIPPABLE = "Skippable"
    """They are custom listeners: `skipCustomListeners` skips them."""
    ALWAYS = "Always"
    """They are built-in listeners: nothing skips them."""


@dataclass(frozen=True, kw_only=True)
class EngineConfiguration:
    """Facts about the Java engine that shares the database.

    Attributes:
        listeners_outside_model: Whether plugins add listeners, such as the event bridge of Spring Boot.
        skip_output_mapping_on_canceled_activities: Output mappings are not run on what is cancelled.
        default_serialization_format: How objects are kept, such as the lists and maps of output mappings.
        time_zone: IANA name of the JVM's zone; timestamps in the tables are its local times.
        history_removal_time_strategy: With ``START`` new history rows carry the removal time of their root instance.
        ensure_job_due_date_not_null: A due date set to null becomes the current time.
        create_incident_on_failed_job: Retries set to 0 create an incident.
        restrict_user_operation_log_to_authenticated_users: Without a user no operation log is written.
        authorization_enabled: The engine keeps authorizations of instances and removes them with the instance.
    """

    time_zone: str = "UTC"
    history_removal_time_strategy: RemovalTimeStrategy = RemovalTimeStrategy.END
    ensure_job_due_date_not_null: bool = False
    create_incident_on_failed_job: bool = True
    restrict_user_operation_log_to_authenticated_users: bool = True
    authorization_enabled: bool = False
    listeners_outside_model: ListenersOutsideModel = ListenersOutsideModel.NONE
    skip_output_mapping_on_canceled_activities: bool = False
    default_serialization_format: str = JAVA_FORMAT
