"""The data set a recipe names: what everybody is known to have, what is hidden, who learns.

Everybody's newest items are hidden (or those the data set itself hides), and the graph is built of
what stays. People are dealt into three parts: a student learns from what was hidden of the first,
everything is chosen and gated on the second, and the third is looked at once, at the end. So
nothing that is fitted on what stays (the graph, item vectors) knows any answer, and teachers that
read somebody's whole training history have not read what the student is asked for.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from web3rec.adapters import Act, Dataset, read_hetrec, read_movielens, read_pairs, read_split
from web3rec.adapters.hetrec import read_taggings, top_tags
from web3rec.distill.forgotten import Forgotten
from web3rec.distill.recipe import DataPart, Recipe
from web3rec.distill.recipe_toml import Written
from web3rec.errors import DataError
from web3rec.eval.splits import compress_times, hold_out
from web3rec.eval.task import NOW
from web3rec.types import Item, ItemId

TRAIN, VALID, TEST = 0, 1, 2
PARTS: Final = ("train", "valid", "test")
LEAST_PEOPLE: Final = 40


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """A data set, divided."""

    stay: Dataset
    """What everybody is known to have; no trust in it: what is learnt is for everyone"""
    hidden: Mapping[str, frozenset[ItemId]]
    """Of everybody who is asked about, in the data set's order; never empty"""
    part: Mapping[str, int]
    """The same people -> TRAIN, VALID or TEST"""

    def learning(self) -> tuple[Dataset, dict[str, frozenset[ItemId]]]:
        """What a cross-fitted teacher may see: what stays, and what was hidden of those who learn;
        and that by person.
        """
        targets = {p: own for p, own in self.hidden.items() if self.part[p] == TRAIN}
        kind = self.stay.acts[0].kind
        at = max((act.at for act in self.stay.acts if act.at is not None), default=None)
        more = tuple(
            Act(person, item, kind, at=at)
            for person, own in targets.items()
            for item in sorted(own)
        )
        return replace(self.stay, acts=self.stay.acts + more), targets


def sources(written: Written) -> list[Path]:
    """The files and folders of the data set. Raises DataError: one is not there."""
    data = written.recipe.data
    said = {"data.path": data.path, "data.train": data.train, "data.test": data.test}
    said["data.catalogue"] = data.catalogue
    return [written.path(path, what) for what, path in said.items() if path]


def material(written: Written) -> Material:
    """Read the data set, hide, and deal people into parts.

    Raises:
        DataError: a file is missing or damaged, or too few people are left.
    """
    recipe = written.recipe
    if recipe.shards.count > 1:
        raise DataError("this recipe has shards, each with a material of its own")
    whole, hidden = _divided(written)
    acts = timed(whole.acts, recipe)
    known = {act.user for act in acts}
    asked = [person for person in whole.people if person in hidden and person in known]
    rng = np.random.default_rng([recipe.seed, 31])
    order = rng.permutation(len(asked))[: recipe.lessons.people].tolist()
    if len(order) < LEAST_PEOPLE:
        raise DataError(
            f"{len(order)} people have something hidden, wanted {LEAST_PEOPLE}: give more data",
            where=whole.name,
        )
    valid = max(1, round(recipe.split.valid * len(order)))
    test = max(1, round(recipe.split.test * len(order)))
    part = {asked[n]: VALID if k < valid else TEST for k, n in enumerate(order[: valid + test])}
    part |= {asked[n]: TRAIN for n in order[valid + test :]}
    chosen = [asked[n] for n in sorted(order)]
    return Material(
        replace(whole, acts=acts, trust=()),
        {person: hidden[person] for person in chosen},
        {person: part[person] for person in chosen},
    )


def timed(acts: tuple[Act, ...], recipe: Recipe) -> tuple[Act, ...]:
    """Acts as a device would know them: within the last weeks, or without a time."""
    if not recipe.data.times:
        return tuple(replace(act, at=None) for act in acts)
    return compress_times(acts, NOW) if any(act.at is not None for act in acts) else acts


def known_names(written: Written) -> tuple[frozenset[str], frozenset[str]]:
    """Names of all people, and ids of all items, that the data knows and nobody asked to forget.

    Raises DataError as `material` does.
    """
    whole, hidden = _divided(written)
    targets = (item for own in hidden.values() for item in own)
    return frozenset((*whole.people, *hidden)), frozenset((*(i.id for i in whole.items), *targets))


