"""Self-tuning: what a replay judges, who is heard, what is bounded, and what is chosen."""

from dataclasses import replace
from random import Random

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import settings as settings_of
from hypothesis import strategies as st

from tests.web3rec.rank.dense import full
from tests.web3rec.rank.test_replay import as_if, voters_of, window_of
from tests.web3rec.worlds import PARAMS, World, acts, listens, trusting, worlds
from trust import TrustParams
from web3rec.eval.metrics import ndcg_at
from web3rec.graph import Act, Snapshot
from web3rec.params import Params, TuneParams
from web3rec.pipeline import Request, listing
from web3rec.rank.admission import Admission, Mode
from web3rec.rank.blend import blended
from web3rec.rank.judging import Setting, mean_ndcg, served
from web3rec.rank.replay import answers, past
from web3rec.rank.salsa import salsa
from web3rec.rank.sources import Replies, Sight, alike, alone, counted, walked
from web3rec.rank.tuning import Tuned, _mean, age_shows, settings, tuned
from web3rec.types import Weights
from web3rec.view import View

TUNE = TuneParams()
Pairs = list[tuple[int, int]]


def choice(view: View, params: Params = PARAMS, tune: TuneParams = TUNE) -> Tuned:
    return tuned(view.snapshot, view.admission, view.vouching, view.budgets, params, tune)


def drawn(people: int, items: int, each: int, slope: float, seed: int = 5) -> Pairs:
    """Everyone holds `each` items, by nothing but popularity ~ rank ** -slope."""
    rng = np.random.default_rng([seed, people, items])
    chance = np.arange(1, items + 1) ** -slope
    chance /= chance.sum()
    return [
        (person, int(item))
        for person in range(people)
        for item in rng.choice(items, each, replace=False, p=chance)
    ]


def circles(people: int, size: int, each: int, hits: int, seed: int = 6) -> Pairs:
    """Circles of people with items of their own; and everybody holds some of ten hits."""
    rng = np.random.default_rng([seed, people])
    own = [
        (person, 100 + person % 20 * size + int(item))
        for person in range(people)
        for item in rng.choice(size, each, replace=False)
    ]
    return own + [(p, int(i)) for p in range(people) for i in rng.choice(10, hits, replace=False)]


# -- what a replay judges -------------------------------------------------------------------------


@given(st.lists(st.integers(0, 4), min_size=1, max_size=80), st.integers(1, 8), st.data())
def test_the_mean_of_two_ndcg_ties_by_number(
    found: list[int], n_hidden: int, data: st.DataObject
) -> None:
    hidden = data.draw(st.sets(st.integers(0, len(found) - 1), max_size=n_hidden))
    scores = np.array(found, np.float64)
    order = np.lexsort((np.arange(scores.size), -scores)).tolist()
    missed = [-1 - n for n in range(n_hidden - len(hidden))]
    wanted = np.mean([ndcg_at(order, {*hidden, *missed}, depth) for depth in (20, 50)])
    is_hidden = np.isin(np.arange(scores.size), list(hidden))
    assert mean_ndcg(scores[None], is_hidden, n_hidden)[0] == pytest.approx(wanted)


def by_sources(graph: Snapshot, w: Weights, setting: Setting) -> Weights:
    """The blend of the sources' own scores on a graph in which the voter is the ego."""
    params = setting.of(PARAMS)
    admitted = Admission(w, 1.0, w @ (full(graph.rows) > 0))
    walk = walked(salsa(graph, admitted, 0 * w, params.rank), admitted, params.rank)
    allowed = np.ones(len(graph.items), np.bool_)
    allowed[graph.rows.row(graph.ego)[0]] = False
    sight = Sight(
        graph, admitted, 0 * w, walk, allowed, np.zeros((0, allowed.size)), Replies.none()
    )
    pi = setting.popular
    said = [
        (alone(walk), 1 - pi),
        (alike(sight, params.sources), (1 - pi) * setting.alike),
        (alone(counted(graph, admitted)), pi),
    ]
    return np.where(allowed, blended(said, allowed).scores, 0.0)


