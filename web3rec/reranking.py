"""Which model orders this device's lists, why that one, and since when.

    a bundle that the app gave, or the one on the shelf ─► judged on the device's own window ─┐
    a linear head learnt on that window ─► the same gate ─────────────────────────────────────┤
    the graph's own order ◄── with the reason, where neither holds ◄──────────────────────────┘

All of it is derived from the log and kept in memory only. As soon as the ego says less than before
(something was forgotten, taken back, or a friend is no more) it is dropped: what is made next is
that of a device that never knew.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from web3rec.batch import Learnt, Model
from web3rec.checking import peer_of
from web3rec.errors import Web3recError
from web3rec.options import Options
from web3rec.outlook import Outlook, Present
from web3rec.pipeline import Reorder
from web3rec.rank.sources import Chorus, WordIndex
from web3rec.rerank.bundle import Refusal, Shelf, reranker
from web3rec.rerank.bundle.onnx_backend import OnnxModel
from web3rec.rerank.features import Features, Seen
from web3rec.rerank.gate import Gated, Judged, gated, judged
from web3rec.rerank.history import examples
from web3rec.rerank.linear import Example, Linear
from web3rec.rerank.model import Allowance, KeepOrder, Reranker
from web3rec.rerank.pacing import Pacing, Times
from web3rec.rerank.reordering import Reordering
from web3rec.rerank.shelving import Stamp, chosen, stamp_of
from web3rec.rerank.texts import Texts
from web3rec.types import ItemKey, Millis, Weights
from web3rec.view import View

OWN: Final = "own"
"""What the head is called that a device learnt for itself."""
STOP: Final = 10.0
"""Allowances of time, by the wall, after which a runtime is stopped: what the model itself worked
is judged by the stopwatch, and others may use the machine."""
_HOUR: Final = 3_600_000
_NEVER: Final = -1
"""An epoch that never is."""


class Order:
    """A `Reorder` for one list, which knows afterwards what ordered it."""

    def __init__(self, model: Model | None, note: str, reordering: Reordering | None) -> None:
        """`note`: why there is no model, if that is worth telling."""
        self.model, self.note, self._reordering = model, note, reordering

    @property
    def reorder(self) -> Reorder | None:
        """For `pipeline.listing`."""
        return None if self._reordering is None else self

    def __call__(self, said: Chorus, allowed: npt.NDArray[np.bool_]) -> Chorus:
        if self._reordering is None:
            return said
        found, reason = self._reordering.told(said, allowed)
        if reason is not None:
            self.model, self.note = None, reason
        return found


@dataclass(frozen=True, slots=True)
class _OneAtATime:
    """A bundle's model, which is not for two threads."""

    inner: Reranker
    lock: threading.Lock

    def scores(self, features: Features) -> Weights:
        with self.lock:
            return self.inner.scores(features)


@dataclass(frozen=True, slots=True, eq=False)
class _When:
    """The moment something was learnt of."""

    at: Millis
    stamp: tuple[int, int]
    """Of the log"""
    times: Times | None
    """When everybody had done what, to see how much changed since"""


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """The bundle as it was found, and what it is worth here."""

    stamp: Stamp
    """Of what the disk held when it was looked at"""
    when: _When
    judged: Judged
    model: Model | None = None
    reranker: Reranker | None = None
    """None: it cannot be used at all"""
    few: bool = False
    """Too few lists to judge it by: looked at again, even within the hour, once much changed"""


@dataclass(frozen=True, slots=True, eq=False)
class _Own:
    """What the device learnt for itself."""

    gated: Gated
    when: _When


