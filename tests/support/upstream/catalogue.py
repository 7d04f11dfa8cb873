"""Which tests of the Java engine's suite use an operation: the catalogue, made from a run with Java alone."""

import json
import re
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from support.upstream.java import Result, Selection, base_name

FOLDER = Path(__file__).resolve().parents[2] / "upstream"
CATALOGUE = FOLDER / "catalogue.json"
FIELDS = (
    "class",
    "method",
    "runs",
    "operations",
    "commands",
    "refused",
    "around",
    "jvm_calls",
    "expressions",
    "extensions",
)

CALLS = re.compile(
    rb"deleteProcessInstance|deleteHistoricProcessInstance|[sS]etJobRetries|[sS]etRetries|updateRetries|newMigration|"
    rb"createProcessInstanceModification|createModification|restartProcessInstances|MigrationTestRule|"
    rb"Batch\w*Helper|BatchRule|DeleteProcessInstance|RestartProcess|ModifyProcess|InstanceModification|MigrateProcess"
)
"""What the byte code of a test names when it uses one of the operations, itself or through a helper of the suite."""

LEFT_OUT = re.compile(
    # Upgrade and concurrency tests drive the engine's threads step by step, with locks that no other process can see.
    r"/concurrency/|/jobexecutor/|/standalone/(db|pvm|scripting|initialization)/|/util/|/archunit/|/cmmn/|/dmn/"
)

STARTING = {"modification", "restart"}
"""Operations that start process instances, or let them call others."""

Entry = Mapping[str, Any]


def entries() -> list[Entry]:
    return json.loads(CATALOGUE.read_text())["tests"]


def possible(entry: Entry) -> bool:
    """Whether a process outside of the JVM can pass the test: its operations call no user code and no extension."""
    extensions = called(entry["extensions"], entry["operations"])
    return not entry["jvm_calls"] and not extensions and entry.get("loopback", True)


def called(extensions: Collection[str], operations: Collection[str]) -> set[str]:
    """The extensions that operations may call: the tenant of an instance is asked for when it is started."""
    return set(extensions) - (set() if STARTING & set(operations) else {"tenantIdProvider"})


def named(entry: Entry, words: Collection[str]) -> bool:
    """Whether one of the words names it: all, its class, or Class#method; with or without the package."""
    names = {entry["class"], entry["class"].rsplit(".", 1)[1]}
    return bool({"all", *names, *(f"{name}#{entry['method']}" for name in names)} & set(words))


def selection(chosen: Iterable[Entry]) -> Selection:
    """The tests by class; a class comes again where another came between."""
    result: Selection = []
    for entry in chosen:
        if not result or result[-1][0] != entry["class"]:
            result.append((entry["class"], []))
        result[-1][1].append(entry["method"])
    return result


# ---------------------------------------------------------------- making it


def candidates(suite: Path) -> list[str]:
    """The test classes of the suite's archive that may use an operation, themselves or in a superclass."""
    with zipfile.ZipFile(suite) as classes:
        code = {
            name.removesuffix(".class"): classes.read(name)
            for name in classes.namelist()
            if name.startswith("org/camunda/bpm/") and name.endswith(".class")
        }
    found = []
    for name, own in code.items():
        if not re.search(r"/test/.*Test$", name) or LEFT_OUT.search(name) or _is_abstract(own):
            continue
        line = _with_superclasses(name, code)
        if any(b"Lorg/junit/Test;" in each for each in line) and any(CALLS.search(each) for each in line):
            found.append(name.replace("/", "."))
    return sorted(found)


def _with_superclasses(name: str, code: Mapping[str, bytes]) -> list[bytes]:
    line = [code[name]]
    while (parent := _superclass(line[-1])) in code:
        line.append(code[parent])
    return line


