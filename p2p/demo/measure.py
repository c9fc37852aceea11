"""What the demo reports: each ego's list, how good it is, and how much of it spam ever took."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from p2p.demo.assault import Assault
from p2p.demo.cast import Cast, Person
from p2p.demo.stage import Stage
from web3rec.batch import Batch
from web3rec.eval.bound import positions_bound
from web3rec.eval.metrics import exposure_at, ndcg_at, spam_slots_at
from web3rec.eval.popularity import by_popularity, popular
from web3rec.rank.admission import Mode
from web3rec.recommender import Recommender
from web3rec.records import item_key
from web3rec.types import ItemKey, PeerId

K = 20
"""Positions that are measured, however many are printed."""


@dataclass(frozen=True, slots=True)
class Line:
    """One position as it is shown."""

    title: str
    score: float
    reason: str
    spam: bool


@dataclass(frozen=True, slots=True)
class EgoReport:
    """One ego, before the attack and during it; slots, exposure and NDCG are over 20 positions."""

    ego: str
    node: int
    friends: int
    list: tuple[Line, ...]
    ndcg_ours: float
    ndcg_popular: float
    hidden: int
    list_attacked: tuple[Line, ...] = ()
    compromised: str = ""
    spam_slots_open: int = 0
    spam_slots_friends: int = 0
    spam_slots_ours: int = 0
    spam_slots_all: int = 0
    """Spam in its list while it has blocked nobody and all egos are attacked at once"""
    exposure_open: float = 0.0
    exposure_ours: float = 0.0
    bound: float = 0.0
    """B1, in positions: see web3rec.eval.bound"""
    ndcg_open_attacked: float = 0.0
    ndcg_friends_attacked: float = 0.0
    ndcg_ours_attacked: float = 0.0
    overruns: int = 0
    model: str | None = None
    """What ordered its list before the attack; None: the graph's own order"""
    model_attacked: str | None = None
    model_note: str = ""
    """Why a model is not used, during the attack if there was one"""

    @property
    def bound_held(self) -> bool:
        return self.spam_slots_ours <= self.bound + 1e-9

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"bound_held": self.bound_held}


def before(cast: Cast, stage: Stage, listed: int) -> list[EgoReport]:
    """Every ego's list on its own node, against what is popular in the whole data set."""
    ranking = by_popularity(act for person in cast.people for act in person.acts)
    reports = []
    for number, ego in enumerate(cast.egos):
        rec = stage.actors[number].rec
        batch = rec.recommend(K)
        hidden = {item_key(item) for item in cast.hidden[ego.name]}
        seen = {act.item for act in ego.acts}
        reports.append(
            EgoReport(
                ego=ego.name,
                node=number + 1,
                friends=len(ego.trusts),
                list=_lines(batch, frozenset(), listed),
                ndcg_ours=_ndcg(batch, hidden),
                ndcg_popular=ndcg_at(
                    [item_key(item) for item in popular(ranking, seen, K)], hidden, K
                ),
                hidden=len(hidden),
                model=_model(batch),
                model_note=batch.model_note,
            )
        )
    return reports


def during(
    cast: Cast,
    stage: Stage,
    attacks: Sequence[Assault],
    calm: Sequence[EgoReport],
    listed: int,
) -> list[EgoReport]:
    """The same egos once all attacks are in their logs, under three rules.

    Each ego's device first blocks the friends who turned against the *other* egos: a line of the
    table is one attack through one friend, as its bound is. (`spam_slots_all` is without that.)
    """
    turned = frozenset(attack.friend.peer for attack in attacks)
    all_spam = frozenset(key for attack in attacks for key in attack.spam)
    by_ego = {attack.ego.name: attack for attack in attacks}
    return [
        _attacked(
            stage.actors[number].rec, ego, cast, by_ego[ego.name], all_spam, turned, report, listed
        )
        if ego.name in by_ego
        else report
        for number, (ego, report) in enumerate(zip(cast.egos, calm, strict=True))
    ]


def _attacked(
    rec: Recommender,
    ego: Person,
    cast: Cast,
    attack: Assault,
    all_spam: frozenset[ItemKey],
    turned: frozenset[PeerId],
    calm: EgoReport,
    listed: int,
) -> EgoReport:
    hidden = {item_key(item) for item in cast.hidden[ego.name]}
    at_once = rec.recommend(K)
    for other in turned - {attack.friend.peer}:
        rec.block(other)
    ours = rec.recommend(K)
    open_ = rec.recommend(K, mode=Mode.OPEN)
    friends = rec.recommend(K, mode=Mode.FRIENDS)
    flags = [one.key in all_spam for one in ours]
    open_flags = [one.key in all_spam for one in open_]
    return replace(
        calm,
        list_attacked=_lines(ours, all_spam, listed),
        compromised=attack.friend.name,
        spam_slots_open=spam_slots_at(open_flags, K),
        spam_slots_friends=spam_slots_at([one.key in all_spam for one in friends], K),
        spam_slots_ours=spam_slots_at(flags, K),
        spam_slots_all=sum(one.key in all_spam for one in at_once),
        exposure_open=exposure_at(open_flags, K),
        exposure_ours=exposure_at(flags, K),
        bound=positions_bound(rec.view(), attack.sybils, K, rec.options.params),
        ndcg_open_attacked=_ndcg(open_, hidden),
        ndcg_friends_attacked=_ndcg(friends, hidden),
        ndcg_ours_attacked=_ndcg(ours, hidden),
        overruns=ours.overruns,
        model_attacked=_model(ours),
        model_note=ours.model_note,
    )


def _model(batch: Batch) -> str | None:
    return None if batch.model is None else str(batch.model)


def _ndcg(batch: Batch, hidden: set[ItemKey]) -> float:
    return ndcg_at([one.key for one in batch], hidden, K)


def _lines(batch: Batch, spam: frozenset[ItemKey], limit: int) -> tuple[Line, ...]:
    return tuple(
        Line(one.item.title or str(one.item.id), one.score, one.reason, one.key in spam)
        for one in batch[:limit]
    )
