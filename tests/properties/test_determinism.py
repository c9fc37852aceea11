"""M1 across processes: neither hashing nor the machine's chance has a part in a list."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.web3rec.worlds import PARAMS, World, item, listens, peer, trusting
from web3rec.graph import Act
from web3rec.pipeline import Request, listing
from web3rec.records.model import Kind

REPOSITORY = Path(__file__).resolve().parents[2]


def world() -> World:
    """Ties everywhere: equal tastes, equal trust, authors who contradict themselves."""
    pairs = [(u, (u + k) % 30) for u in range(40) for k in range(0, 20, 3)]
    forks = [
        Act(peer(u), 5, item(k), kind, 1, 1_700_000_000)
        for u in range(1, 9)
        for k in range(40, 44)
        for kind in (Kind.LISTEN, Kind.LIKE)
    ]
    told = [(u, (u * k + 1) % 40, 8) for u in range(40) for k in (1, 2, 3, 5)]
    return World(listens(pairs) + forks, trusting(e for e in told if e[0] != e[1]))


def printed() -> str:
    """The list to the last bit, from sets whose order is this process's own."""
    params = PARAMS
    scattered = World(list(set(world().acts)), list(set(world().edges)))
    found = listing(scattered.view(params=params), Request(20, frozenset()), {}, params)
    lines = [
        f"{e.key.hex()} {e.score.hex()} {[c.amount.hex() for c in e.contributions]} {e.path}"
        for e in found.entries
    ]
    return "\n".join([*lines, str(found.overruns)])


@pytest.mark.slow
def test_M1_processes_that_hash_otherwise_give_one_list() -> None:
    told = set()
    for seed in ("1", "2", "3"):
        command = [
            sys.executable,
            "-c",
            "from tests.properties.test_determinism import printed; print(printed())",
        ]
        run = subprocess.run(
            command,
            cwd=REPOSITORY,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        told.add(run.stdout.strip())
    assert told == {printed()}
    assert len(printed().splitlines()) == 21
