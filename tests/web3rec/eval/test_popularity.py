from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tests.web3rec.eval import strategies as drawn
from web3rec.adapters import Act
from web3rec.eval import by_popularity, popular
from web3rec.types import Event, ItemId

A, B, C = ItemId("a"), ItemId("b"), ItemId("c")


def test_people_count_not_acts_and_ties_go_by_id() -> None:
    """b: two people; a and c: one each, though c's one came back eight times."""
    acts = [Act("1", B, Event.LIKE), Act("2", B, Event.LISTEN), Act("2", A, Event.LISTEN)]
    acts += [Act("1", C, Event.LISTEN, 8)] * 8 + [Act(str(n), A, Event.VIEW) for n in range(9)]
    assert by_popularity(acts) == (B, A, C)


@given(st.lists(drawn.acts(), max_size=60), st.sets(drawn.items), st.integers(0, 12))
def test_the_list_is_the_ranking_without_what_was_seen(
    acts: list[Act], seen: set[ItemId], limit: int
) -> None:
    ranking = by_popularity(acts)
    found = popular(ranking, seen, limit)
    assert list(found) == [item for item in ranking if item not in seen][:limit]
    people = Counter(i for _, i in {(a.user, a.item) for a in acts if not a.kind.is_local})
    assert [people[item] for item in ranking] == sorted(people.values(), reverse=True)
