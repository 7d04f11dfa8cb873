"""Loads execution trees: a bounded number of statements for a whole chunk.

`trees` locks and loads the executions below the roots concerned, `attempts` changes them root by root, `owned_rows`
loads what belongs to executions, `definitions` the process definition that says what is made.
"""
