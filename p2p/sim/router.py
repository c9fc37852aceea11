"""Gossipsub 1.1's router for one topic, small: a mesh, gossip about the rest, back-offs.

Pure: peers, messages and times in, RPCs out. Two ways to be set: `OURS` is py-libp2p 0.8.1 as
`p2p.libp2p_host` configures it, read from its code; `SPEC` is what the specification asks for
beyond that. Neither scores peers: upstream's weights are all 0, and our reputation is the
daemon's, who hangs up. Left out: several topics, fanout, peer exchange, opportunistic grafting.
Source: libp2p/specs, pubsub/gossipsub/gossipsub-v1.0.md and gossipsub-v1.1.md.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from p2p.sim.rpc import Message, MessageId, Rpc
from p2p.transport import PeerName

Send = Callable[[PeerName, Rpc], None]
Accept = Callable[[PeerName, bytes], bool]
"""Whether a message is to be passed on; called once for each id."""

SEEN_SECONDS: Final = 300.0
SEEN_MESSAGES: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterParams:
    """How a router behaves; the defaults are `OURS`."""

    degree: int = 6
    """Peers in the mesh that we aim at."""
    low: int = 4
    """With fewer we graft, up to `degree`."""
    high: int = 12
    """With more we prune, down to `degree`."""
    window: int = 3
    """Heartbeats whose messages are gossiped about."""
    history: int = 5
    """Heartbeats whose messages can be had by IWANT."""
    lazy: int = 6
    """Peers outside the mesh told of messages at each heartbeat, at least."""
    factor: float = 0.25
    """Or this share of them, if that is more."""
    backoff: float = 60.0
    """Seconds a pruned pair does not graft."""
    max_ids: int = 128
    """Ids read of one IHAVE or IWANT (p2p.libp2p_gossip.MAX_IDS)."""
    calls_a_second: int = 10
    """IHAVEs, and IWANTs, answered of one peer in a second."""
    eager: bool = True
    """Graft a newcomer at once when the mesh is below `low`, and tell it what was said lately."""
    own_to_all: bool = False
    """Flood publishing: own messages go to every neighbour, not to the mesh only."""
    mesh_outbound: int = 0
    """D_out: mesh peers that we dialled, at least."""
    refuse_when_full: bool = False
    """Refuse the GRAFT of a peer that dialled us when the mesh is `high`."""
    backoff_both: bool = False
    """Who prunes also keeps the back-off, and both do when the other leaves; else the pruned may
    graft again at once, and everybody after a new connection."""
    gossip_in_backoff: bool = False
    """IHAVE goes to peers in back-off too."""
    retransmissions: int = 0
    """Times one peer gets one message by IWANT; 0: no limit."""


OURS: Final = RouterParams(refuse_when_full=True)
LIBRARY: Final = RouterParams()
SPEC: Final = RouterParams(
    eager=False,
    own_to_all=True,
    mesh_outbound=2,
    refuse_when_full=True,
    backoff_both=True,
    gossip_in_backoff=True,
    retransmissions=3,
)
ROUTERS: Final = {"ours": OURS, "library": LIBRARY, "spec": SPEC}


class Router:
    """One peer's place in the gossip."""

    def __init__(
        self,
        name: PeerName,
        params: RouterParams,
        send: Send,
        accept: Accept,
        rng: np.random.Generator,
    ) -> None:
        """`send` is called for each RPC that is to leave, `accept` for each message heard."""
        self.mesh: dict[PeerName, None] = {}
        self.peers: dict[PeerName, bool] = {}
        """Everybody connected -> whether we dialled."""
        self._name = name
        self._params = params
        self._send = send
        self._accept = accept
        self._rng = rng
        self._seen: dict[MessageId, float] = {}
        self._cache: dict[MessageId, Message] = {}
        self._history: deque[list[MessageId]] = deque([[]], maxlen=params.history)
        self._backoff: dict[PeerName, float] = {}
        self._calls: Counter[tuple[PeerName, str]] = Counter()
        self._given: Counter[tuple[PeerName, MessageId]] = Counter()

    # -- who is here ----------------------------------------------------------------------

    def joined(self, peer: PeerName, *, outbound: bool, now: float) -> None:
        """A neighbour is connected and has said that it takes part."""
        self.peers[peer] = outbound
        if not self._params.eager:
            return
        for id_ in self._recent():
            self._send(peer, Rpc(messages=(self._cache[id_],)))
        if len(self.mesh) < self._params.low and not self._waits(peer, now):
            self._graft(peer)

    def left(self, peer: PeerName) -> None:
        """A neighbour is gone."""
        self.peers.pop(peer, None)
        self.mesh.pop(peer, None)
        if not self._params.backoff_both:
            self._backoff.pop(peer, None)

    @property
    def entries(self) -> int:
        """How much it remembers of peers' names, connected or not."""
        return len(self.peers) + len(self._backoff) + len(self._calls) + len(self._given)

    # -- hearing --------------------------------------------------------------------------

    def heard(self, peer: PeerName, rpc: Rpc, now: float) -> None:
        """An RPC came in from a neighbour."""
        if peer not in self.peers:
            return
        for message in rpc.messages:
            self._message(peer, message, now)
        if peer in self.peers:  # else hung up on, for what it said
            self._control(peer, rpc, now)

    def _message(self, peer: PeerName, message: Message, now: float) -> None:
        if message.id not in self._seen and message.source != self._name:
            self._seen[message.id] = now
            if self._accept(peer, message.data):
                self._keep(message)
                self._pass_on(message, but=(peer, message.source))

    def _control(self, peer: PeerName, rpc: Rpc, now: float) -> None:
        if rpc.ihave and self._grants(peer, "ihave"):
            wanted = [i for i in rpc.ihave[: self._params.max_ids] if i not in self._seen]
            if wanted:
                self._send(peer, Rpc(iwant=tuple(wanted)))
        if rpc.iwant and self._grants(peer, "iwant"):
            self._give(peer, rpc.iwant[: self._params.max_ids])
        if rpc.graft:
            self._grafted(peer, now)
        if rpc.prune:
            self.mesh.pop(peer, None)
            self._backoff[peer] = now + self._params.backoff

    def published(self, message: Message, now: float) -> None:
        """We have something to say."""
        self._seen[message.id] = now
        self._keep(message)
        self._pass_on(message, but=(), to_all=self._params.own_to_all)

    # -- heartbeat ------------------------------------------------------------------------

    def heartbeat(self, now: float) -> None:
        """Once a second: mend the mesh, gossip about what was said lately, forget."""
        params = self._params
        if len(self.mesh) < params.low:
            self._graft_some(params.degree - len(self.mesh), self.peers, now)
        if len(self.mesh) > params.high:
            self._prune_some(now)
        missing = params.mesh_outbound - sum(self.peers[p] for p in self.mesh)
        if missing > 0:
            self._graft_some(missing, [p for p, dialled in self.peers.items() if dialled], now)
        self._gossip(now)
        self._forget(now)

    def _graft_some(self, count: int, among: Iterable[PeerName], now: float) -> None:
        able = [p for p in among if p not in self.mesh and not self._waits(p, now)]
        for peer in self._drawn(able, count):
            self._graft(peer)

    def _graft(self, peer: PeerName) -> None:
        self.mesh[peer] = None
        self._send(peer, Rpc(graft=True))

    def _prune_some(self, now: float) -> None:
        """Down to the degree, at random, but not below the least number we dialled."""
        params = self._params
        order = self._drawn(list(self.mesh), len(self.mesh))
        dialled = [p for p in order if self.peers[p]][: params.mesh_outbound]
        kept = (dialled + [p for p in order if p not in dialled])[: params.degree]
        for peer in order:
            if peer not in kept:
                self.mesh.pop(peer)
                if self._params.backoff_both:
                    self._backoff[peer] = now + self._params.backoff
                self._send(peer, Rpc(prune=True))

    def _gossip(self, now: float) -> None:
        recent = self._recent()
        if recent:
            others = [p for p in self.peers if p not in self.mesh]
            count = max(self._params.lazy, int(len(others) * self._params.factor))
            if not self._params.gossip_in_backoff:
                others = [p for p in others if not self._waits(p, now)]
            for peer in self._drawn(others, count):
                self._send(peer, Rpc(ihave=recent))
        if len(self._history) == self._history.maxlen:
            for id_ in self._history[0]:
                self._cache.pop(id_, None)
        self._history.append([])

    def _forget(self, now: float) -> None:
        self._calls.clear()
        if self._given:
            self._given = Counter({k: n for k, n in self._given.items() if k[1] in self._cache})
        while self._seen:
            oldest = next(iter(self._seen))
            if len(self._seen) <= SEEN_MESSAGES and self._seen[oldest] > now - SEEN_SECONDS:
                break
            del self._seen[oldest]
        if self._backoff:
            self._backoff = {p: until for p, until in self._backoff.items() if until > now}

    # -- parts ----------------------------------------------------------------------------

    def _recent(self) -> tuple[MessageId, ...]:
        last = list(self._history)[-self._params.window :]
        return tuple(id_ for beat in last for id_ in beat)

    def _keep(self, message: Message) -> None:
        self._cache[message.id] = message
        self._history[-1].append(message.id)

    def _pass_on(
        self, message: Message, *, but: tuple[PeerName, ...], to_all: bool = False
    ) -> None:
        rpc = Rpc(messages=(message,))
        for peer in list(self.peers if to_all else self.mesh):
            if peer not in but:
                self._send(peer, rpc)

    def _give(self, peer: PeerName, wanted: Sequence[MessageId]) -> None:
        most = self._params.retransmissions
        given = []
        for id_ in wanted:
            message = self._cache.get(id_)
            if message is None or (most and self._given[peer, id_] >= most):
                continue
            if most:
                self._given[peer, id_] += 1
            given.append(message)
        if given:
            self._send(peer, Rpc(messages=tuple(given)))

    def _grafted(self, peer: PeerName, now: float) -> None:
        if peer in self.mesh:
            return
        full = len(self.mesh) >= self._params.high and not self.peers[peer]
        if self._waits(peer, now) or (full and self._params.refuse_when_full):
            self._backoff[peer] = now + self._params.backoff
            self._send(peer, Rpc(prune=True))
        else:
            self.mesh[peer] = None

    def _waits(self, peer: PeerName, now: float) -> bool:
        return self._backoff.get(peer, 0.0) > now

    def _grants(self, peer: PeerName, call: str) -> bool:
        """One more call of this kind in this heartbeat."""
        self._calls[peer, call] += 1
        return self._calls[peer, call] <= self._params.calls_a_second

    def _drawn(self, peers: list[PeerName], count: int) -> list[PeerName]:
        if count <= 0 or not peers:
            return []
        return [peers[i] for i in self._rng.permutation(len(peers))[:count]]
