"""Two devices on loopback in a process that lacks what Android lacks; says in JSON what happened.

    python -m tests.mobile.gossiping FOLDER

What one liked before they met comes by sync, what it likes after by gossip.
"""

import importlib.metadata
import importlib.util
import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mobile import libp2p_stubs
from mobile.libp2p_stubs import STUBS
from tests.mobile.absent import hide

PATIENCE = 60.0
LOOK = 0.05


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until something holds; not for ever."""
    never = threading.Event()
    for _ in range(int(PATIENCE / LOOK)):
        if holds():
            return
        never.wait(LOOK)
    raise TimeoutError(f"{what}: not within {PATIENCE:g} s")


def counted() -> list[str]:
    """Names of stand-ins that are called from now on, also where the error is caught."""
    called: list[str] = []
    told = libp2p_stubs._called

    def count(name: str) -> libp2p_stubs.StubError:
        called.append(name)
        return told(name)

    libp2p_stubs._called = count
    return called


def talked(folder: Path, *, mdns: bool = False) -> dict[str, object]:
    """Two devices meet, talk, and part."""
    from p2p import Node, NodeOptions  # noqa: PLC0415 - after the stand-ins
    from web3rec import Event, Item, Options, Recommender  # noqa: PLC0415

    songs = [Item(f"trk:{n}", title=f"Track {n}", tags=("jazz",)) for n in range(1, 7)]
    loopback = ["/ip4/127.0.0.1/tcp/0"]
    now = Options(share_delay_hours=0)
    with (
        Recommender.open(folder / "one", now) as one,
        Recommender.open(folder / "other", now) as other,
    ):
        for device in (one, other):
            device.share(1)
            device.add_items(songs)
        for n in (1, 2, 3):
            one.record(Event.LIKE, f"trk:{n}")
        other.trust(one.me, name="friend 1")
        other.record(Event.LIKE, "trk:1")
        options = NodeOptions(listen=loopback, flush_interval=0.05, mdns=mdns)
        with Node(one, options) as a:
            meet = NodeOptions(listen=loopback, bootstrap=a.status().addresses, flush_interval=0.05)
            with Node(other, meet) as b:
                until(lambda: b.status().syncs and b.status().records_stored >= 3, "sync")
                until(lambda: a.status().neighbours and b.status().neighbours, "neighbours")
                liked = iter(range(4, 7))

                def gossiped() -> bool:
                    if b.status().messages_received:
                        return True
                    if len(heard) < 3 and a.status().messages_sent >= len(heard):
                        heard.append(next(liked))
                        one.record(Event.LIKE, f"trk:{heard[-1]}")
                    return False

                heard: list[int] = []
                until(gossiped, "gossip")
                until(lambda: b.status().records_stored >= 3 + len(heard), "all of it")
                first, second = a.status(), b.status()
        best = other.recommend(limit=1)[0]
    return {
        "synced": second.syncs,
        "heard": second.messages_received,
        "stored": second.records_stored,
        "rejected": second.records_rejected,
        "offences": [first.offences, second.offences],
        "restarts": [first.restarts, second.restarts],
        "source": best.source,
    }


def lacking() -> tuple[str, ...]:
    """This process lacks what Android lacks, and has the stand-ins; returns which they are."""
    tops = {stub.top for stub in STUBS.values() if stub.top is not None}
    hide(set(STUBS), {*tops, "lru", "pylsqpack"})
    for top in tops:
        assert importlib.util.find_spec(top) is None, f"{top} is there"
    for package in STUBS:
        try:
            importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
        raise AssertionError(f"{package} is there")
    return libp2p_stubs.install()


def main() -> None:
    ours = lacking()
    called = counted()
    said: dict[str, Any] = {"ours": ours, "called": called}
    said |= talked(Path(sys.argv[1]), mdns="mdns" in sys.argv)
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
