"""Forgetting, as a person sees it: what goes, what is asked of others, what is left.

    python examples/forget_me.py

You liked something and wish you had not. You forget it; then your list is compared with the
list of a device of yours that never knew. Everything happens in a temporary directory.
"""

import shutil
import tempfile
from pathlib import Path

from web3rec import Batch, Event, Item, Millis, Options, Recommender

TRACKS = [
    Item("trk:1", title="Blue Train", tags=("jazz",)),
    Item("trk:2", title="So What", tags=("jazz",)),
    Item("trk:3", title="Raga Jog", tags=("raga",)),
    Item("trk:4", title="Never Gonna Give You Up", tags=("pop",)),
    Item("trk:5", title="Together Forever", tags=("pop",)),
]
NOW = Millis(1_767_225_600_000)


def device(directory: Path, ann: Recommender, heard: list[bytes]) -> Recommender:
    """A device of yours: it trusts Ann and has heard from her."""
    you = Recommender.open(directory, Options(share_delay_hours=0, clock=lambda: NOW))
    you.share(1)
    you.add_items(TRACKS)
    you.trust(ann.me, name="Ann")
    verdicts = [you.log.judge(envelope) for envelope in heard]
    you.log.ingest([verdict.signed for verdict in verdicts if verdict.signed])
    you.record(Event.LIKE, "trk:1")
    return you


def shown(title: str, batch: Batch) -> list[tuple[str, float, str]]:
    """Print a list; what of it a person can see."""
    print(f"\n{title}:")
    for place, one in enumerate(batch, 1):
        print(f"  {place}. {one.item.title}: {one.reason}")
    return [(str(one.item.id), one.score, one.reason) for one in batch]


def main() -> None:
    """Record, recommend, forget, and compare with a device that never knew."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        options = Options(share_delay_hours=0, clock=lambda: NOW)
        with Recommender.open(home / "ann", options) as ann:
            ann.share(1)
            for track in ("trk:1", "trk:2", "trk:4", "trk:5"):
                ann.record(Event.LIKE, track)
            heard = list(ann.log.release())

            with device(home / "phone", ann, heard) as phone:
                phone.record(Event.LIKE, "trk:4")
                left = phone.log.release()
                before = shown("Your list, with a like you regret", phone.recommend(limit=3))

                receipt = phone.forget(item="trk:4")
                erased = {where: count for where, count in receipt.removed.items() if count}
                print(f"\nThe receipt: {receipt.wish}, erased {erased};")
                print(
                    f"  {len(left)} records had left, so {receipt.retractions} retraction follows"
                )
                took = f"{receipt.took_ms:.0f} ms"
                print(f"  signed by your key: {receipt.is_signed}; it took {took}")
                stages = phone.audit().stages
                equal = sum(stage.equal for stage in stages)
                print(f"The audit: {equal} of {len(stages)} stages are what the log alone says")
                after = shown("Your list now", phone.recommend(limit=3))

            (home / "tablet").mkdir()
            shutil.copy(home / "phone" / "author.key", home / "tablet")  # the same person
            with device(home / "tablet", ann, heard) as tablet:
                never = shown("The list of a device that never knew", tablet.recommend(limit=3))

    print(f"\nThe like mattered: {before != after}. It left no trace: {after == never}.")
    if after != never:
        raise SystemExit("forgetting left a trace")


if __name__ == "__main__":
    main()
