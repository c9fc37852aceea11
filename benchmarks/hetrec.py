"""The real graph of HetRec Last.fm where its zip is given, else a synthetic one of its size."""

from pathlib import Path

from benchmarks.graphs import hetrec_like, peer
from web3rec.adapters import read_hetrec
from web3rec.eval.arena import Arena
from web3rec.graph import Snapshot, snapshot
from web3rec.params import WindowParams


def hetrec(path: Path | None) -> Snapshot:
    """The graph, without a choice of ego."""
    if path is not None and path.exists():
        return Arena.of(read_hetrec(path)).graph
    return snapshot(*hetrec_like(), peer(0), {}, WindowParams())
