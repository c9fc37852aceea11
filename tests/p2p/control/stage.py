"""A made-up device that looks like one in use: for pictures, and for a browser's test."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from p2p.control import ControlOptions, ControlServer
from p2p.control.tokens import token_of
from p2p.options import Neighbour, NodeStatus
from tests.p2p.control.devices import FakeDevice
from web3rec import Options, Recommender
from web3rec.clock import system_clock
from web3rec.params import Params
from web3rec.records import Kind, Record, SigningKey, seal
from web3rec.records.model import DAY, DEFAULT_LIFETIME, ItemMeta
from web3rec.types import Event, Item

CATALOGUE: Final[tuple[tuple[str, str, str, tuple[str, ...]], ...]] = (
    ("trk:blue-train", "Blue Train", "John Coltrane", ("jazz", "hard bop")),
    ("trk:giant-steps", "Giant Steps", "John Coltrane", ("jazz",)),
    ("trk:so-what", "So What", "Miles Davis", ("jazz", "modal")),
    ("trk:mingus-ah-um", "Better Git It in Your Soul", "Charles Mingus", ("jazz",)),
    ("trk:moanin", "Moanin’", "Art Blakey", ("jazz", "hard bop")),
    ("trk:maiden-voyage", "Maiden Voyage", "Herbie Hancock", ("jazz", "modal")),
    ("trk:idle-moments", "Idle Moments", "Grant Green", ("jazz", "guitar")),
    ("trk:song-for-my-father", "Song for My Father", "Horace Silver", ("jazz",)),
    ("trk:pink-moon", "Pink Moon", "Nick Drake", ("folk",)),
    ("trk:both-sides", "Both Sides, Now", "Joni Mitchell", ("folk",)),
    ("trk:who-knows", "Who Knows Where the Time Goes?", "Fairport Convention", ("folk",)),
    ("trk:angie", "Angi", "Davy Graham", ("folk", "guitar")),
)
TASTES: Final = {
    "Ann": (0, 1, 2, 3, 4, 5),
    "Bertil": (0, 2, 4, 6, 7),
    "Chiara": (8, 9, 10, 11, 0),
    "": (1, 5, 6, 10),
}
MARKUP: Final = "<img src=x onerror=alert(1)>"
"""What a stranger might put into a title; it must stay text."""


def key(name: str) -> SigningKey:
    return SigningKey.from_seed(hashlib.sha256(f"a made-up friend {name}".encode()).digest())


def furnish(rec: Recommender, strange: str) -> None:
    """The ego likes three things and trusts three people, who like more; Ann told one title."""
    rec.share(1)
    rec.add_items([Item(*one) for one in CATALOGUE])
    for name in ("trk:blue-train", "trk:so-what", "trk:pink-moon"):
        rec.record(Event.LIKE, name)
    for name, weight in (("Ann", 0.875), ("Bertil", 0.5), ("Chiara", 0.625)):
        rec.trust(key(name).peer, weight, name=name)
    today = system_clock() // 1000 // DAY * DAY
    signed = []
    for name, liked in TASTES.items():
        author = key(name)
        for n, number in enumerate(liked, 1):
            item = CATALOGUE[number][0]
            one = Record(author.peer, n, today, today + DEFAULT_LIFETIME, Kind.LIKE, item)
            signed.append(seal(one, author))
    ann = key("Ann")
    told = Record(ann.peer, 90, today, today + DEFAULT_LIFETIME, Kind.LIKE, "trk:strange")
    signed.append(seal(told, ann))
    meta = ItemMeta(strange, "somebody", ())
    signed.append(seal(replace(told, n=91, kind=Kind.ITEM, meta=meta), ann))
    edge = Record(ann.peer, 92, today, today + DEFAULT_LIFETIME, Kind.TRUST, key("").peer, weight=6)
    signed.append(seal(edge, ann))
    rec.log.ingest(signed)


def device(*, busy: bool) -> FakeDevice:
    """A node with four peers, or with none."""
    found = FakeDevice()
    now = system_clock()
    names = ["12D3KooW" + hashlib.sha256(f"peer {i}".encode()).hexdigest()[:44] for i in range(5)]
    links = tuple(
        Neighbour(
            names[i],
            connected=True,
            outbound=i != 2,
            address=f"/ip4/192.0.2.{7 + i}/tcp/4001/p2p/{names[i]}",
            since=now / 1000 - 3_600 * (i + 1),
            synced=now / 1000 - 40 * i,
            offences=7 * (i == 3),
            score=3.5 * (i == 3),
        )
        for i in range(4)
    )
    found.now = NodeStatus(
        state="running",
        peer_id="12D3KooWMe",
        peers=tuple(names[:4]) if busy else (),
        neighbours=links if busy else (),
        offences={names[3]: 7} if busy else {},
        unreachable={f"/ip4/192.0.2.99/tcp/4001/p2p/{names[4]}": "connection refused"}
        if busy
        else {},
        records_sent=128 if busy else 0,
        records_received=3_412 if busy else 0,
        records_stored=3_127 if busy else 0,
        records_rejected=9 if busy else 0,
    )
    return found


@contextmanager
def staged(
    path: Path, *, busy: bool, strange: str = "Naima", **options: Any
) -> Iterator[tuple[FakeDevice, str, str]]:
    """(its device, its page's address, the write token)."""
    shown = device(busy=busy)
    chosen = Options(params=Params(), share_delay_hours=24)
    with Recommender.open(path, chosen) as rec:
        if busy:
            furnish(rec, strange)
        server = ControlServer(rec, shown, ControlOptions(tcp_port=0, **options))
        with server:
            yield shown, server.url, token_of(path / ControlOptions().write_token)
