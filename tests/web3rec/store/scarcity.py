"""A log with hardly any room, a crowd that wants some, and what must come of it."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from hypothesis import strategies as st

from tests.web3rec.store.logs import (
    ANN,
    BOB,
    FOLK,
    JAZZ,
    HandClock,
    dead,
    live,
    open_log,
    quarantined,
    record,
    rows,
)
from web3rec.params import QuotaParams
from web3rec.records import Entry, Kind, Signed, SigningKey, settle
from web3rec.store import Log
from web3rec.store.room import rank, tag_of
from web3rec.types import PeerId

WINDOW = 4
SCARCE = QuotaParams(least=1, most=4, pool=6, seen=1_000)
"""Six places for strangers: one has 4, from two on 2, from four on 1; six sit."""
CROWD = tuple(SigningKey.from_seed(bytes([100 + i]) * 32) for i in range(9))


def scarce_log(path: Path, clock: HandClock | None = None, *, level: int = 1) -> Log:
    return open_log(path, clock, level=level, window=WINDOW, quotas=SCARCE)


@st.composite
def crowds(draw: st.DrawFn, max_size: int = 30) -> list[Signed]:
    """Records of nine authors who fork, trust, take back and collide."""
    kinds = [Kind.LIKE, Kind.LISTEN, Kind.RETRACT, Kind.TRUST]
    one = st.tuples(
        st.sampled_from(CROWD), st.integers(1, 7), st.sampled_from(kinds), st.booleans()
    )
    told = []
    for key, n, kind, other in draw(st.lists(one, max_size=max_size)):
        item: bytes | str = FOLK if other else JAZZ
        if kind is Kind.TRUST:
            item = ANN.peer if other else BOB.peer
        elif kind is Kind.RETRACT and other:
            item = "*"
        told.append(record(key, n, kind, item))
    return told


some_quotas = st.dictionaries(st.sampled_from([k.peer for k in CROWD]), st.integers(1, WINDOW))


def batches(data: st.DataObject, arrivals: Sequence[Signed]) -> Iterable[Sequence[Signed]]:
    """The arrivals shuffled, some twice, cut into batches."""
    again = data.draw(st.lists(st.sampled_from(arrivals), max_size=5)) if arrivals else []
    order = data.draw(st.permutations([*arrivals, *again]))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(order)), max_size=8)))
    return [order[a:b] for a, b in itertools.pairwise([0, *cuts, len(order)])]


def salt_of(log: Log) -> bytes:
    return bytes(rows(log, "SELECT value FROM settings WHERE name = 'salt'")[0][0])


def expected(
    story: Sequence[Signed], quotas: Mapping[PeerId, int], salt: bytes, pool: int = SCARCE.pool
) -> tuple[set[bytes], set[bytes], set[bytes]]:
    """Oracle: seats by rank among all, then the merge rule once an author, as wide as that."""
    by: dict[PeerId, list[Entry]] = {}
    for one in story:
        by.setdefault(one.record.author, []).append(Entry.of(one))
    strangers = sorted(set(by) - set(quotas), key=lambda a: (rank(salt, tag_of(a)), a))[:pool]
    share = next((s for s in (4, 2) if s * _sharers(s, strangers, quotas) <= pool), 1)
    alive, corpses, forked = set[bytes](), set[bytes](), set[bytes]()
    for author, entries in by.items():
        places = max(quotas.get(author, 0), share if {author} & {*strangers, *quotas} else 0)
        if places:
            settled = settle(entries, places)
            alive |= settled.live
            corpses |= settled.dead
            forked |= {author} if settled.quarantined else set()
    return alive, corpses, forked


def _sharers(share: int, strangers: Sequence[PeerId], quotas: Mapping[PeerId, int]) -> int:
    return len(strangers) + sum(quota < share for quota in quotas.values())


def state(log: Log) -> tuple[set[bytes], set[bytes], set[bytes]]:
    return live(log), dead(log), quarantined(log)


def known(log: Log) -> set[bytes]:
    found = log.known().ids
    return {found[at : at + 16] for at in range(0, len(found), 16)}


def halves(signed: Iterable[Signed]) -> set[bytes]:
    return {one.id[:16] for one in signed}


def offer_all(log: Log, story: Sequence[Signed]) -> None:
    """As honest peers do in session after session: whatever is not known, retractions first."""
    for _ in range(len(story)):
        missing = [one for one in story if one.id[:16] not in known(log)]
        log.ingest(sorted(missing, key=lambda one: one.record.kind is not Kind.RETRACT))
