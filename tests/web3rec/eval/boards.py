"""Small data sets for whatever ranks: few people, few items, so that everything collides."""

from hypothesis import strategies as st

from web3rec.adapters import Act, Dataset, TrustEdge
from web3rec.eval.arena import Arena
from web3rec.types import Event, Item, ItemId

PEOPLE = tuple(f"p{n}" for n in range(6))


def dataset(
    pairs: list[tuple[int, int]], trust: list[tuple[int, int]] | None = None, n_items: int = 7
) -> Dataset:
    """Person p has item i; person p trusts person q."""
    return Dataset(
        name="tiny",
        people=PEOPLE,
        items=tuple(Item(ItemId(f"i{n}")) for n in range(n_items)),
        acts=tuple(Act(PEOPLE[p], ItemId(f"i{n}"), Event.LISTEN) for p, n in pairs),
        trust=tuple(TrustEdge(PEOPLE[p], PEOPLE[q]) for p, q in trust or []),
    )


def arena(pairs: list[tuple[int, int]], trust: list[tuple[int, int]] | None = None) -> Arena:
    return Arena.of(dataset(pairs, trust))


pairs = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 6)), min_size=1, max_size=30, unique=True
)
edges = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda e: e[0] != e[1]),
    max_size=12,
    unique=True,
)
