"""A node that only says it is one, a recommender with some life in it, and a server of both."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from p2p.control import ControlOptions, ControlServer
from p2p.errors import NodeError
from p2p.options import KnownAddress, ModelDraft, ModelUsed, Neighbour, NodeStatus
from tests.strategies import KEYS, NOW
from web3rec import Options, Recommender
from web3rec.params import Params
from web3rec.records import Kind, Record, did_key, seal
from web3rec.records.model import DAY, DEFAULT_LIFETIME, ItemMeta
from web3rec.types import Event, Item, Millis

PEERS: Final = ("12D3KooWAlice", "12D3KooWBob")
ADDRESS: Final = "/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWAlice"
ANN, BOB = KEYS[1], KEYS[2]
ANN_DID: Final = did_key(ANN.peer)


class FakeDevice:
    """Does as it is told, at once, and remembers it."""

    def __init__(self) -> None:
        self.now = NodeStatus(
            state="running",
            peer_id="12D3KooWMe",
            addresses=("/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWMe",),
            peers=PEERS,
            records_sent=3,
            records_stored=7,
            offences={PEERS[1]: 2},
            unreachable={"/ip4/127.0.0.1/tcp/9/p2p/12D3KooWGone": "refused"},
            known=2,
            model_used=ModelUsed("toy", 3),
            model_draft=ModelDraft("toy", 4, bytes=65_536, size=400_000),
            models_fetched=1,
            model_bytes=900_000,
            neighbours=(
                Neighbour(
                    PEERS[0],
                    connected=True,
                    outbound=True,
                    address=ADDRESS,
                    since=NOW / 1000,
                    synced=NOW / 1000 + 1,
                ),
                Neighbour(PEERS[1], connected=True, offences=2, score=0.5),
                Neighbour("12D3KooWBad", connected=False, banned_until=NOW / 1000 + 600),
            ),
        )
        self.told: list[tuple[Any, ...]] = []
        self.entries = [KnownAddress(ADDRESS, "owner", anchor=True)]

    def status(self) -> NodeStatus:
        return self.now

    def dial(self, address: str) -> None:
        self.told.append(("dial", address))
        if "/p2p/" not in address:
            raise NodeError(f"{address} is no multiaddress")

    def catch_up(self) -> None:
        self.told.append(("catch_up",))

    def pause(self) -> None:
        self.now = replace(self.now, state="paused", peers=(), neighbours=())

    def resume(self) -> None:
        if self.now.state == "closed":
            raise NodeError("the node is closed")
        self.now = replace(self.now, state="running")

    def ban(self, peer: str, seconds: float) -> None:
        self.told.append(("ban", peer, seconds))

    def unban(self, peer: str) -> None:
        self.told.append(("unban", peer))

    def book(self) -> Sequence[KnownAddress]:
        return self.entries


@dataclass
class HandClock:
    now: Millis = NOW

    def __call__(self) -> Millis:
        return self.now


def lively(path: Path) -> Recommender:
    """The ego likes jazz and trusts Ann, who likes jazz and three more."""
    options = Options(params=Params(), share_delay_hours=0, clock=HandClock())
    rec = Recommender.open(path, options)
    rec.share(1)
    rec.add_items([Item("trk:jazz", title="Blue Train", creator="John Coltrane", tags=("jazz",))])
    rec.record(Event.LIKE, "trk:jazz")
    rec.trust(ANN.peer, 0.75, name="Ann")
    day = NOW // 1000 // DAY * DAY
    records = [
        Record(ANN.peer, n, day, day + DEFAULT_LIFETIME, Kind.LIKE, f"trk:{name}")
        for n, name in enumerate(("jazz", "bop", "modal", "cool"), 1)
    ]
    told = replace(records[1], n=5, kind=Kind.ITEM, meta=ItemMeta("Giant Steps", "Coltrane", ()))
    rec.log.ingest([seal(one, ANN) for one in (*records, told)])
    return rec


@contextmanager
def serving(
    path: Path, device: FakeDevice | None = None, **options: Any
) -> Iterator[tuple[ControlServer, Recommender]]:
    """A lively recommender behind a control API; by default on a Unix socket alone."""
    stop = options.pop("stop", None)
    uid_of = options.pop("uid_of", None)
    more = {} if uid_of is None else {"uid_of": uid_of}
    with lively(path) as rec:
        server = ControlServer(
            rec, device or FakeDevice(), ControlOptions(**options), stop=stop, **more
        )
        with server:
            yield server, rec
