"""Saves what operations did to execution trees: one statement a table and kind of change, for a whole chunk.

`trees` saves all of trees that were loaded with what belongs to their executions. The other modules are what it is made
of, and what an operation uses that loads executions alone: `executions` are the rows of executions, `history` those of
activities and process instances, `removal_times` what the end of a root sets on all that is left of it. `owned_rows`
saves what belongs to executions where it was loaded; `replacements` moves it where it was not; `removed` deletes what
goes with executions. `tasks`, `external_tasks`, `jobs`, `event_subscriptions` and `variables` delete a table's part of
that; `variables` also saves those that were set.
"""
