"""Migration of process instances on their execution trees: parsed, validated, then changed in memory.

`migration` does it for a chunk. `tree` is a process instance that migrates; `instances` are the nodes of the tree of
what migrates, `dependents` what migrates with them. `parsing` and `parsing_events` build it from executions, what
belongs to them, and the plan; `validation` says what forbids the migration, `conditions` whether the plan's variables
would trigger anything. `removal` takes away what the plan does not map, from the leaves upwards; `descent` takes
everything else to the target definition, from the process instance downwards, and `emergence` makes what is new there.
`saving` writes what history says of it anew; what becomes of the trees themselves, `execution_tree` changes and saves.

Source: MigrateProcessInstanceCmd.
"""
