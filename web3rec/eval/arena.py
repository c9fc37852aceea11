"""One data set as one graph that many egos look at: how experiments get views by the hundred.

A device builds its own window; an experiment asks the same window for every ego's list, honest
and attacked. Here people and items are numbered once, the two matrices are built once, and an ego
costs no more than its own trust. The numbers, the snapshot and everything after it are the
product's own: `look` on the same records gives the same view.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from trust import TrustParams
from web3rec.adapters import Act, Dataset, TrustEdge
from web3rec.errors import DataError
from web3rec.eval.attacks import Attack
from web3rec.eval.joining import joined
from web3rec.graph import Act as Stated
from web3rec.graph import Endorsement, Snapshot, snapshot
from web3rec.params import Params, WindowParams
from web3rec.pipeline import Listing, Reorder, Request, listing
from web3rec.rank.admission import Mode
from web3rec.records.model import DAY, MAX_WEIGHT, Kind
from web3rec.types import Indices, ItemId, ItemKey, Millis, PeerId
from web3rec.view import View, view_of

NOON = 20_000 * DAY + DAY // 2
"""When acts without a time happened, unix seconds; a row's weights do not depend on it."""


@dataclass(frozen=True, slots=True, eq=False)
class Arena:
    """A data set's graph, without an ego.

    Names become numbers, and keys are the numbers in big-endian bytes, so that the vocabularies'
    order is the order of the numbers.
    """

    people: Mapping[str, PeerId]
    items: Mapping[ItemId, ItemKey]
    graph: Snapshot
    """Its ego is the first of its users: take `snapshot_for` for another."""
    times: Mapping[PeerId, Mapping[ItemKey, Millis]]
    """When a person last touched each of its items; nothing where the data set has no times"""

    @staticmethod
    def of(dataset: Dataset, window: WindowParams | None = None) -> "Arena":
        """Lay out a data set: its acts (local kinds left out) and its trust.

        Raises:
            DataError: nobody is in it.

        Cost: O(acts log acts).
        """
        if not dataset.people:
            raise DataError("the data set has no people", where=dataset.name)
        people = {name: person_key(n) for n, name in enumerate(dataset.people)}
        items = {ItemId(item.id): item_key(n) for n, item in enumerate(dataset.items)}
        graph = snapshot(
            _stated(dataset.acts, people, items),
            _endorsed(dataset.trust, people),
            next(iter(people.values())),
            {},
            window or WindowParams(per_author=10_000),
        )
        return Arena(people, items, graph, _times(dataset.acts, people, items))

    def snapshot_for(self, ego: str) -> Snapshot:
        """The graph as this person's device has it. Raises DataError if it is nowhere in it."""
        key = self.people.get(ego)
        number = None if key is None else self.graph.users.number(key)
        if key is None or number is None:
            raise DataError(f"{ego!r} has neither acts nor friends here: choose another ego")
        recency = np.zeros(len(self.graph.items))
        if known := self.times.get(key):
            at = np.array(list(known.values()), np.int64)
            where = self.graph.items.numbers(known)
            recency[where] = len(at) - np.searchsorted(np.sort(at), at, side="right")
        return replace(self.graph, ego=number, recency=recency)

    def view(
        self,
        ego: str,
        mode: Mode = Mode.CLOSED,
        params: Params | None = None,
        trust: TrustParams | None = None,
    ) -> View:
        """What this person's device makes of the graph: trust, admission, sponsors."""
        nobody: Indices = np.zeros(0, np.int32)
        return view_of(
            self.snapshot_for(ego), nobody, mode, params or Params(), trust or TrustParams()
        )

    def listing(
        self,
        view: View,
        limit: int,
        params: Params | None = None,
        closed: Collection[ItemId] = (),
        reorder: Reorder | None = None,
    ) -> Listing:
        """The product's list for a view of this arena; `closed` items are left out as well."""
        wish = Request(limit, excluded=frozenset(self.items[item] for item in closed))
        return listing(view, wish, {}, params or Params(), reorder=reorder)

    def named(self, keys: Iterable[ItemKey]) -> list[ItemId]:
        """The data set's ids of these items, in order."""
        ids = list(self.items)
        return [ids[int.from_bytes(key, "big")] for key in keys]

    def attacked(self, attack: Attack) -> "Arena":
        """The same graph after an attack: Sybils and spam are numbered after everyone else.

        Equal to `Arena.of(attack.on(dataset))` in every number, without reading the honest acts
        again (but a person whom only a withdrawn edge named keeps its number). Cost: O(edges).
        """
        people = dict(self.people)
        people |= {name: person_key(len(people) + n) for n, name in enumerate(attack.names)}
        items = dict(self.items)
        items |= {ItemId(i.id): item_key(len(items) + n) for n, i in enumerate(attack.spam)}
        return Arena(people, items, joined(self.graph, attack, people, items), self.times)


def person_key(number: int) -> PeerId:
    """The key that a person gets in an arena; ordered like the numbers."""
    return PeerId(number.to_bytes(32, "big"))


def item_key(number: int) -> ItemKey:
    """The key that an item gets in an arena; ordered like the numbers."""
    return ItemKey(number.to_bytes(16, "big"))


def _stated(
    acts: Iterable[Act], people: Mapping[str, PeerId], items: Mapping[ItemId, ItemKey]
) -> list[Stated]:
    return [
        Stated(
            people[act.user],
            n,
            items[act.item],
            Kind(act.kind.value),
            act.weight,
            NOON if act.at is None else act.at // 1000,
        )
        for n, act in enumerate(acts)
        if not act.kind.is_local
    ]


def _endorsed(edges: Iterable[TrustEdge], people: Mapping[str, PeerId]) -> list[Endorsement]:
    return [
        Endorsement(
            people[edge.source], n, people[edge.target], max(1, round(edge.weight * MAX_WEIGHT))
        )
        for n, edge in enumerate(edges)
        if edge.source != edge.target
    ]


def _times(
    acts: Iterable[Act], people: Mapping[str, PeerId], items: Mapping[ItemId, ItemKey]
) -> dict[PeerId, dict[ItemKey, Millis]]:
    found: dict[PeerId, dict[ItemKey, Millis]] = {}
    for act in acts:
        if act.at is not None and not act.kind.is_local:
            mine = found.setdefault(people[act.user], {})
            key = items[act.item]
            mine[key] = max(act.at, mine.get(key, act.at))
    return found
