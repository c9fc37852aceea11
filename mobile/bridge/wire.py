"""The node's life, on a thread of its own: loading the network takes seconds, lists do not wait.

The only place that knows both the store's desk and the network's thread. Wishes for the network
are a state to reach ("may it be used?"), so of many that come in a row only the last one counts.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from mobile.bridge.office import Office
from mobile.desk import FOREVER, Desk
from mobile.presenting.network import address_flaw, exchanged, shown, traffic
from mobile.presenting.phrases import sentence
from mobile.presenting.troubles import words_for
from p2p.options import NodeStatus
from web3rec.recommender import Recommender

logger = logging.getLogger(__name__)

_OBEY: Final = "obey"
ABSENT: Final = "This build has no network; what this phone knows is all there is."
OFF: Final = "Switched off"
WAITING: Final = "Waiting to be allowed"


class NodeLike(Protocol):
    """What is needed of a `p2p.node.Node`."""

    def start(self) -> None: ...
    def status(self) -> NodeStatus: ...
    def dial(self, address: str) -> None: ...
    def catch_up(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def close(self) -> None: ...


MakeNode = Callable[[Recommender], NodeLike]


class Wire:
    """One node at a time, as long as the store is open."""

    def __init__(
        self,
        office: Office,
        make_node: MakeNode | None,
        limits: Callable[[], tuple[bool, int]],
        used_today: Callable[[], int] | None,
    ) -> None:
        """No node is made yet.

        Args:
            office: whose store it speaks for.
            make_node: makes a node for an open store; None where there is no network at all.
            limits: whether the person wants the network, and how many bytes a day.
            used_today: bytes exchanged today; None: those since the start.
        """
        self._office, self._board, self._make_node = office, office.board, make_node
        self._limits, self._used_today = limits, used_today
        self.desk = Desk("web3rec-wire", self._broke)
        self._node: NodeLike | None = None
        self._rec: Recommender | None = None  # of the open store; both only on the wire's desk
        self._why_not = WAITING
        self._failure = ""
        self._busy = False
        self._before = 0
        self._dialled: dict[str, bool] = {}
        self._told: object = None
        office.opened.append(self.take_up)

    # -- any thread ------------------------------------------------------------------------------

    def allow(self, why_not: str) -> None:
        """The network may be used, or why not; returns at once."""
        self._why_not = why_not
        self.obey()

    def obey(self) -> None:
        """Do as is allowed and wanted now."""
        self.desk.renew(_OBEY, self._obey)
        self.look()

    def catch_up(self) -> None:
        """Sync with everybody now."""
        self._failure = ""
        node = self._node
        self.obey()
        if node is not None and not self.why_not:
            node.catch_up()
            with self._board.lock:  # until the next look
                self._board.change(chip=replace(self._board.state.chip, busy=True))

    def dial(self, address: str) -> None:
        """Stay connected to an address; what is wrong with it is told."""
        address = address.strip()
        if flaw := address_flaw(address):
            self._board.say(flaw, error=True)
            return
        with self._board.lock:
            self._dialled[address] = False
        if self.why_not:
            self._board.say("It will be dialled once the network is used.")

        def dialled() -> None:
            if self._node is not None:
                self._node.dial(address)

        self.desk.ask(dialled)
        self.obey()

    @property
    def why_not(self) -> str:
        """Why the network is not used; "" if it is."""
        if self._make_node is None:
            return ABSENT
        return self._why_not if self._limits()[0] else OFF

    def traffic(self) -> int:
        """Bytes exchanged since the start, about."""
        node = self._node
        return self._before + (0 if node is None else exchanged(node.status()))

    def look(self) -> None:
        """Show what the node says now. Cost: some 50 µs; changes nothing that is the same."""
        node, now = self._node, self._office.clock() / 1000
        status = None if node is None else node.status()
        on, most = self._limits()
        used = self.traffic() if self._used_today is None else self._used_today()
        said = shown(status, self.why_not, now, starting=self._busy)
        words, part = traffic(used, most)
        detail = said.detail or self._failure
        with self._board.lock:
            self._board.change(chip=said.chip)
            self._board.amend(
                "network",
                headline=said.headline,
                detail=detail,
                connections=said.connections,
                addresses=said.addresses,
                traffic=words,
                used=part,
                on=on,
            )
        if status is not None:
            self._complain(status)

    # -- leaving and coming back -----------------------------------------------------------------

    def take_up(self, rec: Recommender) -> None:
        """The store was opened."""

        def up() -> None:
            self._rec = rec

        self.desk.ask(up)
        self.obey()

    def let_go(self, then: Callable[[], object]) -> None:
        """Close the node for good; `then` is called on the wire's desk."""

        def gone() -> None:
            self._rec = None
            self._close()
            then()

        self.desk.ask(gone)

    def after(self, then: Callable[[], object]) -> None:
        """Once what was asked of the wire is done."""
        self.desk.ask(then)

    # -- the wire's desk -------------------------------------------------------------------------

    def _obey(self) -> None:
        """Bring the node into the state that is wanted; it may change meanwhile."""
        for _ in range(3):
            wanted = self._rec is not None and not self.why_not
            node = self._node
            state = "none" if node is None else node.status().state
            if state == "closed" or (state.startswith("failed") and "again" not in state):
                self._close()
                node, state = None, "none"
            if wanted == (state not in ("none", "new", "paused")):
                break
            try:
                self._change(node, wanted=wanted)
            finally:
                self._busy = False
        self.look()

    def _change(self, node: NodeLike | None, *, wanted: bool) -> None:
        if node is None and wanted and self._make_node is not None and self._rec is not None:
            self._busy = True
            self.look()
            made = self._make_node(self._rec)
            for address in tuple(self._dialled):
                made.dial(address)
            self._node = made
            made.start()
            self._failure = ""
        elif node is not None and wanted:
            self._busy = True
            self.look()
            node.resume()
            node.catch_up()
        elif node is not None:
            node.pause()

    def _close(self) -> None:
        node, self._node = self._node, None
        if node is not None:
            self._before += exchanged(node.status())
            node.close()

    def _complain(self, status: NodeStatus) -> None:
        """Tell once of each address that was asked for why it is not reached."""
        for address, why in status.unreachable.items():
            if self._dialled.get(address) is False:
                self._dialled[address] = True
                self._board.say(f"Not reached: {sentence(why)}", error=True)

    def _broke(self, error: Exception) -> None:
        logger.warning("the network was not started: %s", type(error).__name__)
        logger.debug("why", exc_info=error)
        self._failure = words_for(error)
        node, self._node = self._node, None
        if node is not None and node.status().state == "running":
            self._node = node
        self.look()

    def close(self, seconds: float = FOREVER) -> bool:
        """End the thread."""
        return self.desk.close(seconds)
