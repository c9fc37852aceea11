"""How good, how safe: splits, metrics, baselines and attacks, all as plain values.

Nothing in here knows how the recommender works; `splits`, `metrics` and `popularity` do not even
know that there is one. What runs a recommender on them imports both.
"""

from web3rec.eval.attacks import STRATEGIES, Attack, AttackPlan, Scene, Sybil, copy_the_victim
from web3rec.eval.metrics import (
    average_precision_at,
    exposure_at,
    hit_at,
    ndcg_at,
    recall_at,
    spam_slots_at,
)
from web3rec.eval.neighbourhood import Neighbourhood, neighbourhood, within
from web3rec.eval.popularity import by_popularity, popular
from web3rec.eval.splits import compress_times, hold_out, newest
from web3rec.eval.synthetic_trust import synthetic_trust

__all__ = [
    "STRATEGIES",
    "Attack",
    "AttackPlan",
    "Neighbourhood",
    "Scene",
    "Sybil",
    "average_precision_at",
    "by_popularity",
    "compress_times",
    "copy_the_victim",
    "exposure_at",
    "hit_at",
    "hold_out",
    "ndcg_at",
    "neighbourhood",
    "newest",
    "popular",
    "recall_at",
    "spam_slots_at",
    "synthetic_trust",
    "within",
]
