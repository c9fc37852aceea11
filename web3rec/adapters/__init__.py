"""Other people's data as plain values: files in, `Dataset` or `Entries` out.

Everything is parsed and checked before anything is handed over, so nothing is ever half imported.
"""

from web3rec.adapters.dataset import ME, Act, Dataset, Entries, Progress, TrustEdge
from web3rec.adapters.hetrec import read_hetrec
from web3rec.adapters.jsonl import read_jsonl, write_jsonl
from web3rec.adapters.movielens import read_movielens
from web3rec.adapters.pairs import read_pairs, read_trust
from web3rec.adapters.sniff import read_any
from web3rec.adapters.split import Split, read_split

__all__ = [
    "ME",
    "Act",
    "Dataset",
    "Entries",
    "Progress",
    "Split",
    "TrustEdge",
    "read_any",
    "read_hetrec",
    "read_jsonl",
    "read_movielens",
    "read_pairs",
    "read_split",
    "read_trust",
    "write_jsonl",
]
