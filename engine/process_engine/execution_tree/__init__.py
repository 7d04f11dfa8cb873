"""Execution trees in memory: loaded for a whole chunk with a few queries, changed in place, saved in bulk.

A library for operations on running process instances; it knows none of them.

What there is: `execution` is a node and what it does alone; `variables` and `owned_rows` are what belongs to it;
`definitions` are process definitions with their job definitions; `scopes` are the parts of models that executions run,
`activity_instances` and `activity_tree` which execution runs which of them; `values` are what variables hold.

What changes it: `structure` lets trees grow and shrink, `multi_instance` the bodies in them; `starting` enters scopes,
`deletion` leaves them with everything below; `events` arms and removes timers and event subscriptions, `continuations`
says how what waits for a job goes on; `hooks` runs listeners and mappings. `changes` is what they leave to be saved,
and `tree` is all of it for one process instance.

`loading` and `saving` alone know the database.
"""
