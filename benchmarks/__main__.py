"""`make bench`: our speed and memory beside other libraries', and the network's beside its targets.

    python -m benchmarks [--hetrec ZIP] [--out build] [--quick] [--only lists|network]

Lists: every figure in a process of its own, on one core, from the same arrays on disk, in one run
with others'. Writes `bench.json` (a list of rows), `bench-machine.json` and two plots.
The network: `benchmarks.targets`. Writes `bench-network.json` (machine and readings).
Prints what docs/benchmarks.md holds.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks import targets
from benchmarks.chart import ratios, scaling
from benchmarks.graphs import as_ego, egos, g
from benchmarks.hetrec import hetrec
from benchmarks.load import Load
from benchmarks.machine import NETWORK, machine
from benchmarks.ours import ALONE, BESIDE_PAGERANK, FRESH, LIST, TRUST
from benchmarks.peers import PAGERANK, TRAINED
from benchmarks.row import Row
from web3rec.graph import Snapshot

ONE_CORE: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), "1"
)
SIZES: Final = {
    "users": [{"users": n} for n in (25_000, 50_000, 100_000)],
    "items": [{"items": n} for n in (12_500, 25_000, 50_000)],
    "edges": [{"edges": n} for n in (500_000, 1_000_000, 2_000_000)],
}
LENGTHS: Final = (5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class Figure:
    """What one contender took."""

    ms: float
    setup_ms: float
    rss_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hetrec", type=Path, help="the HetRec Last.fm zip, for its real graph")
    parser.add_argument("--out", type=Path, default=Path("build"))
    parser.add_argument("--quick", action="store_true", help="a tenth of g, no curves: a check")
    parser.add_argument("--only", choices=("lists", "network"), help="leave the other half out")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    if chosen.only != "network":
        lists(chosen.out, chosen.hetrec, quick=chosen.quick)
    if chosen.only != "lists":
        network(chosen.out)


def lists(out: Path, zipped: Path | None, *, quick: bool) -> None:
    """Lists and trust beside other libraries'."""
    large = {"users": 10_000, "items": 5_000, "edges": 200_000} if quick else {}
    graphs = {"lastfm": hetrec(zipped), "g": g(**large)}
    rows: list[Row] = []
    for name, graph in graphs.items():
        ego = egos(graph, 1)[0]
        path = out / f"bench-{name}.npz"
        Load.of(as_ego(graph, ego)).save(path)
        for row in compared(name, path):
            rows.append(row)
            print(said(row), flush=True)
        path.unlink()
    curves = [] if quick else list(grown(out))
    for what, found in (
        ("bench.json", [asdict(row) for row in rows + curves]),
        ("bench-machine.json", machine()),
    ):
        (out / what).write_text(json.dumps(found, indent=1) + "\n")
    ratios(rows, out / "bench.png")
    if curves:
        scaling(curves, out / "bench-scaling.png")
    print(f"wrote {out / 'bench.json'}", file=sys.stderr)


def network(out: Path) -> None:
    """The network's figures beside their targets."""
    found = []
    for one in targets.taken():
        found.append(asdict(one))
        print(targets.said(one), flush=True)
    written = out / "bench-network.json"
    held = {"machine": machine(NETWORK), "readings": found}
    written.write_text(json.dumps(held, indent=1) + "\n")
    print(f"wrote {written}", file=sys.stderr)


def compared(graph: str, path: Path) -> Iterator[Row]:
    """Every case of ours on one graph, beside every peer that does the like."""
    walked = {peer: measured(peer, path) for peer in PAGERANK}
    for case in BESIDE_PAGERANK:
        ours = measured(case, path)
        yield from (beside(case, graph, ours, peer, theirs) for peer, theirs in walked.items())
    ours = measured(FRESH, path)
    for peer in TRAINED:
        theirs = measured(peer, path)
        learnt = Figure(theirs.setup_ms + theirs.ms, theirs.setup_ms, theirs.rss_mb)
        yield beside(FRESH, graph, ours, f"{peer}, fit and ask", learnt)
    trusted = {peer: measured(peer, path, "trust") for peer in PAGERANK}
    ours = measured(TRUST, path)
    yield from (beside(TRUST, graph, ours, peer, theirs) for peer, theirs in trusted.items())
    for case in ALONE:
        yield alone(case, graph, measured(case, path))


def grown(out: Path) -> Iterator[Row]:
    """One list on graphs that differ from g in one size, and lists of other lengths on g."""
    path = out / "bench-grown.npz"
    for sizes in SIZES.values():
        for size in sizes:
            save(g(**size), path)
            (what, number), *_ = size.items()
            yield alone(LIST, f"g, {what} {number}", measured(LIST, path))
    save(g(), path)
    for length in LENGTHS:
        yield alone(LIST, f"g, length {length}", measured(f"list of {length}", path))
    path.unlink()


def save(graph: Snapshot, path: Path) -> None:
    Load.of(as_ego(graph, egos(graph, 1)[0])).save(path)


def measured(contender: str, path: Path, *more: str) -> Figure:
    """Run one contender in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.child", contender, str(path), *more]
    done = subprocess.run(
        command, env=os.environ | ONE_CORE, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{contender} on {path} failed; its message is above")
    return Figure(**json.loads(done.stdout.splitlines()[-1]))


def beside(case: str, graph: str, ours: Figure, peer: str, theirs: Figure) -> Row:
    return Row(
        case,
        graph,
        ours.ms,
        peer,
        theirs.ms,
        theirs.ms / ours.ms,
        ours.rss_mb,
        theirs.rss_mb,
        ours.setup_ms,
        theirs.setup_ms,
    )


def alone(case: str, graph: str, ours: Figure) -> Row:
    return Row(case, graph, ours.ms, rss_mb=ours.rss_mb, ours_setup_ms=ours.setup_ms)


def said(row: Row) -> str:
    ours = f"{row.graph:7} {row.case:24} {row.ours_ms:9.2f} ms {row.rss_mb:6.0f} MB"
    if row.peer is None:
        return ours
    theirs = f"{row.peer:29} {row.peer_ms:10.2f} ms {row.peer_rss_mb:6.0f} MB"
    return f"{ours}   {theirs}   {row.ratio:8.1f} x"


if __name__ == "__main__":
    main()
