"""Is it alive, is it of use, and the counts: /livez, /readyz, /metrics."""

import logging
import shutil
from collections.abc import Callable
from typing import Final

from p2p.control import metrics
from p2p.control.access import Scope
from p2p.control.device import Device
from p2p.control.messages import Action, Answer, said
from p2p.control.routing import Asked, Route
from web3rec.errors import Web3recError
from web3rec.recommender import Recommender

logger = logging.getLogger(__name__)

LEAST_FREE: Final = 1_048_576
"""Bytes of disk below which the log counts as not writable: SQLite needs room for its WAL."""


def routes(rec: Recommender, device: Device, exposition: Callable[[], bytes] | None) -> list[Route]:
    """`exposition` gives the metrics; None if they are off."""
    checks = Health(rec, device)
    found = [
        Route(method="GET", path="/livez", needs=Scope.OPEN, handler=checks.livez, inline=True),
        Route(method="GET", path="/readyz", needs=Scope.OPEN, handler=checks.readyz),
    ]
    if exposition is not None:
        told = exposition

        def scrape(_asked: Asked) -> Action:
            return lambda: Answer(200, told(), metrics.KIND)

        found.append(Route(method="GET", path="/metrics", needs=Scope.READ, handler=scrape))
    return found


class Health:
    """Handlers; see `routing`."""

    def __init__(self, rec: Recommender, device: Device) -> None:
        self._rec, self._device = rec, device

    def livez(self, _asked: Asked) -> Action:
        """This process answers."""
        return lambda: said({"alive": True})

    def readyz(self, _asked: Asked) -> Action:
        """Listening or paused by will, and the log can be written; else 503 says what is not."""

        def act() -> Answer:
            network = self._device.status().state.partition(":")[0]
            log = self._log()
            ready = network in ("running", "paused") and log == "writable"
            told = {"ready": ready, "network": network, "log": log}
            return said(told, 200 if ready else 503)

        return act

    def _log(self) -> str:
        log = self._rec.log
        try:
            if log.read_only:
                return "read_only"
            with log.together():  # an empty transaction: takes and frees the write lock
                pass
            free = shutil.disk_usage(self._rec.path).free
        except (Web3recError, OSError) as error:
            logger.warning("the log cannot be written: %s", type(error).__name__)
            return "closed_or_broken"
        return "writable" if free >= LEAST_FREE else "disk_full"
