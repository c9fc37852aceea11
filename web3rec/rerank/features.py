"""The table that every reranker reads: one row a candidate, one documented column a clue.

Columns are raw numbers, float32; each model scales them itself and carries its scale with it. What
other people have a part in goes through admission, whose sums attackers cannot raise at will (law
A1), or is a logarithm or a share. Pure NumPy; the same for the ego's list and for a replay of
somebody else's past (`rerank.history`), which is what models learn from.

Shared listeners of a candidate are the admitted people who hold it and something of the asker's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.errors import DataError
from web3rec.params import SourceParams
from web3rec.rank.replay import Past, Window
from web3rec.rank.sources.voices import Chorus, Voices
from web3rec.rank.steps import pulled_at, step
from web3rec.rank.vouching import Vouching
from web3rec.rerank.following import Paces, followers
from web3rec.rerank.texts import Texts
from web3rec.types import Indices, ItemKey, Weights
from web3rec.view import View

COLUMNS: Final = {
    "graph": "the blended score as a share of the best candidate's; (0, 1]",
    "place": "1 / log2(place in the graph's order + 1), the best being place 1; (0, 1]",
    "walk": "the walk's score as a share of the best candidate's; [0, 1]",
    "alike": "item to item with recent own items, as a share of the best candidate's; [0, 1]",
    "lasting": "item to item with all own items alike, as a share of the best's; [0, 1]",
    "far": "ln of the blended score's share, no lower than ln 1e-4; [-9.3, 0]",
    "popular": "ln(1 + admitted people who hold it); >= 0",
    "support": "ln(1 + shared listeners, each by its admission); >= 0",
    "trust": "trust in the most trusted shared listener, as a share of the most trusted; [0, 1]",
    "sponsors": "how many equal friends the shared listeners' trust is worth, (sum)^2 / sum of "
    "squares; 0 where nobody vouches; >= 0",
    "recent": "how far its closeness to own items is due to the newest ones, each newer act "
    "counting 1 / fading times as much; [0, 1]",
    "next": "how often it follows the newest own items soon, in others' histories, as a share of "
    "the best candidate's; 0 where no times are known; [0, 1]",
    "words_mean": "cosine of its words to those of the newest own items, mean by recency; [0, 1]",
    "words_max": "the same, of the closest of them; [0, 1]",
    "error": "error bound of trust over the trust in the most trusted shared listener; [0, 1]",
}
"""Each column's name, meaning, unit and range, in order."""
NAMES: Final = tuple(COLUMNS)
FAINT: Final = 1e-4
"""The share of the best score below which a score is no lower to `far`."""
HISTORY: Final = 64
"""Own items that a model may look up, at most: the newest, and of one moment the heaviest."""


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """Which items a list is about, for models that know items by vectors."""

    items: tuple[ItemKey, ...]
    """The item of each row, as bundles know it"""
    history: tuple[ItemKey, ...]
    """What the asker has, newest first; at most HISTORY, none twice, none of `items`"""
    newer: Weights
    """float64[len(history)], rising: how many newer acts there are to each; 0 for all where no
    times are known"""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Candidates as a model sees them."""

    values: npt.NDArray[np.float32]
    """float32[n, len(NAMES)], finite"""
    order: npt.NDArray[np.int64]
    """int64[n], a permutation: the rows as the graph orders them, best first"""
    content: Content | None = None
    """Which items these are; None: not told, and a model of vectors cannot answer"""

    def __post_init__(self) -> None:
        """Raises DataError if that is not what they are."""
        n = len(self.values)
        if self.content is not None and len(self.content.items) != n:
            raise DataError(f"wanted an item for each of {n} rows, got {len(self.content.items)}")
        if self.values.shape != (n, len(NAMES)) or self.values.dtype != np.float32:
            raise DataError(
                f"wanted float32 features of shape (n, {len(NAMES)}), "
                f"got {self.values.dtype} {self.values.shape}"
            )
        if not np.isfinite(self.values).all():
            raise DataError("wanted finite features, got NaN or infinity")
        if self.order.shape != (n,) or not np.array_equal(np.sort(self.order), np.arange(n)):
            raise DataError(f"wanted an order of {n} rows, each once")

    def __len__(self) -> int:
        return len(self.values)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a device knows, whoever asks."""

    window: Window
    tau: Weights
    """float64[users]: trust, the ego's"""
    residual: float
    """Error bound of tau"""
    vouching: Vouching
    paces: Paces | None = None
    """In which order people did things, where times are known"""
    texts: Texts | None = None
    """What items are called, where that is known"""
    keys: Sequence[ItemKey] | None = None
    """What bundles call the window's items, where that is not what the window calls them (an
    experiment numbers its items)"""

    @staticmethod
    def of(
        view: View,
        paces: Paces | None = None,
        texts: Texts | None = None,
        keys: Sequence[ItemKey] | None = None,
    ) -> "Seen":
        """Cost: O(nnz)."""
        window = Window.of(view.snapshot, view.admission)
        trust = view.trust
        return Seen(window, trust.tau, trust.residual, view.vouching, paces, texts, keys)

    def called(self, items: Indices) -> tuple[ItemKey, ...]:
        """What bundles call some items of the window. Cost: .2 µs each."""
        if self.keys is not None:
            return tuple(map(self.keys.__getitem__, items.tolist()))
        return tuple(map(ItemKey, self.window.snapshot.items.ids.taken(items)))


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What the sources say of every item, to whoever asks."""

    blended: Weights
    """float64[items], >= 0"""
    walk: Weights
    """float64[items], >= 0"""
    alike: Weights
    """float64[items], >= 0"""

    @staticmethod
    def of(chorus: Chorus) -> "Said":
        """The parts of a blend, by their names; a source that was not asked says nothing."""
        nothing = np.zeros(len(chorus.scores))
        by_name = {voice.name: voice.scores for voice in chorus.voices}
        walk, alike = by_name.get("taste", nothing), by_name.get("alike", nothing)
        return Said(chorus.scores, walk, alike)


def features(
    seen: Seen, asker: Past, said: Said, items: Indices, params: SourceParams | None = None
) -> Features:
    """Describe candidates.

    Args:
        seen: the graph and what goes with it.
        asker: whose list it is, and what it has; what it hides is not looked at.
        said: what the sources say to the asker.
        items: int32[n], the candidates in the graph's order, best first; none the asker has.
        params: how fast own items fade, and how many of them count as recent.

    Returns:
        One row for each of `items`, in their order.

    Cost: O(edges of the asker's neighbourhood and of the items' listeners * sponsors).
    """
    params = params or SourceParams()
    n = len(items)
    order = np.arange(n, dtype=np.int64)
    if not n:
        return Features(np.zeros((0, len(NAMES)), np.float32), order, _content(seen, asker, items))
    shared = _Shared.of(seen, asker, items, params)
    graph = _share(said.blended[items])
    nothing, recent = np.zeros(n), params.fading**asker.newer
    mean, most = nothing, nothing
    if seen.texts is not None:
        mean, most = seen.texts.likeness(asker.shown, recent, items)
    following = nothing
    if seen.paces is not None:
        following = followers(seen.window, seen.paces, asker, items, params.fading)
    column = {
        "graph": graph,
        "place": 1 / np.log2(order + 2.0),
        "walk": _share(said.walk[items]),
        "alike": _share(said.alike[items]),
        "lasting": _share(shared.lasting),
        "far": np.log(np.maximum(FAINT, graph)),
        "popular": np.log1p(shared.degree),
        "support": np.log1p(shared.support),
        "trust": shared.trust,
        "sponsors": shared.sponsors,
        "recent": shared.recent,
        "next": _share(following),
        "words_mean": mean,
        "words_max": most,
        "error": shared.error,
    }
    values = np.column_stack([column[name] for name in NAMES]).astype(np.float32)
    return Features(values, order, _content(seen, asker, items))


def _content(seen: Seen, asker: Past, items: Indices) -> Content:
    newest = np.lexsort((asker.shown, -asker.row, asker.newer))[:HISTORY]
    return Content(
        seen.called(items),
        seen.called(asker.shown[newest]),
        asker.newer[newest].astype(np.float64),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Shared:
    """What the shared listeners of each candidate come to; float64[n] each."""

    degree: Weights
    lasting: Weights
    recent: Weights
    support: Weights
    trust: Weights
    sponsors: Weights
    error: Weights

    @staticmethod
    def of(seen: Seen, asker: Past, items: Indices, params: SourceParams) -> "_Shared":
        window, who = seen.window, asker.voter
        held, listed = window.held, window.listed
        degree = window.admission.degree.copy()
        degree[window.snapshot.rows.row(who)[0]] -= window.admission.weights[who]
        degree = np.maximum(0.0, degree)
        others = window.admission.weights.copy()
        others[who] = 0
        start = np.zeros(len(degree))
        start[asker.shown] = 1 / np.sqrt(np.maximum(1.0, degree[asker.shown] + 1))
        speakers = others * step(listed, held, start)
        lasting = pulled_at(listed, items, speakers)
        start[asker.shown] *= params.fading**asker.newer
        newest = pulled_at(listed, items, others * step(listed, held, start))
        sharing = np.where(speakers > 0, others, 0.0)
        trust = seen.tau.copy()
        trust[window.snapshot.ego] = 0
        edges = listed.gather(items)
        best = np.zeros(len(items))
        np.maximum.at(best, edges.owner, np.where(sharing > 0, trust, 0.0)[edges.cols])
        most = float(trust.max())
        ones = np.ones(len(degree))
        voice = Voices("", sharing, ones, ones, held=True)
        paid = voice.parts(window.snapshot, items, seen.vouching)
        return _Shared(
            degree[items],
            lasting / np.sqrt(np.maximum(1.0, degree[items])),
            _ratio(newest, lasting),
            pulled_at(listed, items, sharing),
            best / most if most > 0 else best,
            _ratio(paid.sum(axis=1) ** 2, (paid**2).sum(axis=1)),
            np.minimum(1.0, _ratio(np.full(len(items), seen.residual), best)),
        )


def _share(scores: Weights) -> Weights:
    """Of the best one's; 0 where there is none."""
    most = scores.max(initial=0.0)
    return scores / most if most > 0 else np.zeros(len(scores))


def _ratio(part: Weights, whole: Weights) -> Weights:
    """0 where there is no whole."""
    found: Weights = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    return found
