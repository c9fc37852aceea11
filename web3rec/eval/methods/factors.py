"""Matrix factorisation by the library `implicit`: ALS and BPR, on one thread and seeded.

Sources: Hu, Koren & Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM
2008; Rendle et al., "BPR: Bayesian personalized ranking from implicit feedback", UAI 2009.
"""

from typing import Any

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from implicit.cpu.bpr import BayesianPersonalizedRanking
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from web3rec.eval.arena import Arena
from web3rec.eval.methods.method import Ranker, Scored, Settings
from web3rec.types import Weights


def als(
    arena: Arena,
    settings: Settings,
    *,
    factors: int = 64,
    regularization: float = 50.0,
    alpha: float = 10.0,
    iterations: int = 15,
) -> Ranker:
    """Alternating least squares on 0/1 feedback; `alpha` is the confidence in a 1.

    The defaults are the best of 19 settings on the validation rows of the LightGCN++ split of
    Last.fm (NDCG@20 .2018; 10 instead of 50: .1838; 128 factors: .2018).
    """
    with threadpool_limits(1):  # here: a caller's limit came before this module loaded its BLAS
        model = AlternatingLeastSquares(
            factors=factors,
            regularization=regularization,
            alpha=alpha,
            iterations=iterations,
            num_threads=1,
            random_state=settings.seed,
        )
        return _fitted(model, arena)


def bpr(
    arena: Arena,
    settings: Settings,
    *,
    factors: int = 64,
    learning_rate: float = 0.02,
    regularization: float = 0.03,
    iterations: int = 300,
) -> Ranker:
    """Pairwise ranking by stochastic gradient.

    The defaults are the best of 19 settings on the same rows (.1218): this implementation stays
    far below what others report of BPR.
    """
    model = BayesianPersonalizedRanking(
        factors=factors,
        learning_rate=learning_rate,
        regularization=regularization,
        iterations=iterations,
        num_threads=1,
        random_state=settings.seed,
    )
    return _fitted(model, arena)


def _fitted(model: Any, arena: Arena) -> Ranker:
    rows = arena.graph.rows
    ones = np.ones(rows.nnz, np.float32)
    shape = (rows.n_rows, rows.n_cols)
    # Copied: ours are read-only, which the library's loops refuse even to look at.
    matrix = csr_matrix((ones, rows.cols, rows.starts), shape=shape, copy=True)
    model.fit(matrix, show_progress=False)
    users, items = model.user_factors, model.item_factors

    def scores(user: int) -> Weights:
        found: Weights = (items @ users[user]).astype(np.float64)
        # Only positive scores are ranked, and only their order counts.
        shifted: Weights = found - found.min() + 1
        return shifted

    return Scored(arena, scores)
