"""Batches: their definition, the set they work on, the ledger that keeps it, and the workers that run it."""
