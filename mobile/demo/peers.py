"""The neighbours' process: `python -m mobile.demo.peers`.

Prints one JSON line, {"addresses": [...]}, as soon as its nodes can be dialled, and goes on until
its standard input ends, which it does when whoever started it is gone, however that came about.
"""

import json
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from mobile.demo.company import company, neighbours
from p2p.demo.stage import Stage, perform
from web3rec.clock import system_clock
from web3rec.types import Millis


def main() -> None:
    """All of the process."""
    now = Millis(system_clock())
    people = company(now)
    with (
        suppress(KeyboardInterrupt),
        tempfile.TemporaryDirectory(prefix="web3rec-neighbours-") as root,
        Stage(Path(root), now) as stage,
    ):
        cast = neighbours(people)
        for ego, hosted in cast:
            perform(stage.enter(ego.key), ego, hosted, people, now)
        found = [address for a in stage.actors for address in a.node.status().addresses]
        sys.stdout.write(json.dumps({"addresses": found}) + "\n")
        sys.stdout.flush()
        sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
