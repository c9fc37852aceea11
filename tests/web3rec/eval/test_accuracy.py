"""trec_eval's figures are those of our own definitions, person by person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.errors import ParamError
from web3rec.eval import average_precision_at, hit_at, ndcg_at, recall_at
from web3rec.eval.accuracy import accuracy

DEFINED = {
    "recall": recall_at,
    "ndcg": ndcg_at,
    "hr": hit_at,
    "map": average_precision_at,
}
people = st.lists(
    st.tuples(
        st.lists(st.integers(0, 40), unique=True, max_size=25),
        st.sets(st.integers(0, 40), min_size=1),
    ),
    min_size=1,
    max_size=6,
)


@given(people, st.lists(st.integers(1, 30), min_size=1, max_size=3, unique=True))
def test_the_library_agrees_with_the_written_definitions(
    drawn: list[tuple[list[int], set[int]]], cuts: list[int]
) -> None:
    lists, hidden = [own for own, _ in drawn], [wanted for _, wanted in drawn]
    found = accuracy(lists, hidden, cuts)
    assert set(found) == {f"{name}@{k}" for name in DEFINED for k in cuts}
    for name, definition in DEFINED.items():
        for k in cuts:
            want = [definition(own, wanted, k) for own, wanted in drawn]
            assert found[f"{name}@{k}"] == pytest.approx(want, abs=1e-9)


def test_average_precision_by_hand() -> None:
    """Hits at 1 and 3 of three hidden: (1/1 + 2/3) / 3."""
    assert average_precision_at(["a", "x", "b"], {"a", "b", "c"}, 3) == pytest.approx(5 / 9)
    assert average_precision_at(["a", "x", "b"], {"a", "b", "c"}, 2) == pytest.approx(1 / 3)
    assert average_precision_at([], {"a"}, 5) == 0.0


def test_nobody_without_hidden_items_and_no_cut_of_nothing() -> None:
    with pytest.raises(ParamError, match="hidden"):
        accuracy([[1]], [set()], [10])
    with pytest.raises(ParamError, match="cuts"):
        accuracy([[1]], [{1}], [0])
    with pytest.raises(ParamError, match="cuts"):
        accuracy([[1]], [{1}], [])
