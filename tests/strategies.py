"""Hypothesis strategies shared by all tests: keys, records, envelopes, merge entries.

Everything they make is legal and, at NOW, timely; a test that wants it broken breaks it.
"""

from typing import Final

from hypothesis import assume
from hypothesis import strategies as st

from web3rec.errors import DataError
from web3rec.records.characters import are_known
from web3rec.records.envelope import seal
from web3rec.records.keys import SigningKey
from web3rec.records.merge import Entry
from web3rec.records.model import (
    DAY,
    EVERYTHING,
    EVERYTHING_KEY,
    ITEM_KEY_BYTES,
    MAX_LIFETIME,
    MAX_SKEW,
    MAX_TAG_CHARS,
    MAX_URI,
    MAX_WEIGHT,
    PEER_BYTES,
    ItemMeta,
    Kind,
    Record,
    Signed,
    canonical_uri,
)
from web3rec.types import ItemKey, Millis, PeerId, RecordId

TODAY: Final = 20_000
"""Days since 1970: the day all generated records are about."""
NOW: Final = Millis((TODAY * DAY + 12 * 3600) * 1000)
"""Noon of TODAY."""
KEYS: Final = tuple(SigningKey.from_seed(bytes([i]) * 32) for i in range(1, 6))
"""Five identities; few, so that generated records collide in their authors."""
LEGAL_KINDS: Final = tuple(Kind)

plain_text = st.characters(exclude_categories=("C", "Zl", "Zp"))
"""Characters that a title or a URI may hold."""


def signing_keys() -> st.SearchStrategy[SigningKey]:
    """One of KEYS, or now and then any other."""
    others = st.binary(min_size=32, max_size=32).map(SigningKey.from_seed)
    return st.one_of(st.sampled_from(KEYS), others)


def peers() -> st.SearchStrategy[PeerId]:
    """The public half of a signing key."""
    return signing_keys().map(lambda key: key.peer)


def item_keys() -> st.SearchStrategy[ItemKey]:
    """16 to 32 bytes; often one of three, so that records meet in their items."""
    few = st.sampled_from([bytes([i]) * ITEM_KEY_BYTES for i in (1, 2, 3)])
    return st.one_of(few, st.binary(min_size=ITEM_KEY_BYTES, max_size=PEER_BYTES)).map(ItemKey)


def uris() -> st.SearchStrategy[str]:
    """Canonical item URIs of at most MAX_URI characters, all of them known."""
    scheme = st.sampled_from(["trk", "mbid", "https"])
    rest = st.text(plain_text, min_size=1, max_size=MAX_URI - 8)
    joined = st.builds("{}:{}".format, scheme, rest).map(canonical_uri)
    return joined.filter(lambda uri: len(uri) <= MAX_URI and are_known(uri))


def metas() -> st.SearchStrategy[ItemMeta]:
    """Titles, creators and tags that fit a record together."""
    tags = st.lists(st.text(plain_text, min_size=1, max_size=MAX_TAG_CHARS // 4), max_size=4)
    return st.builds(
        ItemMeta,
        title=st.text(plain_text, max_size=30),
        creator=st.text(plain_text, max_size=15),
        tags=tags.map(tuple),
    )


def subjects(kind: Kind, author: PeerId) -> st.SearchStrategy[bytes | str]:
    """What a record of this kind and author may be about."""
    if kind.names_peer:
        return peers().filter(lambda peer: peer != author)
    if kind is Kind.RETRACT:
        return st.one_of(st.just(EVERYTHING), item_keys(), uris())
    return st.one_of(item_keys(), uris())


@st.composite
def records(
    draw: st.DrawFn,
    author: PeerId | None = None,
    kinds: tuple[Kind, ...] = LEGAL_KINDS,
    now: Millis = NOW,
) -> Record:
    """A legal record that `judge` accepts at `now`, if its author signs it."""
    by = draw(peers()) if author is None else author
    kind = draw(st.sampled_from(kinds))
    lifetime = MAX_LIFETIME if kind is Kind.RETRACT else draw(st.integers(1, MAX_LIFETIME))
    seconds = now // 1000
    return Record(
        author=by,
        n=draw(st.integers(0, 2**63 - 1)),
        t=(t := draw(st.integers(seconds - lifetime + 1, seconds + MAX_SKEW))),
        x=t + lifetime,
        kind=kind,
        item=draw(subjects(kind, by)),
        weight=draw(st.integers(1, MAX_WEIGHT)),
        meta=draw(metas()) if kind is Kind.ITEM else None,
    )


@st.composite
def signed_records(
    draw: st.DrawFn,
    keys: st.SearchStrategy[SigningKey] | None = None,
    kinds: tuple[Kind, ...] = LEGAL_KINDS,
    now: Millis = NOW,
) -> Signed:
    """A record with its signature; four-byte characters that do not fit are drawn again."""
    key = draw(signing_keys() if keys is None else keys)
    record = draw(records(key.peer, kinds, now))
    try:
        return seal(record, key)
    except DataError:
        assume(False)
        raise


def entries(max_n: int = 6, max_size: int = 14) -> st.SearchStrategy[list[Entry]]:
    """One author's entries before any settling, from a world so small that all of it collides."""
    keys = [bytes([i]) * ITEM_KEY_BYTES for i in (1, 2)]

    def entry(id_: int, n: int, what: tuple[Kind, bytes]) -> Entry:
        return Entry(RecordId(bytes([id_]) * 32), n, what[0], what[1], dead=False)

    statements = st.tuples(
        st.sampled_from([Kind.LIKE, Kind.TRUST, Kind.ROTATE]), st.sampled_from(keys)
    )
    retractions = st.tuples(st.just(Kind.RETRACT), st.sampled_from([*keys, EVERYTHING_KEY]))
    one = st.builds(
        entry, st.integers(0, 255), st.integers(0, max_n), st.one_of(statements, retractions)
    )
    return st.lists(one, max_size=max_size, unique_by=lambda e: e.id)
