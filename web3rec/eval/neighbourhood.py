"""A connected piece of a data set around a few egos, small enough for one machine to play."""

from collections import Counter, deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np

from web3rec.adapters import Dataset
from web3rec.errors import ParamError

FRIENDS_WANTED = 4
"""Friends an ego should have: with fewer, one friend is more than a quarter of its trust."""
ITEMS_WANTED = 5
"""Items an ego should have touched: with fewer, a hidden fifth is nothing."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Who takes part."""

    egos: tuple[str, ...]
    people: tuple[str, ...]
    """The egos first. Unless everyone was asked for, they hang together: any two are joined by a
    chain of edges inside, taken both ways."""


def neighbourhood(
    dataset: Dataset, egos: int, people: int | None, rng: np.random.Generator
) -> Neighbourhood:
    """Choose egos that live near each other, and the people around them.

    A root is drawn among those with FRIENDS_WANTED friends and ITEMS_WANTED items in the largest
    part of the trust graph that hangs together; a breadth-first walk from it finds the other egos
    (people with enough of both first, then by most friends). The people are: the egos, whoever
    links them to the root, then their friends, the friends of those, and so on, in turns. An edge
    counts both ways here.

    Args:
        dataset: with a trust graph (for one without, see `synthetic_trust`).
        egos: how many, >= 1.
        people: how many in all, egos included; None for everyone, connected or not. Fewer come
            back when no more hang together.
        rng: draws the root and the order among friends.

    Raises:
        ParamError: there are not that many egos, or `people` cannot hold them and their links.

    Cost: O(people + edges).
    """
    if egos < 1:
        raise ParamError("egos", egos, "at least 1")
    friends = _friends(dataset, rng)
    component = _largest_component(friends)
    if len(component) < egos:
        raise ParamError("egos", egos, f"at most {len(component)}, who hang together by trust")
    fit, trusted = _fit(dataset)
    roots = [p for p in component if p in fit] or component
    root = roots[int(rng.integers(len(roots)))]
    walk, parents = _breadth_first(friends, root)
    second = sorted((p for p in walk if p not in fit), key=lambda p: -trusted[p])
    chosen = ([p for p in walk if p in fit] + second)[:egos]
    linked = _linked(chosen, parents)
    if people is None:
        rest = [p for p in dataset.people if p not in linked]
        return Neighbourhood(tuple(chosen), (*linked, *rest))
    if people < len(linked):
        raise ParamError("people", people, f"at least {len(linked)} for {egos} linked egos")
    for person in _in_turns(friends, chosen):
        if len(linked) >= people:
            break
        linked.setdefault(person)
    return Neighbourhood(tuple(chosen), tuple(linked))


def within(dataset: Dataset, people: Collection[str]) -> Dataset:
    """The data set of these people alone: their acts, the items of these, the trust among them."""
    kept = set(people)
    acts = tuple(act for act in dataset.acts if act.user in kept)
    touched = {act.item for act in acts}
    return replace(
        dataset,
        people=tuple(person for person in dataset.people if person in kept),
        items=tuple(item for item in dataset.items if item.id in touched),
        acts=acts,
        trust=tuple(e for e in dataset.trust if e.source in kept and e.target in kept),
        rows=len(acts),
    )


def _fit(dataset: Dataset) -> tuple[set[str], Counter[str]]:
    """-> (who has enough friends and items to be an ego, how many each person trusts)."""
    trusted = Counter(edge.source for edge in dataset.trust)
    items = Counter(user for user, _ in {(act.user, act.item) for act in dataset.acts})
    fit = {p for p, n in trusted.items() if n >= FRIENDS_WANTED and items[p] >= ITEMS_WANTED}
    return fit, trusted


def _linked(egos: list[str], parents: dict[str, str]) -> dict[str, None]:
    """The egos, then everyone on their ways to the root (who is its own parent)."""
    linked = dict.fromkeys(egos)
    for ego in egos:
        person = parents[ego]
        while person not in linked:
            linked[person] = None
            person = parents[person]
    return linked


def _friends(dataset: Dataset, rng: np.random.Generator) -> dict[str, list[str]]:
    """Person -> the people it trusts or is trusted by, each once, in an order drawn from `rng`."""
    both: dict[str, dict[str, None]] = {person: {} for person in dataset.people}
    for edge in dataset.trust:
        if edge.source != edge.target:
            both[edge.source][edge.target] = both[edge.target][edge.source] = None
    friends = {}
    for person, known in both.items():
        names = sorted(known)
        friends[person] = [names[n] for n in rng.permutation(len(names))]
    return friends


def _largest_component(friends: dict[str, list[str]]) -> list[str]:
    largest: list[str] = []
    seen: set[str] = set()
    for person in friends:
        if person not in seen:
            walk, _ = _breadth_first(friends, person)
            seen.update(walk)
            if len(walk) > len(largest):
                largest = walk
    return largest


def _breadth_first(friends: dict[str, list[str]], root: str) -> tuple[list[str], dict[str, str]]:
    parents, queue, walk = {root: root}, deque([root]), []
    while queue:
        person = queue.popleft()
        walk.append(person)
        for friend in friends[person]:
            if friend not in parents:
                parents[friend] = person
                queue.append(friend)
    return walk, parents


def _in_turns(friends: dict[str, list[str]], egos: list[str]) -> Iterator[str]:
    """Everyone reachable from the egos: ring after ring, the egos taking turns within a ring."""
    seen, rings = set(egos), [[ego] for ego in egos]
    while any(rings):
        outer = [[f for person in ring for f in friends[person]] for ring in rings]
        rings = [[] for _ in egos]
        for turn in range(max(map(len, outer))):
            for candidates, ring in zip(outer, rings, strict=True):
                if turn < len(candidates) and candidates[turn] not in seen:
                    seen.add(candidates[turn])
                    ring.append(candidates[turn])
                    yield candidates[turn]
