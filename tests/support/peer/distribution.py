"""Which tests of the peer go to the same worker, where several run side by side."""

from xdist.scheduler import LoadScopeScheduling

from support.peer.scenarios import offered

SCENARIOS = {scenario.name for scenario in offered()}
LONG = ("test_live_engine_cancellation.py", "test_live_engine_migration.py", "test_random_migrations.py")


def group_of(node_id: str) -> str:
    """What goes to one worker, by a test's id.

    All tests of a scenario: its snapshot, and what the Java engine leaves of it, are found out once. All that takes
    minutes, the tests beside a live engine among it: those of a module look at what one run left, and there is one such
    engine at a time. Every other test is alone.
    """
    path, _, test = node_id.partition("::")
    parameter = test.partition("[")[2].removesuffix("]")
    if parameter in SCENARIOS:
        return parameter
    return "long" if path.endswith(LONG) else node_id


class ByScenario(LoadScopeScheduling):
    """Sends the groups to workers, the largest first: that is what takes long."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
