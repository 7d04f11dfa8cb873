"""Setting the retries of external tasks."""
