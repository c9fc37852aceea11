"""From records to arrays: vocabularies, one sparse matrix type, the window's snapshot."""

from web3rec.graph.csr import Csr, Edges
from web3rec.graph.packing import Packed
from web3rec.graph.snapshot import KIND_VALUE, Act, Endorsement, Snapshot, snapshot
from web3rec.graph.vocab import Vocab

__all__ = [
    "KIND_VALUE",
    "Act",
    "Csr",
    "Edges",
    "Endorsement",
    "Packed",
    "Snapshot",
    "Vocab",
    "snapshot",
]
