"""All a person can wish for and all the lifecycle needs, put together from its parts.

    UI thread                    desk: one thread                     the node's own thread
    wish ─► State at once ─────► act, durable ─► lists anew ◄── news ── records that arrived
      ▲                            │                 │
      └──── deliver ◄── State ◄────┴─────────────────┘          wire: starts, pauses, closes it

No call waits for anything but `flush`, `let_go` and `close`, which say for how long.
"""

import gc
import threading
from collections.abc import Callable
from math import inf
from pathlib import Path
from time import monotonic
from typing import Final

from mobile.bridge.board import Board
from mobile.bridge.choices import Choices
from mobile.bridge.deck import Deck
from mobile.bridge.lists import LISTED, Lists
from mobile.bridge.office import KEPT, LIBRARY, LIST, PEOPLE, PRIVACY, SETTINGS, Office
from mobile.bridge.papers import ALL, Papers
from mobile.bridge.people import People
from mobile.bridge.shelves import Shelves
from mobile.bridge.tastes import Tastes
from mobile.bridge.wire import MakeNode, Wire
from mobile.preferences import Preferences
from mobile.viewmodel import Fact, Scheme, State
from web3rec.clock import Clock, system_clock
from web3rec.recommender import Recommender
from web3rec.types import Event

NEWS_TICKS: Final = 10
"""Ticks between two looks at people and privacy while others' records arrive"""
NEWS_SHARE: Final = 0.05
"""Of a processor that following others' records in the list may take"""
NEWS_SECONDS: Final = 10.0
"""So long others' records wait for the list at most, whatever that takes"""

STILL_SECONDS = 2.0
"""How long after a touch others' records do not move rows"""


def _nothing(_preferences: Preferences) -> None:
    pass


def _nobody() -> None:
    pass


