"""Execution trees in memory: loaded for a whole chunk with a few queries, changed by pure functions, saved in bulk.

`execution` is a node and what it can do alone; `deletion` and `cancellation` are the engine's operations on trees;
`changes` is what they leave to be saved. `loading` and `saving` alone know the database.
"""
