"""Kubernetes operator, worker and command line for batch operations on process instances."""
