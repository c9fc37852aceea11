"""The network's figures beside their targets: `python -m benchmarks --only network` takes them.

    python -m benchmarks.targets CASE     one of them, in this process: a list of readings as JSON

Each case is measured in a process of its own, one after the other. Latencies depend on what else
the machine does, so every reading says how busy it was.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from benchmarks.row import Reading
from benchmarks.stopwatch import busy_s, children_s

PURE: Final = ("reconciling", "receiving", "forgetting")
"""Modules of this package that need no network."""
LIVE: Final = ("network", "catching_up", "returning", "daemon")
"""Modules that need libp2p."""


def taken() -> Iterator[Reading]:
    """All that can be measured here; says on stderr what cannot. Three minutes."""
    live = LIVE if find_spec("libp2p") else ()
    if not live:
        print(f"no libp2p, not measured: {', '.join(LIVE)}", file=sys.stderr)
    for case in (*PURE, *live):
        yield from measured(case)


def measured(case: str) -> list[Reading]:
    """One case in a process of its own, and what the machine did besides."""
    load, began, busy, ours = os.getloadavg()[0], time.monotonic(), busy_s(), children_s()
    command = [sys.executable, "-m", "benchmarks.targets", case]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{case} failed; its message is above")
    others = (busy_s() - busy - (children_s() - ours)) / (time.monotonic() - began)
    found = [Reading(**one) for one in json.loads(done.stdout.splitlines()[-1])]
    return [replace(one, load=round(load, 1), others=round(max(0.0, others), 2)) for one in found]


def said(one: Reading) -> str:
    """A line for whoever watches."""
    verdict = {None: "", True: "   reached", False: "   NOT reached"}[one.reached]
    return f"{one.case}: {one.what} {one.value:.4g} {one.unit}{verdict}"


if __name__ == "__main__":
    case = sys.argv[1]
    if case not in PURE + LIVE:
        raise SystemExit(f"no case {case!r}: one of {', '.join(PURE + LIVE)}")
    found = import_module(f"benchmarks.{case}").readings()
    print(json.dumps([asdict(one) for one in found]))
