"""Migration of process instances on their execution trees: parsed, validated, then changed in memory.

`instances` are the nodes of the tree of what migrates, `parsing` builds it from executions and what belongs to them,
`validation` says what forbids the migration. `removal` takes away what the plan does not map, from the leaves upwards;
`descent` takes everything else to the target definition, from the process instance downwards, and `emergence` makes
what is new there. `structure` changes the execution tree below them. Nothing here knows the database.

Source: MigrateProcessInstanceCmd.
"""
