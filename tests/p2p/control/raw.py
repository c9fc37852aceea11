"""HTTP by hand: bytes to a service on a stream in memory, and what comes back, taken apart."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import h11
import trio
from trio.testing import memory_stream_pair

from p2p.control.access import Caller, Gate, UnixGate
from p2p.control.hub import Hub
from p2p.control.messages import Action, Answer
from p2p.control.options import ControlOptions
from p2p.control.routing import Router
from p2p.control.service import Service
from p2p.control.table import table
from p2p.control.talking import Talks
from tests.p2p.control.devices import FakeDevice
from web3rec.recommender import Recommender

UID = 1000
OURS = Caller(uid=UID)
GATE = UnixGate(uid=UID)


@dataclass
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


async def at_once(action: Action) -> Answer:
    """No worker thread: virtual time would leap past it."""
    return action()


class Desk:
    """A service with everything behind it but sockets and threads."""

    def __init__(
        self,
        rec: Recommender,
        device: FakeDevice | None = None,
        run: Callable[[Action], Any] = at_once,
        **options: Any,
    ) -> None:
        device = device or FakeDevice()
        self.options = ControlOptions(**options)
        self.hub = Hub(device, lambda: rec.log.generation)
        self.counted: list[tuple[str, int]] = []
        routes = table(rec, device, page=True, stop=None, exposition=lambda: b"metrics\n")
        service = Service(Router(routes), run, self.options.body_bytes)
        self.talks = Talks(service, self.hub, self.options, lambda *seen: self.counted.append(seen))

    def connect(
        self, nursery: trio.Nursery, caller: Caller = OURS, gate: Gate = GATE
    ) -> trio.abc.Stream:
        ours, theirs = memory_stream_pair()
        nursery.start_soon(self.talks.talk, theirs, caller, gate)
        return ours

    async def ask(
        self, data: bytes, caller: Caller = OURS, gate: Gate = GATE, method: str = "GET"
    ) -> Reply:
        """One request's answer."""
        async with trio.open_nursery() as nursery:
            stream = self.connect(nursery, caller, gate)
            await stream.send_all(data)
            found = await reply(stream, method)
            await stream.aclose()
        return found


def request(
    target: str, method: str = "GET", body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    given = {"Host": "localhost"} | dict(headers or {})
    if body:
        given = {"Content-Type": "application/json"} | given
        given["Content-Length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body


async def reply(stream: trio.abc.Stream, method: str = "GET") -> Reply:
    return (await replies(stream, 1, method))[0]


async def replies(stream: trio.abc.Stream, count: int, method: str = "GET") -> list[Reply]:
    """So many answers, as a strict client reads them. Raises if they are not HTTP."""
    client = h11.Connection(h11.CLIENT)
    found: list[Reply] = []
    while len(found) < count:
        if client.our_state is h11.IDLE:
            client.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
            client.send(h11.EndOfMessage())
        head: h11.Response | None = None
        body = b""
        while True:
            event = client.next_event()
            if event is h11.NEED_DATA:
                client.receive_data(bytes(await stream.receive_some(65_536)))
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
            elif isinstance(event, h11.ConnectionClosed):
                return found
        assert head is not None
        headers = {name.decode(): value.decode() for name, value in head.headers}
        found.append(Reply(head.status_code, headers, body))
        if client.their_state is h11.DONE and client.our_state is h11.DONE:
            client.start_next_cycle()
        else:
            break
    return found
