"""The control API for programs with an event loop, asyncio's or trio's."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import httpx

from p2p.control import calls, shapes
from p2p.control.calls import EVENT_SECONDS, READ_SECONDS, Blocks, Call, Event
from p2p.control.errors import ControlError

T = TypeVar("T")


class AsyncClient:
    """Asks and tells a running node. Every call raises ControlError where the node refuses.

    async with AsyncClient("~/.local/share/web3rec/control.sock") as node:
        await node.record("like", "trk:42")
        listing = await node.recommend(10)
    """

    def __init__(self, path: str | Path | None = None, *, url: str = "", token: str = "") -> None:
        """Nothing is sent yet.

        Args:
            path: of the Unix socket, or of the store's directory that holds it.
            url: instead, a loopback address such as http://127.0.0.1:4080, with its `token`.
            token: the content of control-read.token or control-write.token.
        """
        where = self._where = calls.address(path, url, token)
        transport = httpx.AsyncHTTPTransport(uds=where.socket or None)
        self._http = httpx.AsyncClient(
            transport=transport,
            base_url=where.base,
            headers=where.headers,
            timeout=httpx.Timeout(READ_SECONDS, connect=5.0),
            trust_env=False,
        )

    # -- look ------------------------------------------------------------------------------------

    async def status(self) -> shapes.Status:
        """One look at node, log and level."""
        return await self._ask(Call("GET", "/v1/status"))

    async def peers(self) -> shapes.Peers:
        """Who is connected, banned, or cannot be reached."""
        return await self._ask(Call("GET", "/v1/peers"))

    async def book(self) -> shapes.Book:
        """The addresses the node knows."""
        return await self._ask(Call("GET", "/v1/book"))

    async def people(self, *, others: int = 0) -> shapes.People:
        """Whom the ego trusts, named or blocked, and so many of the others it hears."""
        return await self._ask(Call("GET", "/v1/trust", {"others": others}))

    async def blocks(self) -> shapes.Blocks:
        """Whom the ego never hears."""
        return await self._ask(Call("GET", "/v1/blocks"))

    async def recommend(
        self, limit: int = 20, *, words: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> shapes.Listing:
        """The list, best first, each place with its reason."""
        return await self._ask(calls.recommendations(limit, words, exclude))

    async def explain(self, item: str, *, batch: str = "") -> shapes.Explanation:
        """Why an item stands in that list, or, without one, in a list made now."""
        return await self._ask(calls.explanation(item, batch))

    async def outbox(self) -> shapes.Outbox:
        """Everything that would leave, to the byte."""
        return await self._ask(Call("GET", "/v1/outbox"))

    async def level(self) -> shapes.Level:
        """The privacy level."""
        return await self._ask(Call("GET", "/v1/level"))

    async def metrics(self) -> str:
        """What Prometheus reads; "not_found" where metrics are off."""
        answer = await self._send("GET", "/metrics", {}, None)
        calls.raise_problem(answer.status_code, answer.content)
        return answer.text

    async def ready(self) -> bool:
        """Whether the network listens (or is paused) and the log can be written."""
        answer = await self._send("GET", "/readyz", {}, None)
        return answer.status_code == 200

    # -- say -------------------------------------------------------------------------------------

    async def record(
        self,
        event: str,
        item: str,
        *,
        at: int | None = None,
        weight: int = 1,
        batch: str = "",
        title: str = "",
    ) -> shapes.Recorded:
        """One act: play, listen, like, share, collect, skip, view or not_interested."""
        return await self.record_many([calls.act(event, item, at, weight, batch, title)])

    async def record_many(self, acts: Sequence[Mapping[str, Any]]) -> shapes.Recorded:
        """Up to 1,000 acts, all or none; keys as in `record`."""
        return await self._ask(calls.record(acts))

    async def add_items(self, items: Sequence[Mapping[str, Any]]) -> shapes.Described:
        """Describe up to 1,000 items: id, and perhaps title, creator, tags."""
        return await self._ask(Call("POST", "/v1/items", body={"items": list(items)}))

    async def trust(self, peer: str, weight: float = 1.0, *, name: str = "") -> shapes.Trusted:
        """Trust a peer's taste; weight in (0, 1], kept in eighths."""
        return await self._ask(calls.trust(peer, weight, name))

    async def distrust(self, peer: str) -> shapes.Receipt:
        """Take trust, and the name, back."""
        return await self._ask(calls.distrust(peer))

    async def block(self, peer: str, *, blocked: bool = True) -> shapes.Blocking:
        """Never hear this peer, or hear it again; nobody learns of it."""
        return await self._ask(calls.block(peer, blocked=blocked))

    async def set_level(self, level: int) -> shapes.Level:
        """How much may leave: 0 (nothing) to 3."""
        return await self._ask(Call("PUT", "/v1/level", body={"level": level}))

    async def forget(
        self,
        *,
        item: str | None = None,
        since: int | None = None,
        peer: str | None = None,
        everything: bool = False,
        rehearse: bool = False,
        audit: bool = False,
    ) -> shapes.Receipt:
        """Forget exactly one of these; with `rehearse` only say what would be.

        With `audit` every stage is rebuilt and compared, which takes seconds.
        """
        return await self._ask(
            calls.forget(item, since, peer, everything=everything, rehearse=rehearse, audit=audit)
        )

    async def withheld(self) -> shapes.Withheld:
        """What is never shared."""
        return await self._ask(Call("GET", "/v1/withheld"))

    async def withhold(
        self, *, item: str = "", tag: str = "", retract: bool = False
    ) -> shapes.Withholding:
        """Never share what is done with an item, or with items of a tag."""
        body = calls.one_of(item, tag) | {"retract": retract}
        return await self._ask(Call("POST", "/v1/withheld", body=body))

    async def unwithhold(self, *, item: str = "", tag: str = "") -> shapes.Unwithheld:
        """Share again what is done from now on."""
        return await self._ask(Call("DELETE", "/v1/withheld", calls.one_of(item, tag)))

    async def private_session(self, private: bool | None = None) -> shapes.Private:
        """Whether what is done now stays here for good; set it by giving one."""
        if private is None:
            return await self._ask(Call("GET", "/v1/private"))
        return await self._ask(Call("PUT", "/v1/private", body={"private": private}))

    async def export(self) -> bytes:
        """All you did, trust, block and withhold, as JSON lines. Not the key."""
        answer = await self._send("GET", "/v1/export", {}, None)
        calls.raise_problem(answer.status_code, answer.content)
        return answer.content

    async def import_(self, lines: bytes) -> shapes.Imported:
        """Such lines back, all or nothing; what is here already is not added again."""
        answer = await self._send("POST", "/v1/import", {}, lines)
        return cast("shapes.Imported", calls.value(answer.status_code, answer.content))

    # -- move ------------------------------------------------------------------------------------

    async def dial(self, address: str) -> shapes.State:
        """Stay connected to this multiaddress."""
        return await self._ask(Call("POST", "/v1/peers/dial", body={"address": address}))

    async def ban(self, peer: str, seconds: float = 3_600.0) -> shapes.Ban:
        """Hang up on a connected peer, and refuse it for so long."""
        body = {"peer": peer, "seconds": seconds}
        return await self._ask(Call("POST", "/v1/peers/ban", body=body))

    async def unban(self, peer: str) -> shapes.Ban:
        """Let it in again."""
        return await self._ask(Call("POST", "/v1/peers/unban", body={"peer": peer}))

    async def sync(self) -> shapes.State:
        """Sync with everybody now."""
        return await self._ask(Call("POST", "/v1/sync"))

    async def pause(self) -> shapes.State:
        """Leave the network; nothing is sent any more when this returns."""
        return await self._ask(Call("POST", "/v1/pause"))

    async def resume(self) -> shapes.State:
        """Join it again."""
        return await self._ask(Call("POST", "/v1/resume"))

    async def shut_down(self) -> shapes.State:
        """End the node's process, as SIGTERM does."""
        return await self._ask(Call("POST", "/v1/shutdown"))

    async def events(self) -> AsyncGenerator[Event]:
        """What changes, from now on; first how things are. Ends when the node closes.

        Raises ControlError "dropped" if this is read too slowly.
        """
        timeout = httpx.Timeout(EVENT_SECONDS, connect=5.0)
        blocks = Blocks()
        self._where.check()
        try:
            async with self._http.stream("GET", "/v1/events", timeout=timeout) as answer:
                if answer.status_code != 200:
                    calls.raise_problem(answer.status_code, await answer.aread())
                parts = answer.aiter_raw()
                try:
                    async for part in parts:
                        for event in blocks.feed(part):
                            yield event
                        if blocks.over:
                            return
                finally:  # httpx nests generators and closes none: hung up on, each ends by itself
                    await answer.aclose()
                    with suppress(httpx.HTTPError, httpx.StreamError):
                        async for _ in parts:
                            pass
        except httpx.TransportError as error:
            raise calls.unreachable(self._where, error) from None

    # -- life ------------------------------------------------------------------------------------

    async def aclose(self) -> None:
        """Hang up; the node goes on."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _ask(self, call: Call[T]) -> T:
        answer = await self._send(call.method, call.path, call.query, call.body)
        return cast("T", calls.value(answer.status_code, answer.content))

    async def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        body: Mapping[str, Any] | bytes | None,
    ) -> httpx.Response:
        self._where.check()
        sent = calls.sending(body)
        try:
            return await self._http.request(method, path, params=dict(query), **sent)
        except httpx.TransportError as error:
            raise calls.unreachable(self._where, error) from None
        except (httpx.InvalidURL, ValueError, TypeError) as error:
            raise ControlError("wrong_call", f"this cannot be sent: {error}") from None
