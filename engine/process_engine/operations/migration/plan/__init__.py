"""Plans by which process instances are migrated: what they say, how they are generated, what makes them wrong.

Everything here looks at models alone; what migrating does to instances is not here. `plan` is what a plan says,
`builder` makes one, `generation` maps equal activities, `validation` checks instructions by the `rules`; `instructions`
finds them by either end, and `kinds` are the kinds of activities that the rules speak of.
"""

from process_engine.operations.migration.plan.builder import MigrationPlanBuilder
from process_engine.operations.migration.plan.generation import generate_instructions
from process_engine.operations.migration.plan.plan import MigrationInstruction, MigrationPlan
from process_engine.operations.migration.plan.validation import validate_plan

__all__ = [
    "MigrationInstruction",
    "MigrationPlan",
    "MigrationPlanBuilder",
    "generate_instructions",
    "validate_plan",
]
