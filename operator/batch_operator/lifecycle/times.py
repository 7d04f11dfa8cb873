"""Times as Kubernetes writes them."""

from datetime import UTC, datetime


def to_kubernetes(time: datetime) -> str:
    """RFC 3339 in whole seconds; a time without a zone is UTC."""
    aware = time if time.tzinfo else time.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def now() -> datetime:
    """The current time with its zone."""
    return datetime.now(UTC)