@given(worlds(), st.integers(0, 5), st.data())
def test_what_is_judged_is_the_list_the_voters_device_would_have_shown(
    world: World, n_own: int, data: st.DataObject
) -> None:
    """Friends aside: nobody trusts anybody here, as a voter's friends start the walk otherwise."""
    view = World(world.acts).view(Mode.OPEN)
    voters = voters_of(view)
    assume(voters)
    newer = np.arange(n_own, dtype=np.float64)
    then = past(view.snapshot, data.draw(st.sampled_from(voters)), newer, 0.2)
    grid = settings(PARAMS, TUNE, aged=True)
    walks = list(dict.fromkeys(setting.walk for setting in grid))
    told = answers(window_of(view), then, PARAMS, walks)
    many = np.arange(len(view.snapshot.items), dtype=np.int32)
    found = served(told, then, grid, walks, many)
    alone_graph = as_if(view.snapshot, then, newer.tolist())
    k = data.draw(st.integers(0, len(grid) - 1))
    scores = by_sources(alone_graph, view.admission.weights, grid[k])
    held = np.where(told.degree > 1e-9, told.degree, 0.0)
    scores = np.where(scores > 0, scores / scores.max(initial=1e-300), held * 1e-6)
    scores[then.shown] = 0
    # Of items that are equal but for rounding, either may come first.
    is_hidden = np.isin(np.arange(scores.size), then.hidden)
    worst, luckiest = (judged(scores * (1 + by * is_hidden), is_hidden) for by in (-1e-5, 1e-5))
    assert worst - 1e-9 <= found[k] <= luckiest + 1e-9


def judged(scores: Weights, is_hidden: npt.NDArray[np.bool_]) -> float:
    order = np.lexsort((np.arange(scores.size), -scores))
    order = order[scores[order] > 0]
    hidden = set(np.flatnonzero(is_hidden).tolist())
    return float(np.mean([ndcg_at(order.tolist(), hidden, depth) for depth in (20, 50)]))


def test_a_mean_by_vote_counts_absent_sponsors_as_content() -> None:
    """Votes sum to 3/4: gains of 1, 1 and 4 are 1/4 + 1/4 + 1; three equal voters."""
    gain, error, count = _mean(np.array([1.0, 1, 4]), np.full(3, 0.25))
    assert gain == pytest.approx(1.5)
    assert error == pytest.approx(0.25 * np.sqrt(1 + 1 + 4) * np.sqrt(3 / 2))
    assert count == pytest.approx(3)
    assert _mean(np.zeros(0), np.zeros(0)) == (0, 0, 0)


def test_the_grid_starts_with_what_is_given_and_holds_nothing_twice() -> None:
    grid = settings(PARAMS, TUNE, aged=True)
    assert grid[0].of(PARAMS) == PARAMS
    assert len(set(grid)) == len(grid)
    assert {setting.recency for setting in grid} == {0.7, 0.9, 1}
    assert {setting.recency for setting in settings(PARAMS, TUNE, aged=False)} == {0.9}
    assert {setting.rounds for setting in grid} == {1, 2, 3}
    assert sum(setting.popular == 1 for setting in grid) == 1
    bare = TuneParams(etas=(), populars=(), socials=(), rounds=(), alikes=(), recencies=())
    assert settings(PARAMS, bare, aged=True) == grid[:1]


def test_age_shows_where_newer_acts_weigh_more() -> None:
    newer = np.arange(6.0)
    assert age_shows(newer, 0.9**newer)
    assert not age_shows(newer, -(0.9**newer))
    assert not age_shows(newer, np.ones(6))
    assert not age_shows(np.zeros(6), 0.9**newer)
    assert not age_shows(newer[:4], 0.9 ** newer[:4])


# -- who is heard, and how much is done ------------------------------------------------------------


@given(worlds(), st.sampled_from(list(Mode)))
def test_a_handful_of_people_change_nothing(world: World, mode: Mode) -> None:
    assert choice(world.view(mode)) == Tuned(PARAMS)


@settings_of(max_examples=15)
@given(acts(range(12), range(6), min_size=30, max_size=60), st.randoms(use_true_random=False))
def test_the_same_records_make_the_same_choice_in_any_order(
    done: list[Act], chance: Random
) -> None:
    one = choice(World(done).view(Mode.OPEN))
    chance.shuffle(done)
    assert choice(World(done).view(Mode.OPEN)) == one


