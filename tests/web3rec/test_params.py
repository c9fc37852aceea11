"""Parameters cannot be wrong: each refuses what is out of range, and says what it wants."""

import math

import pytest

from web3rec.errors import ParamError
from web3rec.params import BudgetParams, Params, RankParams, SourceParams, TuneParams, WindowParams

NAN, INF = math.nan, math.inf
REFUSED: dict[type, dict[str, list[object]]] = {
    WindowParams: {
        "half_life_days": [0, -1, NAN, INF],
        "per_author": [0, 10_001, NAN],
        "trust_half_life_days": [0, -1, NAN],
    },
    RankParams: {
        "admission": [0, -1, 10.1, NAN],
        "active_cap": [0, NAN],
        "rounds": [0, 4, 1.5],
        "restart": [0, 1, NAN],
        "eta": [-0.1, 1.1, NAN],
        "popular": [-0.1, 1.1, NAN],
        "floor": [-1, NAN, INF],
        "social": [-0.1, 1.1, NAN],
        "social_speakers": [0],
        "recency": [0, 1.1, NAN],
        "recency_span": [0],
        "candidates": [0],
    },
    TuneParams: {
        "work": [-1, NAN],
        "voters": [0, NAN],
        "enough_voters": [0, NAN],
        "exact": [-1, NAN, INF],
        "least_voters": [0.9, NAN],
        "least_items": [1, NAN],
        "share": [0, 1, NAN],
        "caution": [-0.1, NAN, INF],
        "etas": [(0, 1.1), (NAN,)],
        "populars": [(-0.1,), (NAN,)],
        "socials": [(2,), (NAN,)],
        "rounds": [(0,), (1, 4)],
        "recencies": [(0,), (1.1,), (NAN,)],
        "alikes": [(-1,), (NAN,), (INF,)],
    },
    SourceParams: {
        **{name: [-0.1, NAN, INF] for name in ("alike", "words", "interests", "fresh")},
        "k1": [-0.1, NAN, INF],
        "b": [-0.1, 1.1, NAN],
        "smooth": [0, 1.1, NAN],
        "guides": [-0.1, 1.1, NAN],
        "plain": [0, NAN, INF],
        "last": [0],
        "fading": [0, 1.1, NAN],
        "groups": [0],
        "near": [0, 1.1, NAN],
        "offered": [0],
        "few": [0, NAN, INF],
        "bonus": [-0.1, NAN, INF],
    },
    BudgetParams: {
        "kappa": [0.9, 10.1, NAN],
        **{name: [-0.1, NAN, INF] for name in ("slack", "alone", "alone_slack")},
        **{name: [-0.1, NAN, INF] for name in ("pair", "pair_slack")},
        "quorum": [0, 1.1, NAN],
    },
}


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (kind, name, value)
        for kind, fields in REFUSED.items()
        for name, values in fields.items()
        for value in values
    ],
)
def test_what_is_out_of_range_is_refused_by_name(kind: type, name: str, value: object) -> None:
    with pytest.raises(ParamError, match=f"{name} must be") as refused:
        kind(**{name: value})
    assert repr(value) in str(refused.value)


def test_every_parameter_of_the_table_is_tried() -> None:
    for kind, fields in REFUSED.items():
        assert set(fields) == set(kind.__dataclass_fields__)  # type: ignore[attr-defined]


def test_the_defaults_are_legal_and_the_edges_too() -> None:
    Params()
    RankParams(eta=0, social=1, recency=1, rounds=3, floor=0, admission=10)
    BudgetParams(kappa=1, slack=0)
    TuneParams(work=0, etas=(), populars=(), socials=(), rounds=(), alikes=(), recencies=())
