"""One person's own history in and out: between the log and our JSON lines."""

from collections import Counter
from collections.abc import Iterable

from web3rec.adapters import Act, Entries, TrustEdge
from web3rec.adapters.dataset import ME
from web3rec.records import did_key
from web3rec.records.model import MAX_WEIGHT
from web3rec.store import Log, OwnAct
from web3rec.store.own import checked_id
from web3rec.types import Event, ItemId, Millis, PeerId


def entries_of(log: Log, me: PeerId) -> Entries:
    """What the ego did, whom it trusts and blocks, and the app's catalogue. Not the key."""
    names = log.names()
    newest: dict[PeerId, tuple[int, int]] = {}
    for author, n, peer, weight in log.endorsements():
        if author == me:
            newest[peer] = max(newest.get(peer, (0, 0)), (n, weight))
    return Entries(
        items=tuple(log.items().values()),
        acts=tuple(
            Act(ME, ItemId(item), Event(kind), weight, Millis(at))
            for item, kind, weight, at in log.history()
        ),
        trust=tuple(
            TrustEdge(ME, did_key(peer), weight / MAX_WEIGHT, names.get(peer, ""))
            for peer, (_, weight) in sorted(newest.items())
        ),
        blocks=tuple(did_key(peer) for peer in sorted(log.blocked())),
    )


def own_acts(acts: Iterable[Act], log: Log, now: Millis) -> list[OwnAct]:
    """Acts that the log does not hold yet, as the ego's own; those without a time are done now.

    A file read again adds nothing: an act counts as held if one of the same item, kind, weight and
    millisecond is there. What says no time cannot be told apart and is always new.
    """
    held = Counter(log.history())
    found = []
    for act in acts:
        at = act.at if act.at is not None else now
        told = (str(checked_id(act.item)), act.kind.value, act.weight, int(at))
        if act.at is not None and held[told] > 0:
            held[told] -= 1
        else:
            found.append(OwnAct(act.kind, act.item, at, act.weight))
    return found
