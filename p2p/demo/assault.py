"""The attack: one friend of each ego is compromised, and 200 Sybils push spam through it.

Everything the attacker does goes over the same network, as records any node accepts: it is
validly signed. It runs a node of its own, holds the key of each compromised friend, and as many
fresh keys as it likes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from p2p.demo.cast import Cast, DemoOptions, Person, key_of
from p2p.demo.speech import Pen, speech
from web3rec.eval.attacks import AttackPlan, Scene, copy_the_victim
from web3rec.records import Entry, Signed, item_key, settle
from web3rec.store import WINDOW
from web3rec.types import Item, ItemId, ItemKey, Millis, PeerId

RECORDS_EACH: Final = 6
"""Acts of one Sybil: four copied, two spam. 200 Sybils cover the victim's profile many times over;
more would only make the demo longer."""
SPAM_EACH: Final = 2
SPAM_ITEMS: Final = 30


@dataclass(frozen=True, slots=True)
class Assault:
    """The attack on one ego."""

    ego: Person
    friend: Person
    """The compromised one"""
    sybils: frozenset[PeerId]
    spam: frozenset[ItemKey]
    records: tuple[Signed, ...]


def assaults(cast: Cast, options: DemoOptions, now: Millis) -> list[Assault]:
    """One attack for each ego; friends are taken over one by one, no ego among them."""
    rng = np.random.default_rng([options.seed, 2])
    by_peer = {person.peer: person for person in cast.people}
    spared = {ego.peer for ego in cast.egos}
    pens: dict[PeerId, Pen] = {}
    made = []
    for number, ego in enumerate(cast.egos):
        friends = sorted(peer for peer, _ in ego.trusts if peer not in spared)
        if not friends:
            continue
        friend = by_peer[friends[int(rng.integers(len(friends)))]]
        spared.add(friend.peer)
        pens[friend.peer] = Pen(friend.key, now, len(friend.acts) + len(friend.trusts))
        made.append(_assault(number, ego, friend, pens[friend.peer], options, now, rng))
    return made


def _assault(
    number: int,
    ego: Person,
    friend: Person,
    stolen: Pen,
    options: DemoOptions,
    now: Millis,
    rng: np.random.Generator,
) -> Assault:
    plan = AttackPlan(
        sybils=options.sybils, spam=SPAM_ITEMS, spam_each=SPAM_EACH, records=RECORDS_EACH
    )
    attack = copy_the_victim(Scene(ego.acts, [friend.name]), plan, rng)
    spam = {item.id: _renamed(item, number) for item in attack.spam}
    pens = {
        sybil.name: Pen(key_of(options.seed, f"{number} {sybil.name}"), now)
        for sybil in attack.sybils
    }

    def said() -> Iterator[Signed]:
        for peer, _ in friend.trusts:
            yield stolen.retract(peer)
        for edge in attack.bridges:
            yield stolen.trust(pens[edge.target].key.peer, edge.weight)
        first = pens[attack.sybils[0].name]
        for item in spam.values():
            yield first.describe(item)
        for sybil in attack.sybils:
            pen = pens[sybil.name]
            for edge in sybil.trust:
                yield pen.trust(pens[edge.target].key.peer, edge.weight)
            for act in sybil.acts:
                pushed = spam.get(act.item)
                yield pen.act(act if pushed is None else replace(act, item=ItemId(pushed.id)))

    return Assault(
        ego=ego,
        friend=friend,
        sybils=frozenset(pen.key.peer for pen in pens.values()),
        spam=frozenset(item_key(item.id) for item in spam.values()),
        records=tuple(said()),
    )


def live_after(cast: Cast, attacks: Sequence[Assault], now: Millis) -> int:
    """How many shared records every log holds once the attack has arrived everywhere.

    By the merge rule, not by looking: each compromised friend's window now holds its new edges.
    """
    total = cast.records
    for attack in attacks:
        said: dict[PeerId, list[Signed]] = {attack.friend.peer: list(speech([attack.friend], now))}
        total -= len(said[attack.friend.peer])
        for signed in attack.records:
            said.setdefault(signed.record.author, []).append(signed)
        for records in said.values():
            total += len(settle([Entry.of(signed) for signed in records], WINDOW).live)
    return total


def _renamed(item: Item, number: int) -> Item:
    """Spam of its own for each attack, so that each can be told apart in the lists."""
    kind, _, rest = item.id.partition(":")
    return Item(f"{kind}:{number + 1}:{rest}", title=f"{item.title} (attack {number + 1})")
