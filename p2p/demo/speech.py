"""Signed records of people the demo speaks for; a real person's are made by `web3rec.store.own`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from p2p.demo.cast import Person
from web3rec.adapters import Act
from web3rec.clock import DAY_S
from web3rec.records import ItemMeta, Kind, Record, Signed, SigningKey, item_key, seal
from web3rec.records.model import DEFAULT_LIFETIME, MAX_LIFETIME, MAX_TITLE_CHARS, MAX_WEIGHT
from web3rec.types import Item, Millis, PeerId


@dataclass(slots=True)
class Pen:
    """One identity's rising sequence of records."""

    key: SigningKey
    now: Millis
    _used: int = 0

    def act(self, act: Act) -> Signed:
        at = act.at if act.at is not None else self.now
        return self._sign(Kind(act.kind.value), item_key(act.item), act.weight, at)

    def trust(self, peer: PeerId, weight: float) -> Signed:
        return self._sign(Kind.TRUST, peer, max(1, round(weight * MAX_WEIGHT)), self.now)

    def retract(self, peer: PeerId) -> Signed:
        return self._sign(Kind.RETRACT, peer, 1, self.now, lifetime=MAX_LIFETIME)

    def describe(self, item: Item) -> Signed:
        meta = ItemMeta(title=item.title[:MAX_TITLE_CHARS], creator=item.creator, tags=item.tags)
        return self._sign(Kind.ITEM, item_key(item.id), 1, self.now, meta=meta)

    def _sign(
        self,
        kind: Kind,
        subject: bytes,
        weight: int,
        at: Millis,
        *,
        lifetime: int = DEFAULT_LIFETIME,
        meta: ItemMeta | None = None,
    ) -> Signed:
        self._used += 1
        day = at // 1000 // DAY_S
        today = self.now // 1000 // DAY_S
        return seal(
            Record(
                author=self.key.peer,
                n=today << 24 | self._used << 8,
                t=day * DAY_S,
                x=day * DAY_S + lifetime,
                kind=kind,
                item=subject,
                weight=weight,
                meta=meta,
            ),
            self.key,
        )


def speech(people: Iterable[Person], now: Millis) -> Iterator[Signed]:
    """Everything these people have to say: trust first, then their acts by age."""
    for person in people:
        pen = Pen(person.key, now)
        for peer, weight in person.trusts:
            yield pen.trust(peer, weight)
        for act in person.acts:
            yield pen.act(act)