def divided(written: Written) -> tuple[Dataset, Mapping[str, frozenset[ItemId]] | None]:
    """The data set without what was forgotten; and what it hides itself, None if it does not.

    Raises DataError as `material` does.
    """
    data, gone = written.recipe.data, written.forgotten
    if data.format == "parts":
        train, test = (
            passed_over(_prefixed(read_pairs(written.path(path, what)), data), gone)
            for path, what in ((data.train, "data.train"), (data.test, "data.test"))
        )
        whole = _catalogued(_plain(train, test), written)
        hidden: dict[str, set[ItemId]] = {}
        own = {(act.user, act.item) for act in whole.acts}
        for act in test.acts:
            if (act.user, act.item) not in own:
                hidden.setdefault(act.user, set()).add(act.item)
        return whole, {person: frozenset(found) for person, found in hidden.items()}
    path = written.path(data.path, "data.path")
    if data.format == "split":
        split = read_split(path)
        parts = [
            {
                person: frozenset(
                    item
                    for item in (ItemId(data.prefix + name) for name in own)
                    if not gone.item(item)
                )
                for person, own in part.items()
                if not gone.person(person)
            }
            for part in (split.valid, split.test)
        ]
        named = {item for part in parts for own in part.values() for item in own}
        whole = passed_over(_prefixed(split.train, data), gone, also=named)
        targets = parts[0] if split.valid else parts[1]
        return _catalogued(whole, written), {person: own for person, own in targets.items() if own}
    if data.format == "pairs":
        return _catalogued(passed_over(_prefixed(read_pairs(path), data), gone), written), None
    return _described(path, data.format, gone), None


def _divided(written: Written) -> tuple[Dataset, Mapping[str, frozenset[ItemId]]]:
    whole, hidden = divided(written)
    return (whole, hidden) if hidden is not None else hiding(whole, written.recipe, 30)


def hiding(
    whole: Dataset, recipe: Recipe, *stream: int
) -> tuple[Dataset, dict[str, frozenset[ItemId]]]:
    """Hide everybody's newest; `stream`: of the seed, where there are no times."""
    if not recipe.data.times:
        whole = replace(whole, acts=tuple(replace(act, at=None) for act in whole.acts))
    rng = np.random.default_rng([recipe.seed, *stream])
    stay, latest = hold_out(whole, whole.people, share=recipe.split.hidden, rng=rng)
    return replace(whole, acts=stay), latest


def passed_over(data: Dataset, gone: Forgotten, also: Collection[ItemId] | None = None) -> Dataset:
    """The table as it would read without the lines of the forgotten.

    Args:
        data: what was read; its items are those of its lines.
        gone: the list.
        also: items of lines elsewhere; None: items stand in the order of these lines.
    """
    if not gone.entries:
        return data
    people = {person for person in data.people if gone.person(person)}
    items = {item.id for item in data.items if gone.item(item.id)}
    acts = tuple(a for a in data.acts if a.user not in people and a.item not in items)
    order = dict.fromkeys(act.item for act in acts)
    left = order.keys() | set(also or ())
    place = {item: n for n, item in enumerate(order if also is None else ())}
    stay = [item for item in data.items if item.id in left]
    return replace(
        data,
        people=tuple(person for person in data.people if person not in people),
        items=tuple(sorted(stay, key=lambda item: place.get(ItemId(item.id), 0))),
        acts=acts,
    )


def _described(path: Path, form: str, gone: Forgotten) -> Dataset:
    """A data set with a catalogue, in which an item stays though nobody has it."""
    whole = (read_hetrec if form == "hetrec" else read_movielens)(path)
    if not gone.entries:
        return whole
    left = passed_over(whole, gone)
    stay = tuple(item for item in whole.items if not gone.item(item.id))
    people = {person for person in whole.people if gone.person(person)}
    if form == "hetrec" and people and any(item.tags for item in stay):
        tags = top_tags(one for one in read_taggings(path) if one.user not in people)
        stay = tuple(replace(item, tags=tags.get(ItemId(item.id), ())) for item in stay)
    return replace(left, items=stay)


def _plain(train: Dataset, test: Dataset) -> Dataset:
    """Train's acts, each of weight 1 (a rating is no count of repetitions), and items of both."""
    items = {item.id: item for item in (*train.items, *test.items)}
    acts = tuple(replace(act, weight=1) for act in train.acts)
    return replace(train, items=tuple(items.values()), acts=acts)


def _prefixed(data: Dataset, part: DataPart) -> Dataset:
    if not part.prefix:
        return data
    items = tuple(Item(ItemId(part.prefix + i.id), i.title, i.creator, i.tags) for i in data.items)
    acts = tuple(replace(act, item=ItemId(part.prefix + act.item)) for act in data.acts)
    return replace(data, items=items, acts=acts)


def _catalogued(data: Dataset, written: Written) -> Dataset:
    """With the titles of the catalogue that the recipe names, if it names one."""
    said: DataPart = written.recipe.data
    if not said.catalogue:
        return data
    path = written.path(said.catalogue, "data.catalogue")
    described = _described(path, said.catalogue_format, written.forgotten)
    known = {item.id: item for item in described.items}
    if not any(item.id in known for item in data.items):
        raise DataError(
            "no item of the data has its id: check data.prefix (such as 'lastfm:artist:')",
            where=said.catalogue,
        )
    return replace(data, items=tuple(known.get(item.id, item) for item in data.items))
