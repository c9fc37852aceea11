"""From records to arrays: vocabularies, one sparse matrix type, the window's snapshot."""

from web3rec.graph.columns import KIND_VALUE, KINDS, Act, Acts, Endorsement, Endorsements
from web3rec.graph.csr import Csr, Edges
from web3rec.graph.packing import Packed
from web3rec.graph.snapshot import Snapshot, snapshot
from web3rec.graph.vocab import Vocab
from web3rec.graph.window import Said, changed, nothing

__all__ = [
    "KINDS",
    "KIND_VALUE",
    "Act",
    "Acts",
    "Csr",
    "Edges",
    "Endorsement",
    "Endorsements",
    "Packed",
    "Said",
    "Snapshot",
    "Vocab",
    "changed",
    "nothing",
    "snapshot",
]
