"""The operations, one module each: cancellation, migration, modification and restart will stand beside these.

An operation works on the items of one transaction with a bounded number of statements and says of each item what became
of it (`process_engine.operations.outcome`). It raises only what concerns the whole call.
"""