def _constants(code: bytes) -> tuple[dict[int, Any], int]:
    """The constant pool of a class file, {index: text or referred index}, and the offset behind it."""
    pool: dict[int, Any] = {}
    offset, index = 10, 1
    sizes = {3: 5, 4: 5, 5: 9, 6: 9, 7: 3, 8: 3, 15: 4, 16: 3, 19: 3, 20: 3}
    while index < int.from_bytes(code[8:10], "big"):
        tag, size = code[offset], int.from_bytes(code[offset + 1 : offset + 3], "big")
        text = tag == 1
        pool[index] = code[offset + 3 : offset + 3 + size] if text else size
        offset += 3 + size if text else sizes.get(tag, 5)
        index += 2 if tag in (5, 6) else 1
    return pool, offset


def _superclass(code: bytes) -> str:
    pool, offset = _constants(code)
    return pool[pool[int.from_bytes(code[offset + 4 : offset + 6], "big")]].decode()


def _is_abstract(code: bytes) -> bool:
    _, offset = _constants(code)
    return bool(int.from_bytes(code[offset : offset + 2], "big") & 0x0400)


def write(baseline: Sequence[Result], loopback: Sequence[Result] | None, nothing: Sequence[Result] | None) -> None:
    """Note what a run with Java says of each test, grouped by method: parameters have no stable names.

    Args:
        baseline: Results with the Java engine.
        loopback: Those with Java from the JSON alone; where they fail, no other process can pass.
        nothing: Those of an engine that does nothing; what passes then proves little.
    """
    methods: dict[tuple[str, str], dict[str, Any]] = {}
    left_out = Counter(f"{test['status']}, uses none in the test method" for test in baseline if not test["operations"])
    for test in baseline:
        if test["operations"] or test["around"]:
            _count(methods, test)
    usable = [entry for entry in methods.values() if entry["operations"]]
    left_out.update(reason for entry in usable if (reason := _reason_to_leave_out(entry)))
    kept = sorted((entry for entry in usable if not _reason_to_leave_out(entry)), key=_key)
    lines = [json.dumps(_noted(entry, loopback, nothing)) for entry in kept]
    seconds = round(sum(test["seconds"] for test in baseline))
    head = f'{{\n "test_seconds": {seconds},\n "left_out": {json.dumps(left_out, indent=2)},\n "tests": [\n  '
    CATALOGUE.write_text(head + ",\n  ".join(lines) + "\n ]\n}\n")


def _count(methods: dict[tuple[str, str], dict[str, Any]], test: Result) -> None:
    key = test["class"], base_name(test["method"])
    new = {"class": key[0], "method": key[1], "runs": 0, "passed": 0, "jvm_calls": Counter[str]()}
    entry = methods.setdefault(key, {**new, "reason": None, "other_database": False})
    entry["runs"] += 1
    entry["passed"] += test["status"] == "passed"
    entry["reason"] = entry["reason"] or test["exception"]
    entry["other_database"] |= bool(test["other_database"])
    entry["jvm_calls"].update(test["jvm_calls"])
    for field in ("operations", "commands", "around", "refused", "expressions", "extensions"):
        entry[field] = sorted({*entry.get(field, ()), *test[field]})


def _reason_to_leave_out(entry: Entry) -> str | None:
    if entry["passed"] < entry["runs"]:
        return f"fails with Java: {re.sub(r'[0-9a-f]{8}-[0-9a-f-]+|[0-9]+', '#', entry['reason'] or '')[:160]}"
    return "uses a second engine on H2" if entry["other_database"] else None


def _noted(entry: Entry, loopback: Sequence[Result] | None, nothing: Sequence[Result] | None) -> Entry:
    noted = {field: entry[field] for field in FIELDS}
    if loopback is not None:
        noted["loopback"] = _key(entry) not in _not_passed(loopback)
    if nothing is not None:
        noted["weak"] = _key(entry) not in _not_passed(nothing)
    return noted


def _not_passed(results: Sequence[Result]) -> set[tuple[str, str]]:
    return {(test["class"], base_name(test["method"])) for test in results if test["status"] != "passed"}


def _key(entry: Entry) -> tuple[str, str]:
    return entry["class"], entry["method"]
