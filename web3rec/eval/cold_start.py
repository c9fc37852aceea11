"""The first list of somebody who has done nothing yet and gives three words.

All of a person's acts are hidden; its friends stay. The words are the three tags it gives most
often, and items are described by what everybody else calls them: not one of its own tags is in
the descriptions, else the words would name the hidden items. Measured beside popularity among
everybody else, and beside the same list without words.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trust import Digraph, TrustParams
from web3rec.adapters import Dataset
from web3rec.adapters.hetrec import Tagging, top_tags
from web3rec.eval.arena import Arena
from web3rec.eval.metrics import ndcg_at
from web3rec.graph import Csr, Snapshot
from web3rec.params import Params
from web3rec.pipeline import Request, listing
from web3rec.rank.admission import Mode
from web3rec.rank.candidates import best
from web3rec.rank.sources import WordIndex
from web3rec.types import Indices, Item, ItemId
from web3rec.view import View, seen_as, view_of

WORDS = 3
SETTINGS = ("closed", "open", "friendless")
"""Friends and whom they trust speak; everyone does; everyone, and nobody trusts anybody."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """NDCG of one person's first lists."""

    person: str
    words: tuple[str, ...]
    popular: float
    """What most of the others hold"""
    asked: Mapping[str, float]
    """With words, by `SETTINGS`"""
    silent: Mapping[str, float]
    """Without"""


def own_words(taggings: Collection[Tagging], count: int = WORDS) -> dict[str, tuple[str, ...]]:
    """Each person's most given tags, ties by text; people with fewer are left out."""
    given: dict[str, Counter[str]] = defaultdict(Counter)
    for one in taggings:
        given[one.user][one.word] += 1
    found = {
        user: tuple(sorted(tags, key=lambda tag: (-tags[tag], tag))[:count])
        for user, tags in given.items()
    }
    return {user: tags for user, tags in found.items() if len(tags) == count}


def drawn(
    dataset: Dataset,
    taggings: Collection[Tagging],
    number: int,
    rng: np.random.Generator,
    without: Collection[str] = (),
    least: int = 10,
) -> list[str]:
    """People to ask: with three words of their own and at least `least` items to be found."""
    held: dict[str, set[ItemId]] = defaultdict(set)
    for act in dataset.acts:
        held[act.user].add(act.item)
    spoken = own_words(taggings).keys() - set(without)
    able = sorted(user for user in spoken if len(held[user]) >= least)
    return [str(user) for user in rng.choice(able, min(number, len(able)), replace=False)]


def cold_starts(
    dataset: Dataset,
    taggings: Collection[Tagging],
    people: Sequence[str],
    params: Params | None = None,
    limit: int = 20,
) -> Iterator[Outcome]:
    """Hide one person after another, and ask for its first list.

    Args:
        dataset: acts, friends and items; the items' own tags are not used.
        taggings: who called what how.
        people: each with at least three tags given and one act that is not local.
        params: the pipeline's.
        limit: places of a list.

    Cost: about a second a person on HetRec, most of it for indexing the descriptions anew.
    """
    numbers, words = params or Params(), own_words(taggings)
    arena, described = Arena.of(dataset), _Descriptions(dataset, taggings)
    for person in people:
        graph = arena.snapshot_for(person)
        hidden = set(graph.rows.row(graph.ego)[0].tolist())
        graph = _without_acts(graph)
        count = np.diff(graph.cols.starts).astype(np.float64)
        popular = best(count, np.ones(len(count), np.bool_), limit).tolist()
        catalogue = {arena.items[ItemId(i.id)]: i for i in described.without(person)}
        index = WordIndex.of(catalogue, numbers.sources)
        views = dict(zip(SETTINGS, _views(graph, numbers), strict=True))

        def scored(seen: View, asked: tuple[str, ...]) -> float:
            request = Request(limit, frozenset(), words=asked)
            found = listing(seen, request, {}, numbers, index)  # noqa: B023 - used at once
            keys = [entry.key for entry in found.entries]
            return ndcg_at(graph.items.numbers(keys).tolist(), hidden, limit)  # noqa: B023

        yield Outcome(
            person,
            words[person],
            ndcg_at(popular, hidden, limit),
            {name: scored(seen, words[person]) for name, seen in views.items()},
            {name: scored(seen, ()) for name, seen in views.items()},
        )


def _views(graph: Snapshot, params: Params) -> Iterator[View]:
    """In the order of SETTINGS."""
    nobody: Indices = np.zeros(0, np.int32)
    closed = view_of(graph, nobody, Mode.CLOSED, params, TrustParams())
    yield closed
    yield seen_as(closed, Mode.OPEN, params)
    alone = replace(graph, trust=Digraph.from_edges(len(graph.users), nobody, nobody, np.zeros(0)))
    yield view_of(alone, nobody, Mode.OPEN, params, TrustParams())


class _Descriptions:
    """The catalogue as it would be if somebody had never given a tag."""

    def __init__(self, dataset: Dataset, taggings: Collection[Tagging]) -> None:
        self.items, self.tags = dataset.items, top_tags(taggings)
        self.given: dict[ItemId, list[Tagging]] = defaultdict(list)
        self.named: dict[str, set[ItemId]] = defaultdict(set)
        for one in taggings:
            self.given[one.item].append(one)
            self.named[one.user].add(one.item)

    def without(self, person: str) -> Iterator[Item]:
        left = [one for i in self.named[person] for one in self.given[i] if one.user != person]
        tags = self.tags | dict.fromkeys(self.named[person], ()) | top_tags(left)
        for item in self.items:
            yield replace(item, tags=tags.get(ItemId(item.id), ()))


def _without_acts(graph: Snapshot) -> Snapshot:
    """The graph in which the ego has done nothing yet."""
    rows, ego = graph.rows, graph.ego
    first, last = int(rows.starts[ego]), int(rows.starts[ego + 1])
    starts = rows.starts.copy()
    starts[ego + 1 :] -= last - first
    gone = slice(first, last)
    kept = Csr(starts, np.delete(rows.cols, gone), np.delete(rows.weights, gone), rows.n_cols)
    return replace(graph, rows=kept, cols=kept.transpose(), recency=np.zeros(len(graph.items)))
