"""Signed records: what they are, how they are written, judged and merged.

model ─► codec ─► envelope (with keys) ─► rules          merge: what counts of an author
"""

from web3rec.records.codec import decode, encode
from web3rec.records.envelope import DOMAIN, seal
from web3rec.records.flaw import Flaw
from web3rec.records.keys import (
    SigningKey,
    did_key,
    holder_of,
    libp2p_peer_id,
    parse_peer,
    peer_from_did,
    peer_from_libp2p,
    verify,
)
from web3rec.records.legality import illegal
from web3rec.records.merge import Entry, Settled, settle
from web3rec.records.model import ItemMeta, Kind, Record, Signed, canonical_uri, item_key
from web3rec.records.rules import Judgement, judge

__all__ = [
    "DOMAIN",
    "Entry",
    "Flaw",
    "ItemMeta",
    "Judgement",
    "Kind",
    "Record",
    "Settled",
    "Signed",
    "SigningKey",
    "canonical_uri",
    "decode",
    "did_key",
    "encode",
    "holder_of",
    "illegal",
    "item_key",
    "judge",
    "libp2p_peer_id",
    "parse_peer",
    "peer_from_did",
    "peer_from_libp2p",
    "seal",
    "settle",
    "verify",
]
