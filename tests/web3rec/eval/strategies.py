"""Hypothesis strategies for small data sets."""

from hypothesis import strategies as st

from web3rec.adapters import Act, Dataset, TrustEdge
from web3rec.types import Event, Item, ItemId, Millis

PEOPLE = tuple(f"p{n}" for n in range(8))
ITEMS = tuple(ItemId(f"i{n}") for n in range(12))

people = st.sampled_from(PEOPLE)
items = st.sampled_from(ITEMS)
moments = st.integers(1_000_000, 1_000_020).map(Millis)


def acts(times: st.SearchStrategy[Millis | None] = moments) -> st.SearchStrategy[Act]:
    return st.builds(Act, people, items, st.sampled_from(Event), st.integers(1, 8), times)


def datasets(
    times: st.SearchStrategy[Millis | None] = moments,
) -> st.SearchStrategy[Dataset]:
    edges = st.tuples(people, people).filter(lambda pair: pair[0] != pair[1])
    return st.builds(
        lambda acts, pairs: Dataset(
            "drawn",
            PEOPLE,
            tuple(Item(item) for item in ITEMS),
            tuple(acts),
            tuple(TrustEdge(a, b) for a, b in sorted(pairs)),
        ),
        st.lists(acts(times), max_size=60),
        st.sets(edges, max_size=20),
    )
