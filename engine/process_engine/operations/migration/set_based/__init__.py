"""Migration of process instances whose scopes stay as they are: set-based, a statement a table for a whole chunk.

Whether a pair of definitions and an instance fit is decided beforehand, from the models and the plan (`mapping`) and
the instance's rows (`instances`, on the plain values in `rows`). All others are migrated on their execution trees;
where both ways apply, both leave the same rows. `loading` and `saving` are the statements, `migration` is a chunk.
"""
