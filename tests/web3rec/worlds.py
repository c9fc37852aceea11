"""Small worlds of acts and endorsements, honest and attacked, for everything from graph to list.

People and items go by number; `peer(0)` is the ego. Everything is drawn so small that it collides.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from trust import TrustParams
from web3rec.graph import KIND_VALUE, Act, Endorsement, Snapshot, snapshot
from web3rec.params import Params
from web3rec.rank.admission import Mode
from web3rec.records.model import DAY, MAX_WEIGHT, Kind
from web3rec.types import ItemKey, Millis, PeerId
from web3rec.view import View, look

NOON = 20_000 * DAY + DAY // 2
"""When generated acts happen, give or take a month; unix seconds."""
KINDS = tuple(KIND_VALUE)
TRUST = TrustParams()
PARAMS = Params()


def peer(number: int) -> PeerId:
    return PeerId(number.to_bytes(32, "big"))


def item(number: int) -> ItemKey:
    return ItemKey(number.to_bytes(16, "big"))


EGO = peer(0)


def listens(pairs: Iterable[tuple[int, int]]) -> list[Act]:
    """One plain act for each (person, item), all at one time, sequences rising."""
    return [Act(peer(u), n, item(i), Kind.LISTEN, 1, NOON) for n, (u, i) in enumerate(pairs)]


def trusting(edges: Iterable[tuple[int, int, int]]) -> list[Endorsement]:
    """(who, whom, eighths)."""
    return [Endorsement(peer(u), n, peer(v), w) for n, (u, v, w) in enumerate(edges)]


@dataclass(frozen=True)
class World:
    acts: list[Act]
    edges: list[Endorsement] = field(default_factory=list)
    touched: dict[ItemKey, Millis] = field(default_factory=dict)

    def snapshot(self, params: Params = PARAMS) -> Snapshot:
        return snapshot(self.acts, self.edges, EGO, self.touched, params.window)

    def view(
        self,
        mode: Mode = Mode.CLOSED,
        params: Params = PARAMS,
        trust: TrustParams = TRUST,
        blocked: Collection[PeerId] = (),
    ) -> View:
        return look(self.acts, self.edges, self.touched, blocked, EGO, mode, params, trust)

    def own(self) -> set[ItemKey]:
        return {act.key for act in self.acts if act.author == EGO}

    def without(self, gone: Collection[PeerId]) -> "World":
        """The world in which these people never were."""
        return replace(
            self,
            acts=[act for act in self.acts if act.author not in gone],
            edges=[e for e in self.edges if e.author not in gone and e.peer not in gone],
        )


def acts(
    people: Collection[int], items: Collection[int], max_size: int = 24, min_size: int = 0
) -> st.SearchStrategy[list[Act]]:
    """Any acts of these people with these items; several of one pair, times a month apart."""
    one = st.builds(
        lambda u, i, kind, weight, age: (peer(u), item(i), kind, weight, NOON - age),
        st.sampled_from(sorted(people)),
        st.sampled_from(sorted(items)),
        st.sampled_from(KINDS),
        st.integers(1, MAX_WEIGHT),
        st.one_of(st.just(0), st.integers(0, 60 * DAY)),
    )
    drawn = st.lists(one, min_size=min_size, max_size=max_size)
    return drawn.map(lambda rows: [Act(u, n, *rest) for n, (u, *rest) in enumerate(rows)])


def edges(
    sources: Collection[int], targets: Collection[int], max_size: int = 14, min_size: int = 0
) -> st.SearchStrategy[list[tuple[int, int, int]]]:
    pairs = [(u, v) for u in sorted(sources) for v in sorted(targets) if u != v]
    if not pairs:
        return st.just([])
    one = st.tuples(st.sampled_from(pairs), st.integers(1, MAX_WEIGHT))
    chosen = st.lists(
        one, min_size=min(min_size, len(pairs)), max_size=max_size, unique_by=lambda e: e[0]
    )
    return chosen.map(lambda found: [(u, v, w) for (u, v), w in found])


def touches(own: Collection[ItemKey]) -> st.SearchStrategy[dict[ItemKey, Millis]]:
    """When the ego touched each of its items; ties as often as not."""
    times = st.integers(0, 5).map(lambda day: Millis((NOON + day * DAY) * 1000))
    return st.fixed_dictionaries(dict.fromkeys(sorted(own), times))


@st.composite
def worlds(draw: st.DrawFn, max_people: int = 6, max_items: int = 7) -> World:
    """An ego, some others, whatever they did and whom they trust."""
    people, items = range(draw(st.integers(2, max_people))), range(draw(st.integers(2, max_items)))
    done = draw(acts(people, items, min_size=2))
    told = trusting(draw(edges(people, people)))
    return World(done, told, draw(touches({act.key for act in done if act.author == EGO})))


@dataclass(frozen=True)
class Siege:
    """A world under attack: whoever is at or above `first_sybil` is a Sybil.

    Honest people's edges to Sybils are the attack edges: the Sybils did not choose them.
    """

    world: World
    n_honest: int
    n_sybils: int

    @property
    def sybils(self) -> list[PeerId]:
        return [peer(n) for n in range(self.n_honest, self.n_honest + self.n_sybils)]


@st.composite
def sieges(draw: st.DrawFn, max_sybils: int = 8) -> Siege:
    """Honest people, fooled by chance; Sybils who trust, copy and push whatever they like."""
    n_honest, n_sybils = draw(st.integers(2, 6)), draw(st.integers(1, max_sybils))
    honest, false = range(n_honest), range(n_honest, n_honest + n_sybils)
    everyone = range(n_honest + n_sybils)
    items, spam = range(6), range(6, 6 + draw(st.integers(1, 8)))
    done = draw(acts(honest, items, min_size=3))
    done += draw(acts(false, [*items, *spam], min_size=2, max_size=30))
    told = draw(edges(honest, everyone, min_size=2)) + draw(edges(false, everyone))
    own = {act.key for act in done if act.author == EGO}
    return Siege(World(done, trusting(told), draw(touches(own))), n_honest, n_sybils)
