"""A headless Chromium, driven over its DevTools protocol; enough to look at a page of ours."""

import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import trio
from trio_websocket import ConnectionClosed, WebSocketConnection, open_websocket_url

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",  # containers have none to offer; it sees our own page only
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
)


def chromium() -> str | None:
    """The browser's path, None if there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@dataclass
class Page:
    """One tab, and what happened in it."""

    socket: WebSocketConnection
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """Errors of the console, of scripts, of the content security policy"""
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _waiting: dict[int, trio.MemorySendChannel[dict[str, Any]]] = field(default_factory=dict)

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        send, receive = trio.open_memory_channel[dict[str, Any]](1)
        self._waiting[number] = send
        await self.socket.send_message(
            json.dumps({"id": number, "method": method, "params": params})
        )
        with trio.fail_after(30):
            told = await receive.receive()
        if "error" in told:
            raise RuntimeError(f"{method}: {told['error']}")
        found: dict[str, Any] = told["result"]
        return found

    async def hear(self) -> None:
        """Sort what the browser says, until it is gone."""
        try:
            while True:
                self._sort(json.loads(await self.socket.get_message()))
        except ConnectionClosed:
            return

    def _sort(self, told: dict[str, Any]) -> None:
        params = told.get("params", {})
        match told.get("method"):
            case None:
                self._waiting.pop(told["id"]).send_nowait(told)
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(params["exceptionDetails"]))
            case "Log.entryAdded" if params["entry"]["level"] == "error":
                self.complaints.append(params["entry"]["text"])
            case "Runtime.consoleAPICalled" if params["type"] in ("error", "assert"):
                self.complaints.append(json.dumps(params["args"]))
            case _:
                pass

    async def look(self, url: str, *, width: int, height: int, dark: bool = False) -> None:
        """Go there."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])
        await self.call("Page.navigate", url="about:blank")  # another fragment alone loads nothing
        await self.call("Page.navigate", url=url)

    async def value(self, script: str) -> Any:
        """What a script gives."""
        told = await self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def until(self, script: str, within: float = 20) -> None:
        """Wait until a script gives true; while the page loads, it may fail."""
        tried = f"(() => {{ try {{ return {script} }} catch {{ return false }} }})()"
        with trio.fail_after(within):
            while not await self.value(tried):  # noqa: ASYNC110 - another process's event
                await trio.sleep(0.05)

    async def picture(self, path: Path, *, whole: bool = True) -> None:
        """Save what is seen, or all that could be scrolled to."""
        told = await self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole,
                               **(await self._clip() if whole else {}))  # fmt: skip
        await trio.Path(path).write_bytes(base64.b64decode(told["data"]))

    async def _clip(self) -> dict[str, Any]:
        size = (await self.call("Page.getLayoutMetrics"))["cssContentSize"]
        return {
            "clip": {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        }


@asynccontextmanager
async def browsing() -> AsyncIterator[Page]:
    """A fresh browser with one empty tab; gone, with its profile, afterwards."""
    path = chromium()
    assert path is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [path, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
        environ = os.environ | {"HOME": profile}
        browser = await trio.lowlevel.open_process(
            command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            port = await _port(Path(profile))
            async with (
                open_websocket_url(await _tab(port)) as socket,
                trio.open_nursery() as nursery,
            ):
                page = Page(socket)
                nursery.start_soon(page.hear)
                for domain in ("Page", "Network", "Runtime", "Log"):
                    await page.call(f"{domain}.enable")
                yield page
                nursery.cancel_scope.cancel()
        finally:
            browser.terminate()
            with trio.CancelScope(shield=True):
                await browser.wait()


async def _port(profile: Path) -> int:
    """The debugging port, once the browser has written it down."""
    with trio.fail_after(30):
        while True:
            try:
                return int((profile / "DevToolsActivePort").read_text().splitlines()[0])
            except (OSError, IndexError, ValueError):
                await trio.sleep(0.05)


async def _tab(port: int) -> str:
    """The websocket of its first tab."""
    import httpx  # noqa: PLC0415 - only a browser's test needs it here

    async with httpx.AsyncClient(trust_env=False) as client:
        with trio.fail_after(20):
            while True:
                tabs = (await client.get(f"http://127.0.0.1:{port}/json")).json()
                for tab in tabs:
                    if tab["type"] == "page":
                        return str(tab["webSocketDebuggerUrl"])
                await trio.sleep(0.05)
