"""The house rules that no tool checks: sizes, one name for one thing, and imports that go in no circle."""

import ast
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {"process_engine": ROOT / "engine", "batch_operator": ROOT / "operator"}
LONGEST_FUNCTION, NINE_OF_TEN_FUNCTIONS, LONGEST_FILE = 40, 14, 420

each = pytest.mark.parametrize("package", PACKAGES)


def modules(package: str) -> dict[str, ast.Module]:
    """Syntax trees by module names."""
    found = {}
    for path in sorted((PACKAGES[package] / package).rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGES[package]).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_text())
    return found


def lines_of(function: ast.FunctionDef) -> int:
    """Without its docstring."""
    first = function.body[0]
    has_text = ast.get_docstring(function) is not None
    return function.end_lineno - function.lineno + 1 - (first.end_lineno - first.lineno + 1 if has_text else 0)


@each
def test_no_class_name_stands_for_two_things(package: str) -> None:
    places = defaultdict(list)
    for module, tree in modules(package).items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(module)

    assert {name: where for name, where in places.items() if len(where) > 1} == {}


@each
def test_functions_are_small(package: str) -> None:
    functions = [node for tree in modules(package).values() for node in ast.walk(tree)]
    sizes = sorted(lines_of(node) for node in functions if isinstance(node, ast.FunctionDef))

    assert sizes[-1] <= LONGEST_FUNCTION
    assert sizes[int(len(sizes) * 0.9)] <= NINE_OF_TEN_FUNCTIONS


@each
def test_files_can_be_read_at_one_go(package: str) -> None:
    sizes = {str(path): len(path.read_text().splitlines()) for path in (PACKAGES[package] / package).rglob("*.py")}

    assert {path: size for path, size in sizes.items() if size > LONGEST_FILE} == {}


@each
def test_imports_go_in_no_circle(package: str) -> None:
    trees = modules(package)
    graph = {module: imported_by(module, tree, trees) for module, tree in trees.items()}

    TopologicalSorter(graph).prepare()  # raises CycleError, which names them


def imported_by(module: str, tree: ast.Module, known: dict[str, ast.Module]) -> set[str]:
    """What a module imports when it is loaded: a name from a package may be a module of it."""
    names = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            submodules = {f"{node.module}.{alias.name}" for alias in node.names} & known.keys()
            names |= submodules or {node.module}
    return (names & known.keys()) - {module}
