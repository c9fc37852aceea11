"""What may be done to the node: dial, ban, sync, pause, resume, shut down."""

from collections.abc import Callable
from typing import Final

from p2p.control.access import Scope
from p2p.control.device import Device
from p2p.control.fields import Fields
from p2p.control.messages import Action, Answer, said
from p2p.control.problems import Problem, refuse
from p2p.control.routing import Asked, Route
from p2p.errors import NodeError

LONGEST_BAN: Final = 31_536_000.0
"""Seconds: a year."""
MAX_ADDRESS: Final = 512
MAX_PEER: Final = 128
"""Characters of a multiaddress, and of a libp2p peer id."""


def routes(device: Device, stop: Callable[[], None] | None) -> list[Route]:
    """Everything that moves the node; `stop` asks the whole process to end."""
    do = Moving(device, stop)
    return [
        Route(
            method="POST",
            path=path,
            needs=Scope.WRITE,
            handler=handler,
            takes="application/json" if path.startswith("/v1/peers/") else "",
        )
        for path, handler in (
            ("/v1/peers/dial", do.dial),
            ("/v1/peers/ban", do.ban),
            ("/v1/peers/unban", do.unban),
            ("/v1/sync", do.sync),
            ("/v1/pause", do.pause),
            ("/v1/resume", do.resume),
            ("/v1/shutdown", do.shutdown),
        )
    ]


class Moving:
    """Handlers; see `routing`."""

    def __init__(self, device: Device, stop: Callable[[], None] | None) -> None:
        self._device, self._stop = device, stop

    def dial(self, asked: Asked) -> Action:
        """Stay connected to an address; whether it works shows in /v1/peers."""
        address = asked.body.text("address", most=MAX_ADDRESS)
        if not address.startswith("/") or not address.isascii() or not address.isprintable():
            refuse("wrong_value", f"address must be {_ADDRESS}")

        def act() -> Answer:
            try:
                self._device.dial(address)
            except NodeError:
                raise Problem(
                    "refused", f"the node is closed, or the address is not {_ADDRESS}"
                ) from None
            return said({"state": self._state()}, 202)

        return act

    def ban(self, asked: Asked) -> Action:
        """Hang up on a peer and refuse it."""
        peer = _named(asked.body)
        seconds = asked.body.number("seconds", 1.0, LONGEST_BAN, default=3_600.0)

        def act() -> Answer:
            self._device.ban(peer, seconds)
            return said({"seconds": seconds})

        return act

    def unban(self, asked: Asked) -> Action:
        """Let it in again."""
        peer = _named(asked.body)

        def act() -> Answer:
            self._device.unban(peer)
            return said({"seconds": 0})

        return act

    def sync(self, _asked: Asked) -> Action:
        """Sync with everybody now."""
        return self._done(self._device.catch_up, 202)

    def pause(self, _asked: Asked) -> Action:
        """Leave the network."""
        return self._done(self._device.pause, 200)

    def resume(self, _asked: Asked) -> Action:
        """Join it again."""
        return self._done(self._device.resume, 200)

    def shutdown(self, _asked: Asked) -> Action:
        """End the process, once this is answered."""
        stop = self._stop
        if stop is None:
            refuse("not_available", "this node was not given a way to end its process")
        return self._done(stop, 202)

    def _done(self, what: Callable[[], None], status: int) -> Action:
        def act() -> Answer:
            what()
            return said({"state": self._state()}, status)

        return act

    def _state(self) -> str:
        return self._device.status().state


_ADDRESS: Final = "a multiaddress such as /ip4/192.0.2.7/tcp/4001/p2p/12D3Koo…"


def _named(body: Fields) -> str:
    peer = body.text("peer", most=MAX_PEER)
    if not peer or not peer.isascii() or not peer.isprintable():
        refuse("wrong_value", "peer must be a libp2p peer id as /v1/peers shows it")
    return peer
