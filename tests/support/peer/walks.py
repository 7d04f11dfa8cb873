"""Scenarios by a seed: instances of many processes after random moves, one of each tree to be cancelled somehow."""

from random import Random
from typing import Any

from support.peer.scenarios import Scenario

VARIABLES: dict[str, Any] = {
    "amount": 5,
    "go": False,
    "fail": True,
    "times": 3,
    "total": 0,
    "people": {"type": "json", "class": "java.util.ArrayList", "value": '["anna","ben","carl"]'},
}
CALLED = (
    "call-child",
    "chain-bottom",
    "chain-middle",
    "chain-top",
    "fork-middle",
    "failing",
    "failing-two",
    "call-failing",
    "call-call-failing",
    "output-scopes",
)
"""Deployed always: processes call them."""
ROOTS = (
    *("nested-parallel", "inclusive-nested", "wait-states-concurrent", "boundary", "boundary-scopes", "catch-events"),
    *("mi-everything", "mi-async", "mi-scopes", "mi-in-mi", "mi-compensation", "output-each", "output-scopes"),
    *("event-subprocess", "event-subprocess-nested", "transaction", "timeout-listener", "everything", "rich"),
    *("compensation", "compensation-beside", "compensation-call", "compensating-call", "transaction-call"),
    *("chain-top", "fork-top", "call-among", "call-among-nested", "call-nested", "call-guarded", "event-call"),
    *("call-each", "call-in-turn", "call-each-beside", "call-in-scopes", "call-in-rows", "call-in-turns"),
    *("call-mi-failing", "call-parallel-failing", "call-failing-two", "call-call-call-failing"),
    *("output-call", "output-call-beside", "kept-call"),
)
PARTS = ("callA", "callB", "work", "receive", "ship", "later", "guarded", "scope", "each", "mapped")
CHANCE = 0.25


def cancellation(seed: int) -> Scenario:
    """Always the same scenario for a seed."""
    random = Random(seed)  # noqa: S311 - the same again is what is wanted
    keys = random.sample(ROOTS, 5)
    given = {
        "name": f"walk-{seed}",
        "engine": {"historyRemovalTimeStrategy": random.choice(["Start", "End", "None"])},
        "deploy": [f"{key}.bpmn" for key in dict.fromkeys((*CALLED, *keys))],
        "setup": [step for number, key in enumerate(keys) for step in _walk(random, seed, f"p{number}", key)],
        "operation": {"type": "cancellation", "ids": [f"@one:{seed}:p{number}1" for number in range(5)]},
    }
    given["operation"] |= _options(random)
    return Scenario(given["name"], given)


def _walk(random: Random, seed: int, name: str, key: str) -> list[dict[str, Any]]:
    """Two instances, of which one is left as it is."""
    parts = " ".join(random.sample(PARTS, random.randint(1, 4)))
    start = {"key": key, "as": name, "n": 2, "vars": VARIABLES | {"parts": parts}}
    walks = [{"of": f"{name}{number}", "seed": seed * 10 + number, "steps": random.randint(1, 18)} for number in (1, 2)]
    return [{"start": start}, *({"walk": walk} for walk in walks)]


def _options(random: Random) -> dict[str, Any]:
    options: dict[str, Any] = {"deleteReason": "walked", "user": "admin"}
    flags = ("skipIoMappings", "skipSubprocesses", "skipCustomListeners")
    given = {name: value for name, value in options.items() if random.random() > CHANCE}
    return given | {flag: True for flag in flags if random.random() < CHANCE}
