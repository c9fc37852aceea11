"""Two devices meet on loopback; what one person likes reaches the other's list, with a reason.

    python examples/two_devices.py

Needs the extra [p2p]. Everything happens in a temporary directory.
"""

import tempfile
import threading
from pathlib import Path

from p2p import Node, NodeOptions
from web3rec import Event, Item, Options, Recommender

SONGS = [
    Item("trk:1", title="Blue Train", creator="John Coltrane", tags=("jazz",)),
    Item("trk:2", title="So What", creator="Miles Davis", tags=("jazz",)),
    Item("trk:3", title="Freddie Freeloader", creator="Miles Davis", tags=("jazz",)),
]
LOOPBACK = ["/ip4/127.0.0.1/tcp/0"]
PATIENCE = 60.0


def main() -> None:
    """Alice likes two songs; Bob trusts her and likes one of them."""
    # The random delay before a like leaves is for privacy; here somebody is watching.
    now_please = Options(share_delay_hours=0)
    with (
        tempfile.TemporaryDirectory() as home,
        Recommender.open(Path(home) / "alice", now_please) as alice,
        Recommender.open(Path(home) / "bob", now_please) as bob,
    ):
        for device in (alice, bob):
            device.share(1)  # explicit likes and trust may leave; the default, 0, lets nothing out
            device.add_items(SONGS)
        alice.record(Event.LIKE, "trk:1")
        alice.record(Event.LIKE, "trk:2")
        bob.trust(alice.me, name="Alice")
        bob.record(Event.LIKE, "trk:1")

        arrived = threading.Event()

        def refresh() -> None:
            if bob.recommend(limit=1)[0].source == "taste":  # somebody else had a say
                arrived.set()

        bob.subscribe("recommendations_changed", refresh)
        with Node(alice, NodeOptions(listen=LOOPBACK)) as a:
            meet = NodeOptions(listen=LOOPBACK, bootstrap=a.status().addresses)
            with Node(bob, meet):
                arrived.wait(PATIENCE)
        for place, one in enumerate(bob.recommend(limit=2), 1):
            print(f"{place}. {one.item.title} ({one.item.creator}): {one.reason}")


if __name__ == "__main__":
    main()
