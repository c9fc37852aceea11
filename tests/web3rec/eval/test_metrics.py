"""Metrics: by hand, by law, and against the slow definition."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web3rec.errors import ParamError
from web3rec.eval import exposure_at, hit_at, ndcg_at, recall_at, spam_slots_at
from web3rec.eval.metrics import discount

lists = st.lists(st.integers(0, 30), unique=True, max_size=25)
hidden = st.sets(st.integers(0, 30), min_size=1)
cuts = st.integers(1, 30)
flags = st.lists(st.booleans(), max_size=30)


def test_ndcg_by_hand() -> None:
    """Hits at positions 1 and 3 of two hidden items: (1 + 1/2) / (1 + 1/log2(3))."""
    assert ndcg_at(["a", "x", "b"], {"a", "b"}, 3) == pytest.approx(1.5 / (1 + 1 / math.log2(3)))
    assert recall_at(["a", "x", "b"], {"a", "b"}, 2) == 0.5
    assert hit_at(["a", "x", "b"], {"b"}, 2) == 0.0
    assert hit_at(["a", "x", "b"], {"b"}, 3) == 1.0


def test_exposure_by_hand() -> None:
    """Spam at position 1 of 3: 1 / (1 + 1/log2(3) + 1/2)."""
    assert exposure_at([True, False, False], 3) == pytest.approx(1 / (1.5 + 1 / math.log2(3)))
    assert spam_slots_at([True, False, True, True], 3) == 2


@given(lists, hidden, cuts)
def test_agrees_with_the_written_definition(ranked: list[int], relevant: set[int], k: int) -> None:
    gained = sum(1 / math.log2(p + 1) for p, i in enumerate(ranked[:k], 1) if i in relevant)
    best = sum(1 / math.log2(p + 1) for p in range(1, min(k, len(relevant)) + 1))
    assert ndcg_at(ranked, relevant, k) == pytest.approx(gained / best)
    hits = set(ranked[:k]) & relevant
    assert recall_at(ranked, relevant, k) == pytest.approx(len(hits) / len(relevant))
    assert hit_at(ranked, relevant, k) == float(bool(hits))


@given(hidden, cuts)
def test_a_list_that_starts_with_all_hidden_items_is_perfect(relevant: set[int], k: int) -> None:
    ranked = [*sorted(relevant), *range(100, 130)]
    assert ndcg_at(ranked, relevant, k) == pytest.approx(1.0)
    assert recall_at(ranked, relevant, len(relevant)) == 1.0


@given(lists, hidden, st.data())
def test_moving_a_hit_up_never_lowers_ndcg(
    ranked: list[int], relevant: set[int], data: st.DataObject
) -> None:
    hits = [n for n, item in enumerate(ranked) if item in relevant and n]
    if hits:
        n = data.draw(st.sampled_from(hits))
        better = [*ranked[: n - 1], ranked[n], ranked[n - 1], *ranked[n + 1 :]]
        assert ndcg_at(better, relevant, 20) >= ndcg_at(ranked, relevant, 20) - 1e-12


@given(flags, cuts)
def test_exposure_lies_between_none_and_all(is_spam: list[bool], k: int) -> None:
    exposure = exposure_at(is_spam, k)
    assert 0 <= exposure <= 1 + 1e-12
    assert (exposure == 0) == (spam_slots_at(is_spam, k) == 0)
    assert exposure_at([True] * k, k) == pytest.approx(1.0)


@given(flags, cuts)
def test_spam_and_what_is_not_spam_share_the_attention(is_spam: list[bool], k: int) -> None:
    full = (is_spam + [False] * k)[:k]
    honest = exposure_at([not flag for flag in full], k)
    assert exposure_at(full, k) + honest == pytest.approx(1.0)


@given(cuts)
def test_so_many_spam_slots_take_most_attention_at_the_top(k: int) -> None:
    for slots in range(k + 1):
        top = [True] * slots
        assert exposure_at(top, k) == pytest.approx(discount(k)[:slots].sum() / discount(k).sum())
        assert exposure_at([False] * (k - slots) + top, k) <= exposure_at(top, k) + 1e-12


@pytest.mark.parametrize("metric", [ndcg_at, recall_at, hit_at])
def test_no_hidden_item_is_refused_rather_than_scored(
    metric: Callable[[list[str], set[str], int], float],
) -> None:
    with pytest.raises(ParamError, match="relevant must be at least one hidden item"):
        metric(["a"], set(), 10)
    with pytest.raises(ParamError, match="k must be at least 1"):
        metric(["a"], {"a"}, 0)
