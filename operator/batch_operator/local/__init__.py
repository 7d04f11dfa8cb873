"""Batches without a cluster: the same set, ledger and workers, from the command line."""
