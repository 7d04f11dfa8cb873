"""`python -m batch_operator.resources.generate [folder]` writes the CRDs; a test fails when they are not up to date."""

import sys
from pathlib import Path
from typing import Any

import yaml

from batch_operator.resources.definitions import custom_resource_definitions

HEADER = "# Generated from the models by `make crds`; change operator/batch_operator/resources and run it again.\n"


def as_yaml(definition: dict[str, Any]) -> str:
    """A CRD as it stands in its file."""
    return HEADER + yaml.safe_dump(definition, sort_keys=False, width=120, allow_unicode=True)


def main(folder: str = "crds") -> None:
    """Write all CRDs into a folder."""
    for name, definition in custom_resource_definitions().items():
        (Path(folder) / name).write_text(as_yaml(definition), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:2])
