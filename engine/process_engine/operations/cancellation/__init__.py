"""Cancellation of running process instances."""
