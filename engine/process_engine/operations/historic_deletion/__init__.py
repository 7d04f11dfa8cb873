"""Deletion of process instances from the history."""
