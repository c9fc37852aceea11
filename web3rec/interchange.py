"""One person's own history in and out: between the log and our JSON lines, sealed or not.

What never leaves a device says so in the file ("private"), and what is never shared goes with it:
the device that reads the file keeps to it, whatever its privacy level.
"""

from collections import Counter
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from web3rec import sealing
from web3rec.adapters import Act, Entries, TrustEdge
from web3rec.adapters.dataset import ME
from web3rec.adapters.jsonl import parsed_lines, read_whole, write_whole, written_lines
from web3rec.errors import PassphraseError
from web3rec.privacy import withhold
from web3rec.records import did_key, parse_peer
from web3rec.records.model import MAX_WEIGHT
from web3rec.store import Log, OwnAct
from web3rec.store.own import checked_id
from web3rec.types import Event, ItemId, Millis, PeerId

PURPOSE: Final = b"export"


def write_export(path: Path, entries: Entries, passphrase: str | None) -> None:
    """Write an export, under a passphrase if one is given; whole or not at all, mode 600.

    Raises DataError (over 100 MiB to seal), ParamError (no possible passphrase), ReadOnly.
    """
    data = written_lines(entries)
    if passphrase is not None:
        data = sealing.sealed(data, passphrase, PURPOSE)
    write_whole(path, data)


def read_export(path: Path, passphrase: str | None) -> Entries:
    """All that an export says, checked; sealed or not.

    Raises DataError (unreadable, damaged, a wrong line), PassphraseError (one is needed, or it is
    wrong, or the file was altered), ParamError, Incompatible.
    """
    data = read_whole(path)
    if sealing.is_sealed(data):
        if passphrase is None:
            raise PassphraseError(f"{path.name} is sealed: give the passphrase it was written with")
        data = sealing.opened(sealing.parsed(data, path.name), passphrase, PURPOSE, path.name)
    return parsed_lines(data, path.name)


def is_sealed(path: Path) -> bool:
    """Whether a file is an export under a passphrase; False if it cannot be read."""
    try:
        with path.open("rb") as file:
            return sealing.is_sealed(file.read(len(sealing.MAGIC)))
    except OSError:
        return False


def entries_of(log: Log) -> Entries:
    """What the ego did, trusts, blocks and withholds, and the app's catalogue. No key."""
    names, withheld = log.given_names(), log.withheld()
    stated = {peer: (weight, private) for peer, weight, private in log.stated_trust()}
    return Entries(
        items=tuple(log.items().values()),
        acts=tuple(
            Act(ME, ItemId(item), Event(kind), weight, Millis(at), private)
            for item, kind, weight, at, private in log.whole_history()
        ),
        trust=tuple(
            TrustEdge(ME, did_key(peer), weight / MAX_WEIGHT, names.get(peer, ""), private)
            for peer, (weight, private) in sorted(stated.items())
        ),
        blocks=tuple(did_key(peer) for peer in sorted(log.blocked())),
        withheld_items=tuple(map(ItemId, withheld.items)),
        withheld_tags=withheld.tags,
    )


def bring_in(log: Log, entries: Entries, me: PeerId, now: Millis) -> int:
    """Make one's own file part of the log, all or nothing; returns the acts it added.

    What is withheld comes first, so that the acts in the file already obey it. Trust in oneself
    (the file may come from a friend device) is left out.
    """
    with log.together():
        log.add_items(entries.items)
        for item in entries.withheld_items:
            withhold(log, item, None, retract=False)
        for tag in entries.withheld_tags:
            withhold(log, None, tag, retract=False)
        new = own_acts(entries.acts, log, now)
        log.write_acts(new)
        for edge in entries.trust:
            peer, weight = parse_peer(edge.target), max(1, round(edge.weight * MAX_WEIGHT))
            if peer != me:
                with log.privately() if edge.private else nullcontext():
                    log.write_trust(peer, weight, edge.name.strip())
        for blocked in entries.blocks:
            log.block(parse_peer(blocked), blocked=True)
    return len(new)


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
            found.append(OwnAct(act.kind, act.item, at, act.weight, private=act.private))
    return found
