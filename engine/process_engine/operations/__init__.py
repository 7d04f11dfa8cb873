"""The operations, one package each; none knows another.

- `manifest`: the options that a manifest gives it.
- `batch`: what its items are, and how a chunk of them is run.
- `operation`: the operation itself, and what the user operation log says of it.
- `hand_over`: how items that need a JVM are given to the Java engine; what does not need one has none.

An operation works on the items of one transaction with a bounded number of statements and says of each item what became
of it (`process_engine.operation_base.outcome`). It raises only what concerns the whole call.
"""
