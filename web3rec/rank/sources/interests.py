"""Several interests: the ego's items in groups, and a place in the list for each group.

One walk from all items lets the largest interest fill the list. Here the ego's items are grouped by
who holds them together (average linkage on the cosine of `alike`), each group proposes on its own,
and the groups take turns by Sainte-Laguë's rule, so that a group with a tenth of the ego's taste
has about a tenth of every prefix. Related: kNN-Embed (El-Kishky et al., 2022).

A place in that order is worth 1 / log2(place + 1), so the scores say nothing of how sure a group
is. Measured on HetRec it neither helped nor harmed accuracy, so its weight is 0 by default; it is
for apps that want every interest seen. See docs/decisions/0012.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from web3rec.graph import Snapshot
from web3rec.params import SourceParams
from web3rec.rank.candidates import best
from web3rec.rank.sources.sight import Sight
from web3rec.rank.sources.voices import Chorus, Voices, spoken
from web3rec.types import Indices, Weights


@dataclass(frozen=True, slots=True, eq=False)
class Interest:
    """Own items that are held together."""

    items: Indices
    """int32[own items of the group], ascending"""
    share: float
    """The group's part of the ego's recent taste, in (0, 1]; they sum to 1"""
    said: Voices
    """What the listeners of the group's items say"""


def interests_of(sight: Sight, params: SourceParams) -> tuple[Interest, ...]:
    """Group the ego's last items and ask the listeners of each group.

    Returns:
        The groups, largest share first, then by their first item; none without a history.

    Cost: O(n^2 listeners + n^3) for the n <= `params.last` items, and `alike` for each group.
    """
    graph = sight.snapshot
    own = graph.rows.row(graph.ego)[0]
    order = np.lexsort((own, -graph.rows.row(graph.ego)[1], graph.recency[own]))
    own = np.sort(own[order][: params.last])
    degree = np.maximum(1.0, sight.admission.degree)
    recent = params.fading ** graph.recency[own]
    others, found = sight.others, []
    for group in _grouped(_cosines(graph, own, others, degree), params):
        edges = graph.cols.gather(own[group])
        shared = np.bincount(
            edges.cols,
            weights=(recent[group] / np.sqrt(degree[own[group]]))[edges.owner],
            minlength=len(graph.users),
        )
        said = spoken("interest", graph, shared * others, 1 / np.sqrt(degree), held=True)
        found.append(Interest(own[group], float(recent[group].sum() / recent.sum()), said))
    return tuple(sorted(found, key=lambda one: (-one.share, int(one.items[0]))))


def interests(sight: Sight, params: SourceParams) -> Chorus:
    """Let the groups take turns: at each place the one with the largest share / (2 places + 1).

    Cost: that of `interests_of`, and O(items) for each group.
    """
    groups = interests_of(sight, params)
    n_items = len(sight.snapshot.items)
    queues = [best(one.said.scores, sight.allowed, params.offered).tolist() for one in groups]
    factor = np.zeros((len(groups), n_items))
    turns, next_up = np.zeros(len(groups)), [0] * len(groups)
    shares = np.array([one.share for one in groups])
    taken: set[int] = set()
    while len(taken) < params.offered:
        for at, queue in enumerate(queues):
            while next_up[at] < len(queue) and queue[next_up[at]] in taken:
                next_up[at] += 1
        waiting = np.array([at < len(q) for at, q in zip(next_up, queues, strict=True)], bool)
        if not waiting.any():
            break
        turn = int(np.argmax(np.where(waiting, shares / (2 * turns + 1), -1.0)))
        item = queues[turn][next_up[turn]]
        worth = 1 / np.log2(len(taken) + 2)
        said = groups[turn].said
        factor[turn, item] = worth / (said.scores[item] / said.factor[item])
        turns[turn] += 1
        taken.add(item)
    voices = tuple(
        Voices("interest", one.said.speakers, _worth(one.said, kept), kept, held=True)
        for one, kept in zip(groups, factor, strict=True)
    )
    total: Weights = np.zeros(n_items)
    for voice in voices:
        total += voice.scores
    return Chorus(voices, total)


def _worth(said: Voices, factor: Weights) -> Weights:
    """The scores that a new factor gives to what the same speakers say."""
    raw = np.divide(said.scores, said.factor, out=np.zeros(len(factor)), where=said.factor > 0)
    worth: Weights = raw * factor
    return worth


def _cosines(
    graph: Snapshot, own: Indices, others: Weights, degree: Weights
) -> npt.NDArray[np.float64]:
    """float64[n, n]: cosine of every two of these items among the admitted."""
    edges = graph.cols.gather(own)
    users, at = np.unique(edges.cols, return_inverse=True)
    held = np.zeros((len(own), len(users)))
    held[edges.owner, at] = np.sqrt(others[edges.cols])
    norm = np.sqrt(degree[own])
    together: npt.NDArray[np.float64] = (held @ held.T) / np.outer(norm, norm)
    return together


def _grouped(alike: npt.NDArray[np.float64], params: SourceParams) -> list[npt.NDArray[np.intp]]:
    """Average linkage: join the two nearest groups while there are too many, or they are near.

    Of equal pairs the first. -> positions of each group, ascending.
    """
    groups = [[n] for n in range(len(alike))]
    total = alike.copy()  # sums of cosines between groups
    np.fill_diagonal(total, -np.inf)
    size = np.ones(len(alike))
    while len(groups) > 1:
        mean = total / np.outer(size, size)
        one, other = sorted(divmod(int(np.argmax(mean)), len(groups)))
        if len(groups) <= params.groups and mean[one, other] < params.near:
            break
        total[one] += total[other]
        total[:, one] = total[one]
        total[one, one] = -np.inf
        total = np.delete(np.delete(total, other, 0), other, 1)
        size[one] += size[other]
        size = np.delete(size, other)
        groups[one] += groups.pop(other)
    return [np.array(sorted(group), np.intp) for group in groups]
