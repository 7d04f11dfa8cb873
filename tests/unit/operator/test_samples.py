"""What stands among the samples and is not part of the demo can be read all the same."""

from pathlib import Path

import yaml

from batch_operator.resources.batch import Batch

SAMPLES = Path(__file__).resolve().parents[3] / "deploy" / "samples"


def test_the_sample_of_a_migration_is_a_batch() -> None:
    document = yaml.safe_load((SAMPLES / "migration" / "migrate-to-latest.yaml").read_text())

    operation = Batch.model_validate(document).spec.operation

    assert operation.migration is not None
    assert (str(operation.migration.source), operation.migration.target.latest) == ("key order, version 3", True)
