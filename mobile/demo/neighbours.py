"""The other process, from this side: started, asked for addresses, ended."""

import json
import subprocess
import sys
import threading
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from mobile.demo.company import ROOT
from p2p.errors import NodeError
from p2p.node import Node

END_SECONDS: Final = 10.0
"""For the neighbours to leave by themselves, once their input ended"""


class Neighbours:
    """Peers on loopback, in a process of their own; they dial nobody here, they are dialled.

    Nothing here waits for them: they take some seconds to stand up, and the app's node learns of
    them when they do.
    """

    def __init__(self) -> None:
        """Nothing runs until it is entered."""
        self._lock = threading.Lock()
        self._addresses: tuple[str, ...] = ()
        self._node: Node | None = None
        self._stand = threading.Event()

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where they can be dialled; () until they stand."""
        return self._addresses

    def wait(self, seconds: float) -> tuple[str, ...]:
        """Their addresses, once they stand; () if they do not in that time."""
        self._stand.wait(seconds)
        return self._addresses

    def meet(self, node: Node) -> None:
        """From now on this is the app's node: it dials them as soon as they can be dialled."""
        with self._lock:
            self._node = node
        self._introduce()

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mobile.demo.peers"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._reader = threading.Thread(target=self._listen, name="neighbours", daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        process = self._process
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._reader.join()
        if process.stdout is not None:
            process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for above
        line = self._process.stdout.readline()
        if line:  # "" if it ended before it stood
            with self._lock:
                self._addresses = tuple(json.loads(line)["addresses"])
            self._introduce()
        self._stand.set()

    def _introduce(self) -> None:
        with self._lock:
            node, addresses = self._node, self._addresses
        if node is None:
            return
        with suppress(NodeError):  # closed meanwhile; the next one is introduced when it is made
            for address in addresses:
                node.dial(address)