class Reranking:
    """One device's models. Thread-safe."""

    def __init__(self, shelf: Shelf, options: Options, outlook: Outlook) -> None:
        """Nothing is read yet."""
        self.shelf = shelf
        self._options, self._params, self._outlook = options, options.rerank, outlook
        self._given = None if options.bundle is None else Path(options.bundle)
        self._publishers = frozenset(map(peer_of, options.publishers))
        self._lock, self._learning = threading.Lock(), threading.Lock()
        self._seeing = threading.Lock()
        self._pacing = Pacing()
        self._seen: tuple[View, Seen] | None = None
        self._found: _Found | None = None
        self._own: _Own | None = None
        self._said: tuple[Mapping[ItemKey, Millis], frozenset[bytes]] = ({}, frozenset())
        self._epoch = 0
        self._least = 0  # the newest generation of the log that was heeded: nothing older stays
        self._asked = False  # has any list been asked for?

    def order(self, now: Present, *, words: bool = False) -> Order:
        """What to order a list by. A bundle that was not judged yet is judged first.

        Args:
            now: what the list is made of.
            words: whether it was asked for in words, on which no model has a say.

        Cost: a look at the disk; where a bundle is new, or much changed, some 300 replays of 3 ms.
        """
        self._asked = True
        if not self._params.on or now.view.mode is not self._options.mode:
            return Order(None, "", None)
        epoch = self._heed(now)
        stamp = stamp_of(self._given, self.shelf)
        found = self._found
        if self._is_stale(found, stamp, now):
            with self._learning:
                found = self._found
                if self._is_stale(found, stamp, now):
                    found = self._looked(now, stamp, None)
                    self._keep(epoch, found, self._own)
        model, note, by = _choice(found, self._own)
        if by is None or words:
            return Order(None, note, None)
        sources = now.view.tuned(self._options.params).sources
        many, seen = self._params.candidates, self._seen_of(now)
        return Order(model, note, Reordering(seen, by, many, self._allowance, sources))

    def learn(self, now: Present, *, anew: bool = False) -> Learnt:
        """Judge the bundle and learn an own head, unless that was done and little changed since.

        Args:
            now: what is learnt from; the options' own mode.
            anew: learn whatever was learnt before.

        Cost: nothing, or some 300 replays of 3 ms, and a fifth of a second.
        """
        if self._params.on:
            epoch = self._heed(now)
            stamp = stamp_of(self._given, self.shelf)
            with self._learning:
                found, own = self._found, self._own
                due = anew or own is None or self._is_due(own.when, now)
                if due or self._is_stale(found, stamp, now):
                    lists = self._lists(now)
                    found = self._looked(now, stamp, lists)
                    own = self._learnt(now, lists) if due else own
                    self._keep(epoch, found, own)
        return self.learnt()

    def may_learn(self) -> bool:
        """Whether lists are asked for, and nothing was learnt within the last hours; at no cost."""
        with self._lock:
            own = self._own
        if not self._asked or not self._params.on:
            return False
        return own is None or self._hours(own.when) >= self._params.least_hours

    def learnt(self) -> Learnt:
        """What lists are ordered by now, and on what evidence."""
        with self._lock:
            found, own = self._found, self._own
        model, note, _ = _choice(found, own)
        if own is not None and (model is None or model.publisher is None):
            return Learnt(model, note, own.gated.lists, own.gated.gain, own.gated.error)
        if found is None:
            return Learnt(None, "nothing was asked for yet")
        return Learnt(model, note, found.judged.lists, found.judged.gain, found.judged.error)

    def drop(self) -> int:
        """Keep nothing of what was learnt; what is being learnt is not kept either.

        Returns how many models and verdicts on models there were. Of a present that is older than
        this, which a list or a lesson may still be about, nothing is kept either.
        """
        least = self._outlook.generation
        with self._lock:
            dropped = sum(one is not None for one in (self._found, self._own))
            self._least = max(self._least, least)
            self._drop()
        with self._seeing:
            self._seen = None
            self._pacing.drop()
        return dropped

    def relearnt(self, fresh: Present) -> tuple[bool, int, str]:
        """Whether what this device learnt is what it learns from nothing; changes nothing.

        Args:
            fresh: the present, built from the log alone, with this recommender's stamp.

        Returns: equal or not, the lists it was learnt from, and what was compared. What was learnt
        before the log last changed is not: others said more since.

        Cost: that of `learn`, if it is compared at all.
        """
        with self._lock:
            own = self._own
        if own is None:
            return True, 0, "nothing is learnt"
        if own.when.stamp != fresh.stamp:
            return True, own.gated.lists, "learnt before the log last changed: not compared"
        texts, params = None, self._params
        graph = fresh.view.snapshot
        if fresh.catalogue:
            index = WordIndex.of(fresh.catalogue, self._options.params.sources)
            texts = Texts.of(fresh.catalogue, graph.items, index)
        paces = None if fresh.times is None else Pacing().of(graph, fresh.times)
        seen, tuned = Seen.of(fresh.view, paces, texts), fresh.view.tuned(self._options.params)
        lists = examples(seen, fresh.view.budgets, tuned, params.replays)
        again = gated(lists, params.linear, params.gate) if params.own else Gated(KeepOrder(), 0)
        return _is_same(own.gated, again), again.lists, "learnt again"

    # -- inside ------------------------------------------------------------------------------------

    @property
    def _allowance(self) -> Allowance:
        return Allowance(seconds=self._params.seconds, clock=self._params.stopwatch)

    def _heed(self, now: Present) -> int:
        """Drop what was learnt if the ego says less than before, by whatever way it came to that.

        Returns what `_keep` wants, so that nothing is kept that was learnt before it was dropped.
        """
        graph = now.view.snapshot
        first, last = graph.trust.starts[graph.ego], graph.trust.starts[graph.ego + 1]
        friends = frozenset(graph.users.terms[u] for u in graph.trust.targets[first:last].tolist())
        with self._lock:
            if now.stamp[0] < self._least:
                return _NEVER
            self._least = now.stamp[0]
            acts, before = self._said
            # Of an item that stays, what is forgotten is what was done with it last.
            fewer = acts is not now.touched and any(
                now.touched.get(key, -1) < at for key, at in acts.items()
            )
            if fewer or not before <= friends:
                self._drop()
            self._said = now.touched, friends
            return self._epoch

    def _drop(self) -> None:
        self._epoch += 1
        self._found = self._own = None
        self._said = ({}, frozenset())

    def _keep(self, epoch: int, found: _Found | None, own: _Own | None) -> None:
        with self._lock:
            if epoch == self._epoch:
                self._found, self._own = found, own

    def _looked(self, now: Present, stamp: Stamp, lists: list[Example] | None) -> _Found:
        """The bundle, opened and, if it may be used at all, judged."""
        when, model = self._when(now), None
        try:
            bundle = chosen(self._given, self._publishers, self.shelf)
            if bundle is None:
                return _Found(stamp, when, Judged(0, reason=""))
            if isinstance(bundle, Refusal):
                return _Found(stamp, when, Judged(0, reason=f"it is refused: {bundle}"))
            model = Model(bundle.manifest.name, bundle.manifest.version, bundle.publisher)
            by = reranker(bundle, runtimes=self._options.runtimes)
            if isinstance(by, Refusal):
                return _Found(stamp, when, Judged(0, reason=str(by)), model)
            if isinstance(by, OnnxModel):
                by.seconds = STOP * self._params.seconds
                by.warm()
        except Web3recError as error:
            return _Found(stamp, when, Judged(0, reason=str(error)), model)
        one = _OneAtATime(by, threading.Lock())
        lists = self._lists(now) if lists is None else lists
        worth = judged(one, lists, self._params.gate, self._allowance)
        return _Found(stamp, when, worth, model, one, len(lists) < self._params.gate.least_lists)

    def _is_stale(self, found: _Found | None, stamp: Stamp, now: Present) -> bool:
        """Whether the bundle is another, or was judged on another window."""
        if found is None or found.stamp != stamp:
            return True
        if found.reranker is None:
            return False
        return self._is_due(found.when, now, at_once=found.few)

    def _is_due(self, when: _When, now: Present, *, at_once: bool = False) -> bool:
        """Whether enough changed since; `at_once`: even within the hour."""
        params = self._params
        hours = self._hours(when)
        if when.stamp == now.stamp or (hours < params.least_hours and not at_once):
            return False
        if hours >= params.most_hours or now.times is None or when.times is None:
            return True
        return now.times.changed_since(when.times) >= params.changed

    def _hours(self, when: _When) -> float:
        return abs(self._options.clock() - when.at) / _HOUR

    def _when(self, now: Present) -> _When:
        return _When(self._options.clock(), now.stamp, now.times)

    def _learnt(self, now: Present, lists: list[Example]) -> _Own:
        params = self._params
        own = gated(lists, params.linear, params.gate) if params.own else Gated(KeepOrder(), 0)
        return _Own(own, self._when(now))

    def _lists(self, now: Present) -> list[Example]:
        tuned = now.view.tuned(self._options.params)
        return examples(self._seen_of(now), now.view.budgets, tuned, self._params.replays)

    def _seen_of(self, now: Present) -> Seen:
        """What the features are made of, made once for a view."""
        with self._seeing:
            if self._seen is None or self._seen[0] is not now.view:
                graph, texts = now.view.snapshot, None
                if now.catalogue:
                    index = self._outlook.index_of(now.catalogue)
                    texts = Texts.of(now.catalogue, graph.items, index)
                if now.stamp[0] < self._least:  # perhaps made before something was forgotten
                    paces = None if now.times is None else Pacing().of(graph, now.times)
                    return Seen.of(now.view, paces, texts)
                paces = None if now.times is None else self._pacing.of(graph, now.times)
                self._seen = now.view, Seen.of(now.view, paces, texts)
            return self._seen[1]


