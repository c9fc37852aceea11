"""Which tests answer which property of the design, read off their names.

A property has an id such as R8; a test that answers it carries the id in its name, as in
`test_R8_…` or `test_D2_D3_…`. `python -m tests.properties.ids` writes docs/properties.md anew.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
TABLE: Final = ROOT / "docs" / "properties.md"

PROPERTIES: Final[Mapping[str, Mapping[str, str]]] = {
    "Trust": {
        "P1": "all strangers together hold no more than the chance of entering",
        "P2": "nothing strangers do among themselves, in any number, changes that chance",
        "P3": "an honest node is neither sunk nor lifted by more than that chance",
        "P4": "that chance is written on honest edges alone",
        "P5": "splitting a stranger into several gains nothing",
        "P6": "multiplying all somebody's weights changes nothing",
        "P7": "whom nobody trusts has nothing and changes nothing",
        "P8": "other numbers for the same nodes only move the scores",
        "P9": "every walk stops somewhere",
        "P10": "a change of one row moves no more than its visits",
        "E1": "added and removed is never added",
        "E2": "any order of changes is a rebuild",
        "E3": "with everything deleted the ego is alone",
        "E4": "every small graph, every one-edge change",
        "E5": "zero, negative, NaN, infinite and self edges are refused",
    },
    "Items and lists": {
        "I1": "spam-only items have in all no more than the bound",
        "I2": "a step back spreads no more than it has",
        "I3": "what reaches strangers in one round is bounded",
        "I4": "strangers do not lower an honest item under direct scoring",
        "B1": "spam in a list is bounded by sponsors' budgets",
        "B2": "budgets are kept by every list",
        "M1": "same store, seed and time: same list",
        "M2": "nothing seen, blocked or expired is listed",
        "M4": "contributions sum to the score",
        "M5": "removing a supporter never raises an item",
        "M6": "reranking is a permutation",
    },
    "Records": {
        "R1": "any bytes decode to a value or a verdict, never an exception",
        "R2": "encode(decode(b)) = b; every mutation is refused",
        "R3": "replay changes nothing",
        "R4": "nothing outside the window of time, whatever the clock does",
        "R5": "expired or retracted never lives again",
        "R6": "equivocation: one verdict in any order",
        "R7": "the store stays within its cap",
        "R8": "nothing keyed by strangers' names stays",
        "R9": "weak keys and signatures are refused",
        "R10": "others' records never change a victim's",
        "R11": "an unknown version is ignored",
        "R12": "a key's spellings lead back to it",
        "R13": "a signature of another domain never verifies",
    },
    "Sync": {
        "Y1": "honest connected nodes converge",
        "Y2": "merging is commutative, associative, idempotent",
        "Y3": "nothing invalid is passed on",
        "Y4": "connections of our own choice stay within their number and from several places",
        "Y5": "bytes to a peer per minute stay within the budget",
        "Y6": "alive after any frames",
    },
    "Privacy": {
        "D1": "level 0 sends no record",
        "D2": "every outgoing byte is something that may leave",
        "D3": "days, not moments, up to level 2",
        "D4": "the author's key is in no handshake",
        "D5": "two private histories, one outbound trace",
        "D6": "no id and no key in logs, metrics, errors",
        "U1": "state after forgetting = state rebuilt without",
        "U2": "what was forgotten changes no list",
        "U3": "forgotten bytes are in no file",
    },
    "Models": {
        "X1": "a model with data outside itself is refused, in any field",
        "X2": "operators that are not on the list are refused",
        "X3": "a bad signature, hash, byte or an older version: the graph's order",
        "X4": "NaN, infinity, a wrong shape or too long a time: the graph's order",
        "X5": "what is quantised ranks as what is not",
    },
    "Faults": {
        "F1": "a damaged log is never silently wrong",
        "F2": "killed anywhere: a prefix of what was committed",
        "F3": "a disk that is full or fails: recommending goes on",
        "F4": "a second process is refused",
        "F5": "a restored backup never gives a number twice",
    },
    "Control API": {
        "A1": "another user is refused",
        "A2": "a foreign Host or Origin is refused",
        "A3": "tokens are compared in constant time and never logged",
        "A4": "problems are JSON with a code",
        "A5": "scopes are kept",
        "A6": "SIGTERM drains",
    },
}  # fmt: skip

DUE: Final[frozenset[str]] = frozenset(
    [
        *(f"P{n}" for n in range(1, 11)),
        *(f"R{n}" for n in range(1, 14)),
        *(f"Y{n}" for n in range(1, 7)),
        *(f"D{n}" for n in range(1, 7)),
        *(f"F{n}" for n in range(1, 6)),
        *(f"X{n}" for n in range(1, 6)),
        *(f"A{n}" for n in range(1, 7)),
    ]
)
"""Properties that must have a test."""

_ID: Final = re.compile(r"(?<![A-Za-z0-9])([A-Z][0-9]{1,2})(?![A-Za-z0-9])")
_HEAD: Final = """# Properties and the tests that answer them

Made by `python -m tests.properties.ids` from the names of the tests; a test compares. What the
properties say in full: [privacy](privacy.md), [protocol](protocol.md), [attacks](attacks.md).
"""


def named(root: Path = ROOT / "tests") -> Iterator[tuple[Path, str]]:
    """Every test function below a directory: its file, its name (with its class)."""
    for path in sorted(root.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name in _named(tree.body):
            yield path, name


def _named(body: Iterable[ast.stmt], inside: str = "") -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _named(node.body, f"{inside}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name.startswith("test_"):
                yield inside + node.name
        elif isinstance(node, ast.Assign):  # `TestMachine = …` and `test_x = …` of Hypothesis
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id.lower().startswith("test"):
                    yield inside + target.id


def ids_of(name: str) -> list[str]:
    """The ids a test's name has: R8 of `test_R8_…`."""
    return _ID.findall(name.replace("_", " ").replace(".", " "))


def is_of(id_: str, path: Path) -> bool:
    """Whether a test in this file may mean that property: A1–A6 are about the control API, and
    the engine's A1 (admission) is another.
    """
    api = {"control", "cli"} & set(path.parts) or path.stem in ("test_service", "test_node_command")
    return bool(api) or not re.fullmatch(r"A[1-6]", id_)


def answers() -> dict[str, list[tuple[Path, str]]]:
    """Property -> its tests."""
    found: dict[str, list[tuple[Path, str]]] = {}
    for path, name in named():
        for id_ in ids_of(name):
            if is_of(id_, path):
                found.setdefault(id_, []).append((path, name))
    return found


def table() -> str:
    """docs/properties.md as it should be."""
    found = answers()
    lines = [_HEAD]
    for group, named in PROPERTIES.items():
        lines += [f"## {group}", "", "| | says | tests |", "|---|---|---|"]
        for id_, says in named.items():
            files = {path.relative_to(ROOT / "tests").as_posix() for path, _ in found.get(id_, [])}
            told = "<br>".join(f"[{file}](../tests/{file})" for file in sorted(files))
            if told or id_ in DUE:
                lines.append(f"| {id_} | {says} | {told or '—'} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
