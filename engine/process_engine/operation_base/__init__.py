"""What operations are made of.

- `kind`: what an operation is to a manifest; `process_engine.registry` has a row of it for each.
- `manifest_model`, `process_definitions`, `options`: how a manifest is read and what several operations have in theirs.
- `batch_operation`: the operation as a batch runs it; `process_instances` and `items_of_instances` are the two kinds.
- `judgement`: what becomes of a chunk's items in the end; `outcome` says it.
- `service`: synchronous methods.
"""
