"""Items given to the running Java engine, as batches of its own: made, watched, and tidied up when they are over.

What only a JVM can run is done by the job executor of the Java engine that works on the same database. It is told what
to do by rows alone: those of a native batch for just these items, written in the transaction that decided it.

- `creation` writes the rows of such batches; what stands in one, its operation says (`hand_over` there).
- `observation` reads how far they are.
- `conclusion` ends those of which only failed jobs are left, and tells what failed.
- `outcomes` says what became of each item. Pure.

Which items were given away, and what became of them, is kept by the ledger (`process_engine.batch.hand_overs`).
"""