def test_work_is_bounded_by_what_is_given_and_one_voter_more() -> None:
    view = World(listens(drawn(60, 50, 6, 0.5))).view(Mode.OPEN)
    full = choice(view, tune=replace(TUNE, exact=0))
    assert full.voters == 5 * 59  # few people, so each is asked several times
    for work in (1, 300_000, 1_000_000):
        part = choice(view, tune=replace(TUNE, exact=0, work=work))
        assert 1 <= part.voters < full.voters
        assert part.work <= work + 2 * full.work / full.voters
    assert choice(view, tune=replace(TUNE, work=0)) == Tuned(PARAMS)


def test_too_few_equal_voters_change_nothing_however_sure_they_are() -> None:
    view = World(listens(drawn(60, 400, 4, 0.7))).view(Mode.OPEN)
    assert choice(view).params != PARAMS
    assert choice(view, tune=replace(TUNE, least_voters=60)).params == PARAMS


# -- what is chosen --------------------------------------------------------------------------------


@pytest.mark.slow
def test_where_only_popularity_tells_it_is_what_lists_go_by() -> None:
    """Independent draws: whatever two people share, they share by chance."""
    view = World(listens(drawn(300, 800, 4, 0.9))).view(Mode.OPEN)
    found = choice(view)
    assert found.params.rank.popular >= 0.5
    assert found.gain > found.error > 0


@pytest.mark.slow
def test_where_circles_tell_taste_is_what_lists_go_by() -> None:
    view = World(listens(circles(200, 25, 6, 4))).view(Mode.OPEN)
    found = choice(view, replace(PARAMS, rank=replace(PARAMS.rank, popular=1.0)))
    assert found.params.rank.popular < 0.9
    assert found.gain > 5 * found.error > 0


@pytest.mark.slow
def test_V1_sybils_behind_one_friend_cannot_outvote_the_others() -> None:
    """Ten friends know people whose taste is popularity; the eleventh knows 300 Sybils in circles.

    Fully admitted and more than all others together, they would by themselves choose otherwise.
    """
    honest = 120
    told = drawn(honest, 300, 5, 0.9)
    edges = [(0, friend, 8) for friend in range(1, 12)]
    edges += [(1 + n % 10, n, 8) for n in range(12, honest)]
    before = World(listens(told), trusting(edges))
    false = range(honest, honest + 300)
    copied = [(honest + u, i) for u, i in circles(300, 60, 12, 0)]
    siege = World(listens(told + copied), trusting(edges + [(11, sybil, 8) for sybil in false]))
    params = replace(PARAMS, rank=replace(PARAMS.rank, admission=0.01))
    trust = TrustParams(alpha=0.5)
    calm, stormy = (choice(w.view(params=params, trust=trust), params) for w in (before, siege))
    view = siege.view(params=params, trust=trust)
    sybils = np.isin(np.arange(len(view.snapshot.users)), list(false))
    assert (view.admission.weights[sybils] >= 1).all()
    assert min(calm.params.rank.popular, stormy.params.rank.popular) >= 0.9
    open_to_all = choice(siege.view(Mode.OPEN, params), params)
    assert open_to_all.params.rank.popular <= 0.3


# -- in the pipeline -------------------------------------------------------------------------------


def test_a_view_lists_by_what_it_chose_and_chooses_once() -> None:
    world = World(listens(drawn(60, 400, 4, 0.7)))
    params = replace(PARAMS, tune=TUNE)
    view = world.view(Mode.OPEN, params)
    chosen = view.tuned(params)
    assert chosen != params
    assert view.tuned(params) is chosen
    assert view.tuned(PARAMS) is PARAMS
    wish = Request(10, frozenset())
    as_chosen = listing(view, wish, {}, replace(chosen, tune=None))
    assert listing(view, wish, {}, params) == as_chosen


@given(worlds(), st.sampled_from([0.1, 0.5, 1.0]))
def test_popularity_alone_lists_by_how_many_hold_an_item(world: World, pi: float) -> None:
    rank = replace(PARAMS.rank, popular=pi)
    view = world.view(Mode.OPEN)
    entries = listing(view, Request(20, frozenset()), {}, replace(PARAMS, rank=rank)).entries
    if pi == 1:
        held = view.snapshot.cols.starts
        counts = [
            held[n + 1] - held[n] for n in view.snapshot.items.numbers(e.key for e in entries)
        ]
        assert counts == sorted(counts, reverse=True)
    for entry in entries:
        assert sum(c.amount for c in entry.contributions) == pytest.approx(entry.score, rel=1e-9)