def _is_same(one: Gated, other: Gated) -> bool:
    """Bit for bit."""
    if (one.lists, one.gain, one.error) != (other.lists, other.gain, other.error):
        return False
    ours, theirs = one.reranker, other.reranker
    if not (isinstance(ours, Linear) and isinstance(theirs, Linear)):
        return type(ours) is type(theirs)
    names = ("weights", "mean", "scale")
    return all(np.array_equal(getattr(ours, name), getattr(theirs, name)) for name in names)


def _choice(found: _Found | None, own: _Own | None) -> tuple[Model | None, str, Reranker | None]:
    """What orders lists, and why nothing better does."""
    note = ""
    if found is not None:
        if found.judged.reason is None:
            return found.model, "", found.reranker
        if found.judged.reason:
            name = f"{found.model.name} {found.model.version}" if found.model else "the bundle"
            note = f"{name} is not used: {found.judged.reason}"
    if own is not None and own.gated.passed:
        return Model(OWN, 0, None), note, own.gated.reranker
    if own is not None and not note:
        worth = f"it gains {own.gated.gain:+.4f} (±{own.gated.error:.4f}) NDCG"
        why = worth if own.gated.error else "too little to learn from"
        note = f"what this device learnt is not used: {why}, on {own.gated.lists} lists"
    return None, note, None
