"""Other people's data as plain values: files in, `Dataset` or `Entries` out.

Everything is parsed and checked before anything is handed over, so nothing is ever half imported.
"""

from web3rec.adapters.dataset import ME, Act, Dataset, Entries, Progress, TrustEdge
from web3rec.adapters.hetrec import read_hetrec
from web3rec.adapters.jsonl import read_jsonl, write_jsonl
from web3rec.adapters.movielens import read_movielens
from web3rec.adapters.sniff import read_any

__all__ = [
    "ME",
    "Act",
    "Dataset",
    "Entries",
    "Progress",
    "TrustEdge",
    "read_any",
    "read_hetrec",
    "read_jsonl",
    "read_movielens",
    "write_jsonl",
]
