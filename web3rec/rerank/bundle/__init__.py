"""A model as one signed file: what peers may pass on, and what is checked before it is run.

    bytes ─► opened ─► Bundle | Refusal ─► reranker ─► a Reranker, in onnxruntime or in NumPy

Format, byte by byte, and every check: docs/bundles.md.
"""

from web3rec.rerank.bundle.manifest import Column, FileOf, Gate, Manifest, Ndcg, Reads, Training
from web3rec.rerank.bundle.opening import (
    Bundle,
    Installed,
    Trusted,
    announced,
    loaded,
    opened,
    reranker,
    sealed,
)
from web3rec.rerank.bundle.refusal import Ground, Refusal
from web3rec.rerank.bundle.shelf import Shelf

__all__ = [
    "Bundle",
    "Column",
    "FileOf",
    "Gate",
    "Ground",
    "Installed",
    "Manifest",
    "Ndcg",
    "Reads",
    "Refusal",
    "Shelf",
    "Training",
    "Trusted",
    "announced",
    "loaded",
    "opened",
    "reranker",
    "sealed",
]
