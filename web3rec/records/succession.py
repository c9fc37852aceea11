"""Which key took over from which: a pure function of the set of rotations.

A key says "I hand over to B", and B says "I take over from A": both are rotations, told apart by
their weight. Only together they count, so nobody becomes a successor, or gets one, without its own
word. What the two then say is said by one author, the last of its line:

    A ─► B ─► C      trust in A or B is trust in C; what A and B said is said by C, once

What a key can do on its own is end: from its first "I hand over" on it says nothing any more,
whether anybody takes over or not. So whoever has a stolen key can end it, but cannot speak with it
after its owner did. Two successors who both took over from one key, or one who took over from two,
or a circle: then none of them did. The owner and a thief who rotate the same key thus stop each
other, and people who trust it have to ask.

An author holds few rotations (`merge.MAX_ROTATIONS`, the first ones); whoever fills that up, which
honest keys never do, ends with the first and has no part in any line.

Knows keys and sequences; no clock: leave out what has expired, and whoever is quarantined.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from web3rec.records.merge import MAX_ROTATIONS
from web3rec.types import PeerId

HANDS_OVER: Final = 1
"""Weight of a rotation by which the author's key is over; it names the next one."""
TAKES_OVER: Final = 2
"""Weight of a rotation by which the author says whose key it had before."""


class Rotation(NamedTuple):
    """One rotation."""

    author: PeerId
    n: int
    peer: PeerId
    weight: int
    """HANDS_OVER or TAKES_OVER; others mean nothing"""


@dataclass(frozen=True, slots=True)
class Succession:
    """Who is who. Keys that are not named are nobody's successor and have none."""

    heads: Mapping[PeerId, PeerId] = field(default_factory=dict)
    """Key -> the last one of its line; without the last ones themselves"""
    lines: Mapping[PeerId, tuple[PeerId, ...]] = field(default_factory=dict)
    """Last key -> all of its line, the first one first"""
    ended: Mapping[PeerId, int] = field(default_factory=dict)
    """Key -> the sequence from which on it says nothing"""

    def of(self, peer: PeerId) -> PeerId:
        """Who that is by now."""
        return self.heads.get(peer, peer)

    def line(self, head: PeerId) -> tuple[PeerId, ...]:
        """All keys of an author, the first one first."""
        return self.lines.get(head, (head,))

    def hears(self, author: PeerId, n: int) -> bool:
        """Whether what a key said with this sequence counts."""
        end = self.ended.get(author)
        return end is None or n < end


def succession(rotations: Iterable[Rotation], me: PeerId | None = None) -> Succession:
    """Who took over from whom.

    Args:
        rotations: the live ones of all authors, in any order, each as often as you like.
        me: a key that is not over and has no successor, whatever is said: the ego's own.

    Cost: O(k log k) for k rotations.
    """
    said: dict[PeerId, set[Rotation]] = {}
    for one in rotations:
        said.setdefault(one.author, set()).add(one)
    ended: dict[PeerId, int] = {}
    gives: dict[PeerId, set[PeerId]] = {}
    takes: dict[PeerId, set[PeerId]] = {}
    for author, ones in said.items():
        numbers = {one.n for one in ones}
        if len(numbers) >= MAX_ROTATIONS:
            ended[author] = min(numbers)
            continue
        over = [one.n for one in ones if one.weight == HANDS_OVER]
        if over:
            ended[author] = min(over)
        gives[author] = {one.peer for one in ones if one.weight == HANDS_OVER}
        takes[author] = {one.peer for one in ones if one.weight == TAKES_OVER}
    if me is not None:
        ended.pop(me, None)
        gives.pop(me, None)
    pairs = [(a, b) for a, all_ in gives.items() for b in all_ if a in takes.get(b, ())]
    befores, afters = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    following = {a: b for a, b in pairs if befores[a] == 1 and afters[b] == 1}
    return _lines(following, ended)


def _lines(following: Mapping[PeerId, PeerId], ended: Mapping[PeerId, int]) -> Succession:
    """Every key has at most one successor and one predecessor: lines, and circles, left out."""
    heads: dict[PeerId, PeerId] = {}
    lines: dict[PeerId, tuple[PeerId, ...]] = {}
    for first in sorted(following.keys() - set(following.values())):
        line = [first]
        while line[-1] in following:
            line.append(following[line[-1]])
        lines[line[-1]] = tuple(line)
        heads |= dict.fromkeys(line[:-1], line[-1])
    return Succession(heads, lines, dict(sorted(ended.items())))