class Bridge:
    """Between the screens and the SDK. Opens the store at once, on its own thread."""

    def __init__(
        self,
        open_store: Callable[[], Recommender],
        make_node: MakeNode | None,
        deliver: Callable[[Callable[[], None]], object],
        preferences: Preferences,
        *,
        save: Callable[[Preferences], object] = _nothing,
        on_preferences: Callable[[Preferences], object] = _nothing,
        used_today: Callable[[], int] | None = None,
        ask_network: Callable[[], object] = _nobody,
        exports: Path | None = None,
        facts: tuple[Fact, ...] = (),
        clock: Clock = system_clock,
        listed: int = LISTED,
    ) -> None:
        """Begin.

        Args:
            open_store: opens the recommender; called on the bridge's thread, again after `let_go`.
            make_node: makes a `p2p.node.Node` for it; None: there is no network.
            deliver: runs a call on the UI thread, soon.
            preferences: as they were loaded.
            save: keeps them; on the bridge's thread.
            on_preferences: told on the UI thread when the person chose otherwise.
            used_today: bytes exchanged today; None: those since the start.
            ask_network: told on the UI thread that the person wants the network now, rest or not.
            exports: the folder for exports; None: there is none.
            facts: more to show under Settings.
            clock: unix ms.
            listed: positions of the list.
        """
        self._board = Board(deliver)
        self._office = Office(open_store, self._board, clock)
        self._choices = Choices(self._office, preferences, save, on_preferences, facts)
        self._tastes = Tastes(self._office)
        self._lists = Lists(self._office, self._tastes, listed)
        self._shelves = Shelves(self._office, self._tastes)
        self._deck = Deck(
            self._office,
            self._lists,
            self._shelves,
            self._tastes,
            lambda: self._choices.now.learning,
        )
        self._people = People(self._office)
        self._papers = Papers(self._office, self._lists, self._tastes, self._deck, exports)
        self._wire = Wire(self._office, make_node, self._limits, used_today)
        self._ask_network = ask_network
        self._ticks, self._has_news, self._followed = 0, False, -inf
        self._still_until = -inf
        self._office.opened += [self._tastes.read, lambda _rec: self._office.renew(*ALL)]
        self._office.open()
        self._wire.look()

    @property
    def state(self) -> State:
        """All screens, as of now."""
        return self._board.state

    @property
    def preferences(self) -> Preferences:
        """As of now."""
        return self._choices.now

    def subscribe(self, callback: Callable[[State], object]) -> Callable[[], None]:
        """Be told every new state on the UI thread; returns the way out."""
        return self._board.subscribe(callback)

    def tick(self, now: float) -> None:
        """About once a second while the app is in front; `now`: seconds of a clock that rises.

        The player goes on, the network is looked at, and what others sent shows in the list.
        """
        self._deck.tick(now)
        self._wire.look()
        self._ticks += 1
        wait = min(self._lists.worked / NEWS_SHARE, NEWS_SECONDS)
        still = now < self._still_until
        if self._office.is_stale and not still and not 0 <= now - self._followed < wait:
            self._office.is_stale, self._has_news, self._followed = False, True, now
            self._office.renew(LIST)
        if self._has_news and self._ticks % NEWS_TICKS == 0:
            self._has_news = False
            self._office.renew(PEOPLE, PRIVACY, LIBRARY, KEPT)

    def touched(self, now: float) -> None:
        """A finger is on the screen: what others sent waits, so that no row moves under it.

        What the person does itself shows at once all the same. `now`: as for `tick`.
        """
        self._still_until = now + STILL_SECONDS

    def tell_background(self, detail: str) -> None:
        """What the background service did or may still do today, in words."""
        self._board.amend("network", background_detail=detail)

    # -- the list (Wishes) -----------------------------------------------------------------------

    def refresh(self) -> None:
        if self._board.state.failure:  # try again
            self._office.open()
        self._lists.refresh()

    def like(self, item: str) -> None:
        self._lists.like(item)

    def less(self, item: str) -> None:
        self._lists.turn_down(item, Event.SKIP, "Less like this")

    def not_interested(self, item: str) -> None:
        self._lists.turn_down(item, Event.NOT_INTERESTED, "Not interested")

    def undo(self, notice: int) -> None:
        undo = self._board.take_back(notice)
        if undo is not None:
            undo()

    def choose_tag(self, tag: str) -> None:
        self._lists.choose_tag(tag)

    def start_from_tags(self) -> None:
        self._lists.start_from_tags()

    def open_why(self, item: str) -> None:
        self._lists.open_why(item)

    def close_why(self) -> None:
        self._lists.close_why()

    def less_from(self, peer: str) -> None:
        self._people.less_from(peer)

    # -- network (Wishes) ------------------------------------------------------------------------

    def use_network(self, *, on: bool) -> None:
        self._choices.change(network_on=on)
        self._wire.obey()

    def unmetered_only(self, *, on: bool) -> None:
        self._choices.change(unmetered_only=on)

    def charging_only(self, *, on: bool) -> None:
        self._choices.change(charging_only=on)

    def background(self, *, on: bool) -> None:
        self._choices.change(background=on)

    def catch_up(self) -> None:
        self._ask_network()
        self._wire.catch_up()

    def dial(self, address: str) -> None:
        self._ask_network()
        self._wire.dial(address)

    def trust(self, peer: str, weight: float, name: str = "") -> None:
        self._people.trust(peer, weight, name)

    def block(self, peer: str, *, blocked: bool) -> None:
        self._people.block(peer, blocked=blocked)

    # -- privacy (Wishes) ------------------------------------------------------------------------

    def share(self, level: int) -> None:
        self._papers.share(level)

    def private_session(self, *, on: bool) -> None:
        self._papers.private_session(on=on)

    def keep_learning(self, *, on: bool) -> None:
        self._choices.change(learning=on)

    def forget_item(self, item: str) -> None:
        self._papers.forget_item(item)

    def forget_hour(self) -> None:
        self._papers.forget_hour()

    def forget_all(self) -> None:
        self._papers.forget_all()

    def export(self, path: Path, passphrase: str) -> None:
        self._papers.export(path, passphrase)

    def bring_in(self, path: Path, passphrase: str) -> None:
        self._papers.bring_in(path, passphrase)

    def new_identity(self) -> None:
        self._lists.close_why()
        self._wire.let_go(lambda: self._papers.new_identity(self._office.reopen))

    # -- library and player (Wishes) -------------------------------------------------------------

    def search(self, words: str) -> None:
        self._shelves.search(words)

    def play(self, item: str) -> None:
        self._deck.play(item)

    def pause(self, *, paused: bool) -> None:
        self._deck.pause(paused=paused)

    def next(self) -> None:
        self._deck.next()

    def stop(self) -> None:
        self._deck.stop()

    # -- settings (Wishes) -----------------------------------------------------------------------

    def use_scheme(self, scheme: Scheme) -> None:
        self._choices.change(scheme=scheme)

    def learn(self) -> None:
        self._choices.learn(lambda: self._office.renew(LIST, SETTINGS))

    def dismiss(self, notice: int) -> None:
        self._board.dismiss(notice)

    # -- the lifecycle (AppSide) -----------------------------------------------------------------

    def allow_network(self, why_not: str) -> None:
        """It may be used if there is nothing against it; else this is why not. Returns at once."""
        self._wire.allow(why_not)

    def flush(self, seconds: float) -> bool:
        """Wait until all that was asked for is durable; True if so."""
        return self._office.flush(seconds)

    def let_go(self, seconds: float) -> bool:
        """Close the node, then the store, after all that was asked for; True if that is done.

        It goes on if it takes longer. What is wished for meanwhile is done after `take_back`.
        """
        done = threading.Event()
        self._wire.let_go(lambda: self._office.close(done.set))
        return done.wait(seconds)

    def take_back(self) -> None:
        """Open the store and the node again; returns at once."""
        self._wire.after(self._office.open)

    def drop_caches(self) -> None:
        """Low memory: let go of what can be made again."""
        self._shelves.drop()
        self._office.desk.ask(gc.collect)

    def traffic(self) -> int:
        """Bytes exchanged since the start: exact in syncs, about in gossip."""
        return self._wire.traffic()

    def settle(self, seconds: float) -> bool:
        """Wait until nothing is left to do, for tests and measurements; False if there is."""
        until = monotonic() + seconds
        wire, desk, study = self._wire.desk, self._office.desk, self._choices.study
        desks = (wire, desk, wire, study, desk, wire)  # each as often as another may ask it
        return all(desk.settle(max(0.0, until - monotonic())) for desk in desks)

    def close(self, seconds: float) -> bool:
        """The end: let go of everything and end the threads; True if that is done."""
        until = monotonic() + seconds
        gone = self.let_go(seconds)
        ended = [
            end(max(0.0, until - monotonic()))
            for end in (self._wire.close, self._choices.close, self._office.desk.close)
        ]
        return gone and all(ended)

    def _limits(self) -> tuple[bool, int]:
        now = self._choices.now
        return now.network_on, now.max_bytes_day
