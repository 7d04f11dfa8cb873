"""Setting the retries of jobs."""
