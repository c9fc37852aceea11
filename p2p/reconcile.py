"""Which of us lacks what? Range-based reconciliation: few messages for few differences.

Pure: ranges in, ranges out. How they look on the wire is `p2p.sync_wire`, who speaks when is
`p2p.sync`, what is compared is `p2p.holdings`.

One end cuts its elements into parts and says a fingerprint of each. The other answers where its
own differ: with fingerprints of smaller parts or, where little is left, with a list of hashes.
Whoever gets a list knows both differences in that range: what to send, and what to ask for.

    whole ─► fingerprints of 32 parts ─► of the parts of those that differ ─► … ─► lists

Source of the idea: A. Meyer, "Range-Based Set Reconciliation", SRDS 2023; Negentropy / NIP-77.
Ours differs in the parts' size (docs/decisions/0014) and in that a list names hashes, not ids.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from p2p.holdings import (
    END,
    START,
    Fingerprint,
    Hashes,
    Holdings,
    Places,
    Salted,
)

__all__ = ["Holdings", "Listing", "Part", "Range", "Reconciliation", "Skip"]

FIRST_PARTS: Final = 32
"""Parts the whole is cut into at first. Measured, docs/decisions/0014."""
MOST_PARTS: Final = 64
"""Parts any other range is cut into at most, so that an answer stays in proportion."""
GRAIN: Final = 32
"""Elements of a part, where that many parts are allowed. Measured."""
LIST_MOST: Final = 64
"""A range in which we hold no more than this is listed; above GRAIN, since the other end's parts
are not quite ours."""
MOST_WANTS: Final = 32_768
"""Hashes we ask for in one session at most; far more than it may bring, because some of what is
asked for may not be served."""
RANGE_BYTES: Final = 57
"""A range without its hashes takes at most so many bytes, a skip before it included."""

_NONE: Final = np.empty(0, dtype=np.int64)


class Skip(NamedTuple):
    """Up to `upper` there is nothing (more) to say."""

    upper: bytes


class Part(NamedTuple):
    """From the bound before up to `upper` the sender holds this; answer if you differ."""

    upper: bytes
    held: int
    total: int


class Listing(NamedTuple):
    """From the bound before up to `upper` the sender holds exactly these."""

    upper: bytes
    hashes: bytes
    """8 bytes each, big-endian, in the order of the elements."""


Range = Skip | Part | Listing
"""Ranges stand in a row, each from the upper bound of the one before, the first from START."""


class _Differing(NamedTuple):
    """A range in which the two ends differ, as we shall answer it."""

    lower: bytes
    upper: bytes
    low: int
    high: int
    theirs: int
    """How many elements the other end holds there; -1 if not known."""


class Reconciliation:
    """One end's side of it, in turns: `hear` what came, then `answer`.

    Nothing a stranger says raises: `hear` and `asked` tell whether it made sense.
    """

    def __init__(self, salted: Salted) -> None:
        """Nothing said yet: the whole is open, for the other end to begin with."""
        self.cut_short = False
        """True if differences were left for another session."""
        self._salted = salted
        self._holdings = salted.holdings
        self._open: list[tuple[bytes, bytes]] = [(START, END)]  # what they may speak of
        self._at = 0  # into _open
        self._heard_to = START
        self._differing: list[_Differing] = []
        self._listed = _NONE  # places whose hashes they may ask for
        self._owed: list[Places] = []
        self._wants: list[Hashes] = []
        self._wanted = 0

    def begin(self, most_bytes: int) -> list[Range]:
        """The first answer, to nothing: only one of the two ends gives it."""
        self._differing = [_Differing(START, END, 0, len(self._holdings), -1)]
        return self.answer(most_bytes)

    def hear(self, ranges: Sequence[Range]) -> bool:
        """One frame of the other end's answer; False if it makes no sense, and all is over.

        Sense: ranges rise, within and across the frames of one answer, and each (but a skip) lies
        inside what we said fingerprints of last. Cost: O(ranges log n + hashes).
        """
        lower, parts, lists = START, [], []
        places = self._holdings.places([piece.upper for piece in ranges])
        low = 0
        for piece, high in zip(ranges, places.tolist(), strict=True):
            upper = piece[0]
            if upper <= lower:
                return False
            if not isinstance(piece, Skip):
                if lower < self._heard_to or not self._may_speak_of(lower, upper):
                    return False
                self._heard_to = upper
                if isinstance(piece, Part):
                    parts.append((piece, lower, low, high))
                else:
                    lists.append((piece, low, high))
            lower, low = upper, high
        for piece, lower, low, high in parts:
            said = Fingerprint(piece.held, piece.total)
            if said != self._salted.fingerprint(low, high):
                self._differing.append(_Differing(lower, piece.upper, low, high, piece.held))
        if lists:
            self._compare(lists)
        return True

    def answer(self, most_bytes: int) -> list[Range]:
        """What to say of all that was heard to differ; what it opens, they may speak of next.

        Args:
            most_bytes: of the answer. If it cannot hold everything, the oldest days are left out.

        An empty answer: nothing is left to say, and nothing to be asked. Cost: O(answer).
        """
        said: list[tuple[bytes, Range, int, int]] = []  # lower, range, low, high
        cuts, holes = [], []
        for piece in self._differing:
            lower, upper, low, high, theirs = piece
            held = high - low
            if theirs == 0:
                self._owed.append(np.arange(low, high))
            elif held <= LIST_MOST:
                last = said[-1] if said else None
                if not held and last and last[1] == (lower, b""):  # grow an empty list
                    said[-1] = (last[0], Listing(upper, b""), low, high)
                else:
                    said.append((lower, self._listing(upper, low, high), low, high))
            elif 0 < theirs <= LIST_MOST:  # they shall list it: no parts needed
                said.append((lower, self._part(upper, low, high), low, high))
            else:
                most = FIRST_PARTS if theirs < 0 else MOST_PARTS
                n_parts = min(most, -(-held // GRAIN))
                inner = [low + held * i // n_parts for i in range(1, n_parts)]
                holes.append((len(said), lower, upper, [low, *inner, high]))
                cuts += inner
        if holes:
            said = self._with_parts(said, holes, cuts)
        self._differing = []
        return self._opened(said, most_bytes)

    def asked(self, wanted: Hashes) -> bool:
        """They ask for these hashes; False if we did not just list one of them, or twice."""
        mine = self._salted.hashes[self._listed]
        order = np.argsort(mine, kind="stable")
        at = np.searchsorted(mine[order], wanted)
        if not len(wanted) or not len(mine) or at.max() >= len(mine):
            return not len(wanted)
        found = order[at]
        if np.any(mine[found] != wanted) or len(np.unique(found)) != len(found):
            return False
        self._owed.append(self._listed[found])
        self._listed = np.delete(self._listed, found)
        return True

    def wants(self) -> Hashes:
        """Hashes to ask for now, newest days first; each is given out once.

        If there are more than a session may ask for, a random choice of them (hashes are random,
        and new in each session), so that what is never served cannot hide the rest for ever.
        """
        new = np.concatenate(self._wants)[::-1] if self._wants else np.empty(0, dtype=np.uint64)
        self._wants = []
        left = MOST_WANTS - self._wanted
        if len(new) > left:
            new, self.cut_short = np.sort(new)[:left], True
        self._wanted += len(new)
        return new

    def owed(self) -> Places:
        """Places of what they lack, newest days first; each once. Cost: O(m log m)."""
        return np.unique(np.concatenate(self._owed))[::-1] if self._owed else _NONE

    def _may_speak_of(self, lower: bytes, upper: bytes) -> bool:
        while self._at < len(self._open) and self._open[self._at][1] <= lower:
            self._at += 1
        if self._at == len(self._open):
            return False
        low, high = self._open[self._at]
        return low <= lower and upper <= high

    def _compare(self, lists: list[tuple[Listing, int, int]]) -> None:
        """Lists against ours of the same ranges: what they lack is owed, what we lack is wanted."""
        theirs = np.frombuffer(b"".join([piece.hashes for piece, _, _ in lists]), ">u8")
        theirs = theirs.astype(np.uint64)
        places = np.concatenate([np.arange(low, high) for _, low, high in lists])
        mine = self._salted.hashes[places]
        self._owed.append(places[~np.isin(mine, theirs)])
        lacking = theirs[~np.isin(theirs, mine)]
        _, firsts = np.unique(lacking, return_index=True)
        self._wants.append(lacking[np.sort(firsts)])

    def _listing(self, upper: bytes, low: int, high: int) -> Listing:
        return Listing(upper, self._salted.hashes[low:high].astype(">u8").tobytes())

    def _part(self, upper: bytes, low: int, high: int) -> Part:
        return Part(upper, *self._salted.fingerprint(low, high))

    def _with_parts(
        self,
        said: list[tuple[bytes, Range, int, int]],
        holes: list[tuple[int, bytes, bytes, list[int]]],
        cuts: list[int],
    ) -> list[tuple[bytes, Range, int, int]]:
        """`said` with the parts of each hole put in its place; all bounds are cut at once."""
        bounds = iter(self._holdings.cuts(np.array(cuts, dtype=np.int64)))
        whole: list[tuple[bytes, Range, int, int]] = []
        done = 0
        for at, first, last, places in holes:
            whole += said[done:at]
            done = at
            lower = first
            for i in range(1, len(places)):
                low, high = places[i - 1], places[i]
                upper = last if i == len(places) - 1 else next(bounds)
                whole.append((lower, self._part(upper, low, high), low, high))
                lower = upper
        return whole + said[done:]

    def _opened(self, said: list[tuple[bytes, Range, int, int]], most_bytes: int) -> list[Range]:
        """What fits, with skips between; and what may be spoken of and asked for after it."""
        size, first = 0, len(said)
        while first:
            piece = said[first - 1][1]
            size += RANGE_BYTES + (len(piece.hashes) if isinstance(piece, Listing) else 0)
            if size > most_bytes:
                self.cut_short = True
                break
            first -= 1
        ranges: list[Range] = []
        listed, self._open, self._at, self._heard_to = [_NONE], [], 0, START
        reached = START
        for lower, piece, low, high in said[first:]:
            if lower != reached:
                ranges.append(Skip(lower))
            ranges.append(piece)
            reached = piece[0]
            if isinstance(piece, Listing):
                listed.append(np.arange(low, high))
            elif self._open and self._open[-1][1] == lower:  # neighbours may be answered as one
                self._open[-1] = (self._open[-1][0], reached)
            else:
                self._open.append((lower, reached))
        self._listed = np.concatenate(listed)
        return ranges
