"""The SDK in one page, without a network: two devices, a list, its reasons.

    python examples/quickstart.py

Everything happens in a temporary directory.
"""

import tempfile
from pathlib import Path

from web3rec import Event, Item, Options, Recommender

TRACKS = [
    Item("trk:1", title="Blue Train", creator="John Coltrane", tags=("jazz", "1957")),
    Item("trk:2", title="Giant Steps", creator="John Coltrane", tags=("jazz", "1960")),
    Item("trk:3", title="So What", creator="Miles Davis", tags=("jazz", "1959")),
    Item("trk:4", title="Raga Jog", creator="Ravi Shankar", tags=("raga", "1957")),
]


def main() -> None:
    """Ann likes three tracks; you like one of them and trust her taste."""
    at_once = Options(share_delay_hours=0)  # by default a like leaves after up to a day
    with (
        tempfile.TemporaryDirectory() as scratch,
        Recommender.open(Path(scratch) / "ann", at_once) as ann,
        Recommender.open(Path(scratch) / "you") as you,
    ):
        ann.share(1)  # likes may leave Ann's device; by default nothing does
        for track in ("trk:1", "trk:3", "trk:4"):
            ann.record(Event.LIKE, track)

        you.add_items(TRACKS)
        you.record(Event.LIKE, "trk:1")
        you.trust(ann.me, 0.8, name="Ann")

        # What a node does for you over libp2p, done by hand: signed bytes leave one log, are
        # judged, and enter another. `examples/two_devices.py` lets real nodes do it.
        verdicts = [you.log.judge(envelope) for envelope in ann.log.release()]
        you.log.ingest([verdict.signed for verdict in verdicts if verdict.signed])

        batch = you.recommend(limit=3)
        for place, one in enumerate(batch, 1):
            print(f"{place}. {one.item.title} ({one.item.creator}): {one.reason}")

        print()
        for part in you.explain("trk:3", batch=batch.id).contributions:
            who = "Ann" if part.sponsor == ann.me else part.role
            print(f"“So What” has {part.amount:.4f} of its score through {who}")


if __name__ == "__main__":
    main()
