"""Migration of running process instances to another process definition."""
