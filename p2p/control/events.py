"""/v1/events: what changes, as server-sent events, until one of the two ends it."""

from p2p.control.access import Scope
from p2p.control.http import Connection
from p2p.control.hub import Hub, Listener
from p2p.control.messages import Action, Answer
from p2p.control.routing import Asked, Route

STREAM = "text/event-stream"


def routes() -> list[Route]:
    """The stream itself is written by `stream`, on the connection."""
    return [Route(method="GET", path="/v1/events", needs=Scope.READ, handler=_listen, inline=True)]


def _listen(_asked: Asked) -> Action:
    return lambda: Answer(kind=STREAM, events=True)


async def stream(connection: Connection, hub: Hub) -> None:
    """Tell one listener until it goes, falls behind, or the hub closes.

    Raises Problem where the hub takes nobody (nothing is sent then), and what a stream raises.
    """
    with hub.listening() as listener:
        await connection.begin_events()
        async with connection.until_gone():
            await _tell(connection, listener)


async def _tell(connection: Connection, listener: Listener) -> None:
    while (block := await listener.next()) is not None:
        if not await connection.send_event(block):
            return
    if await connection.send_event(listener.last):
        await connection.end_events()
